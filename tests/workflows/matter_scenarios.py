"""Cases of one matter: a child works on the record of the root, in every runtime."""

from __future__ import annotations

from typing import Any

from tests.workflows.scenarios import Scenario, Step, definition


def _metadata(more: str) -> str:
    return "{ owner: desk, " + more + " }"


def said(name: str, text: str) -> str:
    """A task that says a text on the ticket."""
    return f"- {name}: {{ call: ticket.comment, with: {{ ticket: T-1, text: '{text}', visibility: public }} }}"


RUNS = "- part: {{ run: {{ workflow: {{ namespace: tests, name: {name}, version: latest, input: {{}} }} }} }}"
OWN = "statuses: { open: { phase: open }, asked: { phase: waiting }, done: { phase: resolved }, closed: { phase: closed } }"
RECORD = "start: { record: { subject: 'VPN', requester: { mail: amy@example.org }, data: { a: 1, b: null, text: null, deep: null, middle: null } } }"
MESSAGE: dict[str, Any] = {
    "id": "m1", "type": "message.received", "data": {"from": "customer", "text": "Version 4"},
}  # fmt: skip


def at(path: str, n: int = 1) -> tuple[str, str]:
    """The key of a comment."""
    return ("ticket.comment", f"{path}#{n}")


SAY_0 = said("say", '${ "\\($case.priority) \\($case.data.a) \\($case.data.b) \\($case.owner)" }')
SAY_1 = said("say", '${ "\\($case.subject) \\($case.data.a) \\($case.data.b)" }')
SAY_2 = said("say", '${ "\\($case.status) \\($case.data.text)" }')
SAY_3 = said("say", "${ $case.data.text }")
SAY_4 = said("say", '${ "\\($case.data.deep) \\($case.data.middle)" }')
SAY_5 = said("say", "${ $case.subject }")

WRITES = definition(
    "a-part-writes-the-record",
    f"""
    do:
      {RUNS.format(name="part-that-writes")}
      {SAY_0}
    """,
    metadata=_metadata(f"{OWN}, {RECORD}"),
    parts=(
        definition(
            "part-that-writes",
            f"""
            do:
              - write: {{ call: case.update, with: {{ priority: P1, owner: chen, data: {{ b: 2 }} }} }}
              {SAY_1}
            """,
            metadata=_metadata("record: matter"),
        ),
    ),
    output=...,
    actions=(at("/do/1/say"), at("/do/1/say")),
)
"""What a part writes stands in the record of the whole when it goes on."""

HEARS = definition(
    "a-part-hears-what-the-root-is-told",
    f"""
    do:
      {RUNS.format(name="part-that-waits")}
      {SAY_2}
    """,
    metadata=_metadata(f"{OWN}, {RECORD}"),
    parts=(
        definition(
            "part-that-waits",
            f"""
            do:
              - ask: {{ call: status, with: {{ to: asked }} }}
              - hear: {{ call: wait-for, with: {{ event: message.received, match: {{ from: customer }} }} }}
              - go: {{ call: status, with: {{ to: open }} }}
              - keep: {{ call: case.update, with: {{ data: {{ text: '${{ $case.results.hear.event.text }}' }} }} }}
              {SAY_3}
            """,
            metadata=_metadata("record: matter"),
        ),
    ),
    steps=(Step(phase="waiting", after=0.2, event=MESSAGE),),
    output=...,
    actions=(at("/do/4/say"), at("/do/1/say")),
)
"""A part sets the status of the matter, and what the root is told reaches it."""

NESTED = definition(
    "a-part-of-a-part",
    f"""
    do:
      {RUNS.format(name="middle-part")}
      {SAY_4}
    """,
    metadata=_metadata(f"{OWN}, {RECORD}"),
    parts=(
        definition(
            "middle-part",
            f"""
            do:
              {RUNS.format(name="inner-part")}
              - write: {{ call: case.update, with: {{ data: {{ middle: '${{ $case.data.deep + 1 }}' }} }} }}
            """,
            metadata=_metadata("record: matter, statuses: { working: { phase: open } }"),
        ),
        definition(
            "inner-part",
            f"""
            do:
              - wait: {{ call: status, with: {{ to: supplier }} }}
              - hear: {{ call: wait-for, with: {{ event: message.received }} }}
              - write: {{ call: case.update, with: {{ data: {{ deep: 6 }} }} }}
              {SAY_5}
            """,
            metadata=_metadata(
                "record: matter, statuses: { begun: { phase: open }, supplier: { phase: waiting } }"
            ),
        ),
    ),
    steps=(Step(phase="waiting", after=0.2, event=MESSAGE),),
    output=...,
    actions=(at("/do/3/say"), at("/do/1/say")),
)
"""A part of a part works on the record of the root, and the root waits with it."""

ALONE = definition(
    "nobody-elses",
    "do:\n  - write: { call: case.update, with: { data: { b: 2 } } }\n  "
    + said("say", '${ "\\($case.data.b)" }'),
    metadata=_metadata("record: matter"),
    output=...,
    actions=(at("/do/1/say"),),
)
"""A case of nobody's matter has a record of its own."""

MATTER_SCENARIOS: tuple[Scenario, ...] = (WRITES, HEARS, NESTED, ALONE)
SAID = {
    WRITES.name: {"part-that-writes": ["VPN 1 2"], WRITES.name: ["P1 1 2 chen"]},
    HEARS.name: {"part-that-waits": ["Version 4"], HEARS.name: ["open Version 4"]},
    NESTED.name: {"inner-part": ["VPN"], NESTED.name: ["6 7"]},
    ALONE.name: {ALONE.name: ["2"]},
}
"""What each case of a scenario says on the ticket."""
