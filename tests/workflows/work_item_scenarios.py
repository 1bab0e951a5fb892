"""Scenarios of work items: who does them, what time and events decide, and what runs beside them."""

from __future__ import annotations

from tests.workflows.scenarios import Scenario, Step, definition

METADATA = """{
    owner: leads, calendar: office,
    statuses: { open: { phase: open }, closed: { phase: closed } } }"""
CLOCKED = METADATA[:-1] + ", clocks: { ola: { target: { hours: 4 }, onReopen: resume } } }"

TO_LIN = {"to": {"person": "lin"}}
ANNOUNCED = ("work-item.announce", "/do/0/look#1:announced")

WORK_ITEM_SCENARIOS: tuple[Scenario, ...] = (
    definition(
        "delegated",
        """
        do:
          - look:
              call: work-item
              with:
                title: Please look
                assign: { group: desk }
                owns: true
                due: { hours: 8 }
                onDue: keep
                outcomes: { done: {} }
          - tell:
              call: ticket.comment
              with:
                ticket: T-1
                visibility: internal
                text: >-
                  ${ "\\($case.results.look.by) for \\($case.results.look.onBehalfOf) in
                  \\($case.results.look.effort), owned by \\($case.owner)" }
        """,
        METADATA,
        steps=(
            Step(when="look", act=("delegate", TO_LIN)),
            Step(
                when="look",
                state="claimed",
                by="lin",
                after=0.5,
                act=("draft", {"values": {"note": "half"}}),
            ),
            Step(
                when="look",
                state="claimed",
                by="lin",
                act=("answer", {"outcome": "done", "effort": "PT20M"}),
            ),
        ),
        output=...,
        actions=(
            ANNOUNCED,
            ("work-item.announce", "/do/0/look#1:handed1"),
            ("ticket.comment", "/do/1/tell#1"),
        ),
    ),
    definition(
        "taken-back",
        """
        do:
          - look:
              call: work-item
              with:
                title: Please look
                assign: { group: desk }
                due: { hours: 8 }
                onDue: keep
                outcomes: { done: {} }
        """,
        METADATA,
        steps=(
            Step(when="look", act=("delegate", TO_LIN)),
            Step(
                when="look",
                state="claimed",
                after=0.5,
                act=("delegate", {"to": {"person": "chen"}}),
            ),
            Step(when="look", state="claimed", after=0.5, answer="done"),
        ),
        output=...,
        actions=(
            ANNOUNCED,
            ("work-item.announce", "/do/0/look#1:handed1"),
            ("work-item.announce", "/do/0/look#1:taken2"),
        ),
    ),
    definition(
        "withdrawn-by-a-reaction",
        """
        do:
          - look:
              call: work-item
              with:
                title: Please look
                assign: { group: desk }
                due: { hours: 8 }
                onDue: keep
                outcomes: { done: {} }
          - tell:
              call: ticket.comment
              with: { ticket: T-1, visibility: internal, text: '${ $case.results.look.outcome }' }
        """,
        METADATA[:-1]
        + """,
    reactions: { over: { on: { event: alert.resolved }, do: [
      { gone: { call: work-item.withdraw, with: { task: look, reason: it is over } } } ] } } }""",
        steps=(
            Step(when="look", act=("claim", {})),
            Step(when="look", state="claimed", event={"id": "e1", "type": "alert.resolved"}),
        ),
        output=...,
        actions=(
            ANNOUNCED,
            ("ticket.comment", "/do/1/tell#1"),
            ("work-item.announce", "item:look:withdrawn"),
        ),
    ),
    definition(
        "reassigned-by-a-reaction",
        """
        do:
          - look:
              call: work-item
              with:
                title: Please look
                assign: { group: desk, exclude: [ { person: lin } ] }
                due: { hours: 8 }
                onDue: keep
                outcomes: { done: {} }
        """,
        METADATA[:-1]
        + """,
    reactions: { moves: { on: { event: moved }, do: [
      { give: { call: work-item.reassign, with: { to: [ { person: lin }, { person: chen } ], reason: moved } } } ] } } }""",
        steps=(
            Step(when="look", event={"id": "e1", "type": "moved"}),
            Step(when="look", after=0.5, answer="done"),
        ),
        output=...,
        actions=(ANNOUNCED, ("work-item.announce", "/do/0/look#1:handed1")),
    ),
    definition(
        "answered-by-an-event",
        """
        do:
          - look:
              call: work-item
              with:
                title: Please look
                assign: { group: desk }
                due: { hours: 8 }
                onDue: keep
                outcomes: { done: {} }
                answeredBy: [ { event: done, match: { of: us }, outcome: done, take: { note: text } } ]
          - tell:
              call: ticket.comment
              with: { ticket: T-1, visibility: internal, text: '${ $case.results.look.answer | tojson }' }
        """,
        METADATA,
        steps=(
            Step(when="look", event={"id": "e1", "type": "done", "data": {"of": "them"}}),
            Step(when="look", act=("claim", {})),
            Step(
                when="look",
                state="claimed",
                event={"id": "e2", "type": "done", "data": {"of": "us", "text": "found it"}},
            ),
        ),
        output=...,
        actions=(
            ANNOUNCED,
            ("work-item.announce", "item:look:withdrawn"),
            ("ticket.comment", "/do/1/tell#1"),
        ),
    ),
    definition(
        "on-a-clock",
        """
        do:
          - look:
              call: work-item
              with:
                title: Please look
                assign: { group: desk }
                clock: ola
                due: { hours: 8 }
                onDue: keep
                outcomes: { done: {}, again: {} }
          - more:
              switch:
                - again: { when: '${ $case.results.look.outcome == "again" }', then: look }
                - otherwise: { then: tell }
          - tell:
              call: ticket.comment
              with: { ticket: T-1, visibility: internal, text: '${ $case.clocks.ola.state }' }
        """,
        CLOCKED,
        steps=(
            Step(when="look", answer="again"),
            Step(when="look#2", answer="done"),
        ),
        output=...,
        actions=(
            ANNOUNCED,
            ("work-item.announce", "/do/0/look#2:announced"),
            ("ticket.comment", "/do/2/tell#1"),
        ),
    ),
    definition(
        "a-claimed-branch-that-lost",
        """
        do:
          - first:
              fork:
                compete: true
                branches:
                  - look:
                      call: work-item
                      with:
                        title: Please look
                        assign: { group: desk }
                        due: { hours: 8 }
                        onDue: keep
                        outcomes: { done: {} }
                  - recovered: { call: wait-for, with: { event: alert.resolved } }
        """,
        METADATA,
        steps=(
            Step(when="look", act=("claim", {})),
            Step(when="look", state="claimed", event={"id": "e1", "type": "alert.resolved"}),
        ),
        output=...,
        actions=(
            ("work-item.announce", "/do/0/first/fork/branches/0/look#1:announced"),
            ("work-item.announce", "item:look:withdrawn"),
        ),
    ),
    definition(
        "cancelled-with-a-claim",
        """
        do:
          - look:
              call: work-item
              with:
                title: Please look
                assign: { group: desk }
                due: { hours: 8 }
                onDue: keep
                outcomes: { done: {} }
        """,
        METADATA,
        steps=(
            Step(when="look", act=("claim", {})),
            Step(when="look", state="claimed", cancel="not needed"),
        ),
        ends="cancelled",
        actions=(ANNOUNCED, ("work-item.announce", "item:look:withdrawn")),
    ),
    definition(
        "passed-on-in-time",
        """
        do:
          - look:
              call: work-item
              with:
                title: Please look
                assign: { person: chen }
                due: { milliseconds: 40 }
                onDue:
                  - { after: { milliseconds: 40 }, reassign: { person: lin } }
                  - { after: { milliseconds: 400 }, answer: done, values: { by: time } }
                outcomes: { done: {} }
        """,
        METADATA,
        output=...,
        actions=(ANNOUNCED, ("work-item.announce", "/do/0/look#1:announced0")),
    ),
)
