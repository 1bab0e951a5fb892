"""Scenarios of undoing: what has finished is taken back, once, the newest first."""

from __future__ import annotations

from typing import Any

from tests.workflows.scenarios import Scenario, Step
from tests.workflows.scenarios import definition as written


def definition(name: str, text: str, metadata: str = "{ owner: desk }", **more: Any) -> Scenario:
    """Make a scenario of a definition that somebody owns."""
    return written(name, text, metadata, **more)


def _said(name: str, text: str, undo: str | None = None, more: str = "") -> str:
    """One line of a flow: a comment, and the comment that takes it back."""
    undone = "" if undo is None else f", metadata: {{ undo: [ {{ un{name}: {_comment(undo)} }} ] }}"
    return f"- {name}: {_comment(text)[:-2]}{undone}{more} }}"


def _comment(text: str) -> str:
    return (
        f"{{ call: ticket.comment, with: {{ ticket: T-1, text: {text}, visibility: internal }} }}"
    )


def _at(place: str, n: int = 1) -> tuple[str, str]:
    return ("ticket.comment", f"{place}#{n}")


FIRST, UN_FIRST = "/do/0/first", "/do/0/first/metadata/undo/0/unfirst"
SECOND, UN_SECOND = "/do/1/second", "/do/1/second/metadata/undo/0/unsecond"
BOTH = f"""
  {_said("first", "one", "'${ [.id, $case.results.first.id] | tojson }'")}
  {_said("second", "two", "'${ .id }'")}
"""
FAILING = """- second:
      call: ticket.comment
      with: { ticket: T-1, text: two, visibility: internal }
      metadata: { undo: [ { tell: { call: ticket.update, with: { ticket: T-1, set: { status: new } } } } ] }"""
BACK = "- back: { call: undo, with: { backTo: first, reason: it was wrong } }"
TOLD = ("ticket.update", "/do/1/second/metadata/undo/0/tell#1")
WAITS = "- rest: { call: wait-for, with: { after: { hours: 9 } } }"
FAILS = "- no: { raise: { error: { type: about:blank, status: 400, title: No } } }"

UNDO_SCENARIOS: tuple[Scenario, ...] = (
    definition(
        "undone-by-a-cancel",
        f"do:{BOTH}  {WAITS}",
        steps=(Step(phase="open", after=1, cancel="no more"),),
        ends="cancelled",
        actions=(_at(FIRST), _at(SECOND), _at(UN_SECOND), _at(UN_FIRST)),
    ),
    definition(
        "undone-by-a-fault",
        f"do:{BOTH}  {FAILS}",
        ends="failed",
        error={"title": "No"},
        actions=(_at(FIRST), _at(SECOND), _at(UN_SECOND), _at(UN_FIRST)),
    ),
    definition(
        "undone-by-the-flow",
        f"""
        do:
          {_said("first", "one", "un one")}
          {_said("second", "two", "un two")}
          {_said("third", "three")}
          - back: {{ call: undo, with: {{ backTo: second, reason: it was wrong }} }}
          - again: {{ switch: [ {{ once: {{ when: '${{ $case.runs.back == 1 }}', then: second }} }}, {{ on: {{ then: end }} }} ] }}
        """,
        output={"complete": True, "undone": [{"task": "second", "state": "undone"}]},
        actions=(
            _at(FIRST),
            _at(SECOND),
            _at("/do/2/third"),
            _at(UN_SECOND),
            # Done again under a key of its own, and undone again.
            _at(SECOND, 2),
            _at("/do/2/third", 2),
            _at(UN_SECOND, 2),
        ),
    ),
    definition(
        "rounds-are-undone",
        f"""
        do:
          - each:
              for: {{ in: '${{ [1, 2, 3] }}' }}
              do:
                {_said("book", "'${ $item | tostring }'", "'${ $item | tostring }'")}
          {WAITS}
        """,
        steps=(Step(phase="open", after=1, cancel="no more"),),
        ends="cancelled",
        actions=(
            *(_at("/do/0/each/do/0/book", n) for n in (1, 2, 3)),
            *(_at("/do/0/each/do/0/book/metadata/undo/0/unbook", n) for n in (1, 2, 3)),
        ),
    ),
    definition(
        "a-retry-is-undone-once",
        f"""
        do:
          - attempt:
              try:
                {_said("first", "one", "un one")}
                - no: {{ raise: {{ error: {{ type: about:blank, status: 503, title: Busy }} }} }}
              catch: {{ errors: {{ with: {{ status: 503 }} }}, retry: {{ delay: {{ milliseconds: 10 }}, backoff: {{ constant: {{}} }}, limit: {{ attempt: {{ count: 2 }} }} }} }}
        """,
        ends="failed",
        actions=(
            *(_at("/do/0/attempt/try/0/first") for _ in range(3)),
            _at("/do/0/attempt/try/0/first/metadata/undo/0/unfirst"),
        ),
    ),
    definition(
        "what-is-undone-is-done-anew",
        f"""
        do:
          - attempt:
              try:
                {_said("first", "one", "un one")}
                - back: {{ call: undo, with: {{ backTo: first, reason: not like this }} }}
                - no: {{ raise: {{ error: {{ type: about:blank, status: 503, title: Busy }} }} }}
              catch: {{ errors: {{ with: {{ status: 503 }} }}, retry: {{ delay: {{ milliseconds: 10 }}, backoff: {{ constant: {{}} }}, limit: {{ attempt: {{ count: 1 }} }} }} }}
        """,
        ends="failed",
        actions=(
            _at("/do/0/attempt/try/0/first"),
            _at("/do/0/attempt/try/0/first/metadata/undo/0/unfirst"),
            _at("/do/0/attempt/try/0/first", 2),
            _at("/do/0/attempt/try/0/first/metadata/undo/0/unfirst", 2),
        ),
    ),
    definition(
        "undone-by-people",
        f"""
        do:
          {_said("first", "one", "un one")}
          - given:
              call: ticket.comment
              with: {{ ticket: T-1, text: two, visibility: internal }}
              metadata:
                undo:
                  - takeBack: {{ call: work-item, with: {{ title: Take it back, assign: {{ group: desk }}, due: {{ hours: 8 }}, onDue: keep, outcomes: {{ done: {{}} }} }} }}
                  - say: {_comment("'${ .id }'")}
          {WAITS}
        """,
        steps=(
            Step(phase="open", after=1, cancel="no more"),
            Step(when="takeBack", after=1, answer="done"),
        ),
        ends="cancelled",
        actions=(
            _at(FIRST),
            _at("/do/1/given"),
            ("work-item.announce", "/do/1/given/metadata/undo/0/takeBack#1:announced"),
            _at("/do/1/given/metadata/undo/1/say"),
            _at(UN_FIRST),
        ),
    ),
    definition(
        "a-failing-undo-waits",
        f"""
        do:
          {_said("first", "one", "un one")}
          - second:
              call: ticket.comment
              with: {{ ticket: T-1, text: two, visibility: internal }}
              metadata: {{ undo: [ {{ tell: {{ call: ticket.update, with: {{ ticket: T-1, set: {{ status: new }} }} }} }} ] }}
          {WAITS}
        """,
        steps=(
            Step(phase="open", after=1, cancel="no more"),
            Step(operate="retry", after=1),
        ),
        failing={"ticket.update": 1},
        ends="cancelled",
        actions=(
            _at(FIRST),
            _at(SECOND),
            ("ticket.update", "/do/1/second/metadata/undo/0/tell#1"),
            _at(UN_FIRST),
            ("ticket.update", "/do/1/second/metadata/undo/0/tell#1"),
        ),
    ),
    definition(
        "a-cancel-leaves-an-undo-of-people-to-them",
        """
        do:
          - first:
              call: ticket.comment
              with: { ticket: T-1, text: one, visibility: internal }
              metadata: { undo: [ { takeBack: { call: work-item, with: { title: Back, assign: { group: desk }, due: { hours: 2 }, onDue: keep, outcomes: { done: {} } } } } ] }
          - back: { call: undo, with: { backTo: first, reason: it was wrong } }
        """,
        steps=(
            Step(when="takeBack", after=0.5, cancel="no more"),
            Step(when="takeBack", after=0.5, answer="done"),
        ),
        ends="cancelled",
        actions=(
            _at(FIRST),
            ("work-item.announce", "/do/0/first/metadata/undo/0/takeBack#1:announced"),
        ),
    ),
    definition(
        "a-cancel-leaves-a-held-undo-to-the-operator",
        f"do:\n  {_said('first', 'one', 'un one')}\n  {FAILING}\n  {BACK}",
        steps=(
            Step(phase="held", after=1, cancel="no more"),
            Step(operate="retry", after=1),
        ),
        failing={"ticket.update": 1},
        ends="cancelled",
        actions=(_at(FIRST), _at(SECOND), TOLD, _at(UN_FIRST), TOLD),
    ),
    definition(
        "a-move-of-the-flow-leaves-a-held-undo-to-the-operator",
        f"do:\n  {_said('first', 'one', 'un one')}\n  {FAILING}\n  {BACK}\n  {_said('last', 'on')}",
        metadata="{ owner: desk, reactions: { moved: { on: { event: moved }, goTo: last } } }",
        steps=(
            Step(phase="held", after=1, event={"id": "m", "type": "moved", "data": {}}),
            Step(operate="retry", after=1),
        ),
        failing={"ticket.update": 1},
        output=...,
        # The case is over when everything is undone, though its last task is over before.
        actions=(_at(FIRST), _at(SECOND), TOLD, _at(UN_FIRST), _at("/do/3/last"), TOLD),
    ),
    definition(
        "a-move-of-the-flow-leaves-a-held-reaction-to-the-operator",
        f"do:\n  {WAITS}\n  {_said('last', 'on')}\n  - pause: {{ call: wait-for, with: {{ event: over }} }}",
        metadata="{ owner: desk, reactions: { moved: { on: { event: moved }, goTo: last }, tells: { on: { event: told }, do: [ { tell: { call: ticket.update, with: { ticket: T-1, set: { status: new } } } } ] } } }",
        steps=(
            Step(phase="open", after=0.2, event={"id": "t", "type": "told", "data": {}}),
            Step(phase="open", after=0.8, event={"id": "m", "type": "moved", "data": {}}),
            Step(operate="retry", after=0.5),
            Step(phase="open", after=0.5, event={"id": "o", "type": "over", "data": {}}),
        ),
        failing={"ticket.update": 1},
        output=...,
        actions=(
            ("ticket.update", "/document/metadata/reactions/tells/do/0/tell#1"),
            _at("/do/1/last"),
            ("ticket.update", "/document/metadata/reactions/tells/do/0/tell#1"),
        ),
    ),
    definition(
        "last-words-of-a-cancel",
        f"do:\n  {_said('first', 'one', 'un one')}\n  {WAITS}",
        metadata="{ owner: desk, reactions: { gone: { on: { event: case.cancelled }, do: [ { tell: { call: ticket.comment, with: { ticket: T-1, text: '${ .data.reason }', visibility: public } } } ] } } }",
        steps=(Step(phase="open", after=1, cancel="no more"),),
        ends="cancelled",
        actions=(
            _at(FIRST),
            _at(UN_FIRST),
            _at("/document/metadata/reactions/gone/do/0/tell"),
        ),
    ),
    definition(
        "a-branch-goes-back-alone",
        f"""
        do:
          - both:
              fork:
                branches:
                  - left:
                      do:
                        {_said("here", "left", "un left")}
                        - pause: {{ wait: {{ milliseconds: 200 }} }}
                        - back: {{ call: undo, with: {{ backTo: here, reason: not here }} }}
                  - right:
                      do:
                        - soon: {{ wait: {{ milliseconds: 50 }} }}
                        {_said("there", "right", "un right")}
        """,
        output=...,
        actions=(
            _at("/do/0/both/fork/branches/0/left/do/0/here"),
            _at("/do/0/both/fork/branches/1/right/do/1/there"),
            _at("/do/0/both/fork/branches/0/left/do/0/here/metadata/undo/0/unhere"),
        ),
    ),
)

WITH_A_PART = definition(
    "the-whole-waits-for-a-part",
    f"""
    do:
      {_said("first", "one", "un one")}
      - part: {{ run: {{ workflow: {{ namespace: tests, name: part-with-undo, version: latest, input: {{}} }} }} }}
    """,
    parts=(
        definition(
            "part-with-undo",
            f"do:\n  {_said('inside', 'inner', 'un inner')}\n  {WAITS}",
        ),
    ),
    steps=(Step(phase="open", after=1, cancel="no more"),),
    ends="cancelled",
    actions=(
        _at(FIRST),
        _at("/do/0/inside"),
        _at("/do/0/inside/metadata/undo/0/uninside"),
        _at(UN_FIRST),
    ),
)
"""A case whose part is cancelled with it, and undoes its own work first."""
