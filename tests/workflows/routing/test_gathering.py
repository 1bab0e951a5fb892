"""Consuming events by the standard's strategies."""

from __future__ import annotations

from typing import Any

from language.plan import Listen
from tests.workflows.event_scenarios import written
from tests.workflows.routing.listening import event
from workflows.routing.filters import evaluated
from workflows.routing.gathering import Gathering


def gathering(to: str, **expected: Any) -> Gathering:
    """Compile a strategy, in flow style."""
    plan = written("gathers", f"do:\n  - a:\n      listen: {{ to: {to} }}\n")
    task = plan.tasks[0]
    assert isinstance(task, Listen)
    memory = {"expected": dict(expected)}
    return Gathering(task.strategy, memory, lambda e, v: evaluated(e, v, {}))


def taken(found: Gathering, *data: Any) -> list[str | None]:
    """What became of events of the type `t` with these data."""
    return [found.offer(event(f"e{n}", each, "t")) for n, each in enumerate(data)]


def test_one_takes_one() -> None:
    """Nothing more is consumed after it."""
    found = gathering("{ one: { with: { type: t, data: { a: 1 } } } }")

    assert taken(found, {"a": 2}, {"a": 1}, {"a": 1}) == [None, "event", None]
    assert found.over


def test_all_takes_one_per_filter() -> None:
    """An event that fits a filter that is served already is left."""
    found = gathering("{ all: [ { with: { data: { a: 1 } } }, { with: { data: { b: 1 } } } ] }")

    assert taken(found, {"a": 1}, {"a": 1}, {"c": 1}, {"b": 1}) == ["event", None, None, "event"]
    assert found.over


def test_all_of_nothing_is_over_at_once() -> None:
    """There is nothing to wait for."""
    assert gathering("{ all: [] }").over


def test_an_event_makes_room_for_one_that_fits_only_its_filter() -> None:
    """Three filters, each narrower than the one before; any order of arrival serves them."""
    to = (
        "{ all: [ { with: { data: '${ .n > 0 }' } }, { with: { data: '${ .n > 5 }' } },"
        " { with: { data: '${ .n > 9 }' } } ] }"
    )
    for order in ([10, 6, 1], [10, 1, 6], [6, 10, 1], [1, 6, 10]):
        found = gathering(to)
        assert taken(found, *({"n": n} for n in order)) == ["event"] * 3, order
        assert found.over

    found = gathering(to)
    assert taken(found, {"n": 10}, {"n": 1}, {"n": 2}) == ["event", "event", None]


def test_any_of_nothing_takes_everything_until_it_is_told() -> None:
    """The event that ends it is no part of what was consumed, although `any` would take it."""
    found = gathering("{ any: [], until: { one: { with: { data: { out: true } } } } }")

    assert taken(found, 1, {"out": False}, {"out": True}, 2) == ["event", "event", "until", None]
    assert found.over


def test_an_until_of_all_waits_for_all() -> None:
    """Each of them is consumed; the last one ends it."""
    found = gathering(
        "{ any: [ { with: { data: { n: 1 } } } ], until: { all:"
        " [ { with: { data: { x: 1 } } }, { with: { data: { y: 1 } } } ] } }"
    )

    assert taken(found, {"x": 1}, {"n": 1}, {"x": 1}, {"y": 1}, {"n": 1}) == [
        "until", "event", None, "until", None,
    ]  # fmt: skip


def test_a_correlation_is_shared_by_all_filters_of_its_name() -> None:
    """What ends it must be of the same room too; another name is another value."""
    room = "correlate: { room: { from: .data.room } }"
    found = gathering(
        f"{{ any: [ {{ with: {{ data: {{ n: 1 }} }}, {room} }} ],"
        f" until: {{ one: {{ with: {{ data: {{ out: true }} }}, {room} }} }} }}"
    )

    assert taken(
        found, {"n": 1}, {"n": 1, "room": 7}, {"n": 1, "room": 8}, {"out": True, "room": 8},
        {"out": True, "room": 7},
    ) == [None, "event", None, None, "until"]  # fmt: skip
    assert found.expected == {"room": 7}


def test_an_expected_value_keeps_others_out() -> None:
    """It was given before the first event."""
    found = gathering(
        "{ one: { with: { type: t }, correlate: { room: { from: .data.room, expect: '7' } } } }",
        room="7",
    )

    assert taken(found, {"room": 7}, {"room": "7"}) == [None, "event"]


def test_an_any_without_an_until_ends_with_the_first() -> None:
    """Whichever filter it fits."""
    found = gathering("{ any: [ { with: { data: { a: 1 } } }, { with: { data: { b: 1 } } } ] }")

    assert taken(found, {"b": 1}, {"a": 1}) == ["event", None]
