"""Sets of events that start a case together."""

from __future__ import annotations

import json
from typing import Any

import pytest

from language.plan import EventStart
from language.plan_codec import part_from_json, part_to_json
from tests.workflows.event_scenarios import written
from tests.workflows.routing.listening import MONDAY, event, later
from workflows.routing import sets as rules
from workflows.routing.sets import Sets


def started_by(text: str) -> EventStart:
    """Compile `schedule.on`, in flow style."""
    found = written(
        "starts", f"schedule: {{ on: {text} }}\ndo: [ {{ a: {{ set: {{ b: 1 }} }} }} ]\n"
    ).starts_on
    assert found is not None
    return found


def inputs(sets: Sets, *events: dict[str, Any]) -> list[list[Any]]:
    """What cases are started with: the data of the events."""
    return [
        [each["data"] for each in start.input]
        for told in events
        for start in sets.take(told, MONDAY)
    ]


def test_one_event_starts_a_case() -> None:
    """Each that fits, once; the input is an array of events with all their attributes."""
    sets = Sets(started_by("{ one: { with: { type: placed } } }"))

    (first,) = sets.take(event("e1", {"n": 1}), MONDAY)

    assert first.input == [event("e1", {"n": 1})]
    assert sets.take(event("e1", {"n": 1}), MONDAY) == []
    assert sets.take(event("e2", type="shipped"), MONDAY) == []
    (second,) = sets.take(event("e3"), MONDAY)
    assert first.key != second.key


def test_the_key_follows_from_the_events() -> None:
    """The same events give the same key, wherever they are gathered."""
    wanted = started_by("{ one: { with: { type: placed } } }")
    (one,), (other,) = (Sets(wanted).take(event("e1"), MONDAY) for _ in range(2))

    assert one.key == other.key


def test_sets_of_all() -> None:
    """An event goes into the first set that lacks it; surplus ones begin the next set."""
    wanted = started_by("{ all: [ { with: { type: a } }, { with: { type: b } } ] }")
    sets = Sets(wanted)

    assert inputs(sets, event("1", 1, "a"), event("2", 2, "a"), event("3", 3, "b")) == [[1, 3]]
    assert sets.open == 1
    again = Sets(wanted, json.loads(json.dumps(sets.to_json())))
    assert inputs(again, event("1", 1, "a"), event("4", 4, "b")) == [[2, 4]]
    assert again.open == 0


def test_sets_with_correlation() -> None:
    """Events with other values belong to other sets; those without a value to none."""
    sets = Sets(
        started_by(
            "{ all: [ { with: { type: a }, correlate: { order: { from: .data.order } } },"
            " { with: { type: b }, correlate: { order: { from: .data.order } } } ] }"
        )
    )
    told = [
        event("1", {"order": 1}, "a"), event("2", {"order": 2}, "b"), event("3", {}, "b"),
        event("4", {"order": 1}, "b"), event("5", {"order": 2}, "a"),
    ]  # fmt: skip

    assert inputs(sets, *told) == [
        [{"order": 1}, {"order": 1}],
        [{"order": 2}, {"order": 2}],
    ]


def test_any_starts_with_each() -> None:
    """Without an until each event that fits is a case."""
    sets = Sets(started_by("{ any: [ { with: { type: a } }, { with: { type: b } } ] }"))

    assert inputs(sets, event("1", 1, "a"), event("2", 2, "b")) == [[1], [2]]


def test_any_until_a_condition_or_an_event() -> None:
    """What was gathered starts a case when it is enough; what ends a set is no part of it."""
    by_number = Sets(started_by("{ any: [ { with: { type: a } } ], until: '(. | length) == 2' }"))
    by_event = Sets(
        started_by("{ any: [ { with: { type: a } } ], until: { one: { with: { type: z } } } }")
    )

    assert inputs(by_number, *(event(str(n), n, "a") for n in range(5))) == [[0, 1], [2, 3]]
    assert inputs(by_event, event("0", 0, "z"), event("1", 1, "a"), event("2", 2, "a")) == []
    assert inputs(by_event, event("3", 3, "z"), event("4", 4, "z")) == [[1, 2]]


def test_read_says_what_the_input_is() -> None:
    """Data alone, if the definition says so."""
    start = part_to_json(started_by("{ one: { with: { type: placed } } }"))
    sets = Sets(part_from_json(EventStart, {**start, "read": "data"}))

    assert [each.input for each in sets.take(event("1", {"n": 1}), MONDAY)] == [[{"n": 1}]]


def test_an_expectation_is_a_constant() -> None:
    """Only events with this value start a case."""
    sets = Sets(
        started_by(
            "{ one: { with: { type: placed }, correlate: { of: { from: .data.of, expect: shop } } } }"
        )
    )

    assert inputs(sets, event("1", {"of": "bar"}), event("2", {"of": "shop"})) == [[{"of": "shop"}]]
    assert sets.expected() == {"of": "shop"}


def test_sets_are_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """By their number and by their age."""
    monkeypatch.setattr(rules, "MOST_SETS", 2)
    sets = Sets(started_by("{ all: [ { with: { type: a } }, { with: { type: b } } ] }"))
    for n in range(3):
        sets.take(event(str(n), n, "a"), MONDAY)

    assert sets.open == 2
    (start,) = sets.take(event("b", "b", "b"), later(days=29))
    assert [each["data"] for each in start.input] == [1, "b"]
    sets.take(event("x", type="a"), later(days=31))
    assert sets.open == 1
