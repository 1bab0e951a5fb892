"""What validation says of events that are emitted or waited for."""

from __future__ import annotations

import pytest

from language.compile import check_definition

HEAD = "document: { dsl: '1.0.3', namespace: tests, name: events, version: '1.0.0' }\n"


def codes(text: str) -> list[tuple[str, int]]:
    """Codes and lines of the findings, without those about the rest of a file."""
    _, findings = check_definition(HEAD + text, "process.yaml")
    return [(each.code, each.line) for each in findings if each.code != "CW402"]


def listen(to: str) -> str:
    """One listening task; the strategy stands in line 5."""
    return f"do:\n  - hear:\n      listen:\n        to: {to}\n"


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("{ one: { with: { type: a, subject: '7', data: { Any: 1 } } } }", []),
        ("{ one: { with: { type: a, Subject: '7' } } }", ["CW120"]),
        ("{ one: { with: { typ: a } } }", ["CW120"]),
        ("{ one: { with: { type: a, types: b } } }", []),
        ("{ any: [ { with: { type: a } } ], until: { all: [ { with: { e_f: b } } ] } }", ["CW120"]),
        ("{ one: { with: { type: a } }, until: 'true' }", ["CW121"]),
        ("{ one: { with: { subject: '${ .subject == $input.x }' } } }", ["CW122"]),
        ("{ one: { with: { subject: '${ . == $input.x }' } } }", []),
        ("{ one: { with: { data: '${ .subject == \"7\" }' } } }", []),
        ("{ one: { with: { data: { a: '${ .b.c }' } } } }", []),
        ("{ one: { with: { type: a }, correlate: { x: { from: .data.x, expect: .id } } } }", []),
        ("{ one: { with: { type: a }, correlate: { x: { from: .data.x, expect: room-1 } } } }", []),
        ("{ one: { with: { type: a }, correlate: { x: { from: .data.x, expect: '.id.[' } } } }", ["CW301"]),
        ("{ one: { with: { type: a }, correlate: { x: { from: .data.x, expect: $inptu.id } } } }", ["CW303"]),
    ],
)  # fmt: skip
def test_filters(to: str, expected: list[str]) -> None:
    """Names of attributes, values at their places, expectations that are expressions."""
    assert codes(listen(to)) == [(code, 5) for code in expected]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("{ one: { with: { type: a, data: '${ .n > 1 }' } } }", []),
        ("{ one: { with: { type: a, data: '${ .n > $context.n }' } } }", ["CW303"]),
        ("{ any: [], until: '(. | length) > ($case.key | length)' }", ["CW303"]),
        ("{ one: { with: { type: a, data: '${ .n > }' } } }", ["CW301"]),
    ],
)
def test_what_starts_a_case(on: str, expected: list[str]) -> None:
    """Its expressions are read like others, and see the event alone."""
    text = f"schedule: {{ on: {on} }}\ndo: [ {{ a: {{ set: {{ b: 1 }} }} }} ]\n"

    assert codes(text) == [(code, 2) for code in expected]


def test_what_is_emitted() -> None:
    """An event with such an attribute would not be published."""
    text = "do:\n  - a: { emit: { event: { with: { type: x, orderId: 7, order: 8 } } } }\n"

    assert codes(text) == [("CW120", 3)]


def test_names_of_our_own_workflows_are_kept() -> None:
    """A case of such a definition would be taken for a router of events."""
    head = HEAD.replace("name: events", "name: caseway-events")
    _, findings = check_definition(head + "do: [ { a: { set: { b: 1 } } } ]\n", "process.yaml")

    assert [(each.code, each.line) for each in findings] == [("CW111", 1)]


@pytest.mark.parametrize(
    ("metadata", "more", "expected"),
    [
        ("{ owner: lin }", "", [("CW402", 3)]),
        ("{ owner: lin }", "      timeout: { after: { days: 1 } }\n", []),
        ("{ team: x }", "", []),
    ],
)
def test_a_process_of_ours_does_not_listen_for_ever(
    metadata: str, more: str, expected: list[tuple[str, int]]
) -> None:
    """Files of others may: the standard has no such rule."""
    head = HEAD.replace(" }", f", metadata: {metadata} }}", 1)
    text = "do:\n  - hear:\n      listen: { to: { one: { with: { type: a } } } }\n" + more
    _, findings = check_definition(head + text, "process.yaml")

    assert [(each.code, each.line) for each in findings if each.code != "CW205"] == expected
