"""When a checklist is decided: as early as certain, and never otherwise than at its end."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.checklists import decided, needed, reversed_items

STATES = st.sampled_from(["done", "failed", "missed", "skipped"])
RULES = st.one_of(
    st.just("all"),
    st.integers(1, 8).map(lambda count: {"count": count}),
    st.integers(1, 100).map(lambda percent: {"percent": percent}),
)


@given(states=st.lists(STATES, min_size=1, max_size=6), rule=RULES, order=st.randoms())
def test_an_early_decision_is_the_one_at_the_end(states: list[Any], rule: Any, order: Any) -> None:
    """Where failures do not stop it, whatever is finished first: complete early is complete late."""
    arguments = {"completeWhen": rule, "stopOn": "never"}
    final = decided(arguments, states)
    seen: list[Any] = [None] * len(states)
    places = list(range(len(states)))
    order.shuffle(places)

    for place in places:
        early = decided(arguments, seen)
        assert early in (None, "complete")
        if early == "complete":
            assert final == "complete"
        seen[place] = states[place]

    assert decided(arguments, seen) == final
    assert final is not None


@pytest.mark.parametrize(
    ("arguments", "states", "outcome"),
    [
        ({}, ["done", None], None),
        ({}, ["done", "done"], "complete"),
        ({}, ["done", "skipped"], "complete"),
        ({}, ["failed", None], "failed"),
        ({"stopOn": "never"}, ["failed", None], None),
        ({"stopOn": "never"}, ["failed", "done"], "failed"),
        ({}, ["missed", "done"], "missed"),
        ({"completeWhen": {"count": 1}}, ["failed", None], None),
        ({"completeWhen": {"count": 1}, "stopOn": "failed"}, ["failed", None], "failed"),
        ({"completeWhen": {"count": 1}}, ["done", None], "complete"),
        ({"completeWhen": {"percent": 50}}, ["done", None, None], None),
        ({"completeWhen": {"percent": 50}}, ["done", "done", None], "complete"),
        ({"completeWhen": {"percent": 50}}, ["done", "skipped", None], "complete"),
    ],
)
def test_decisions(arguments: Any, states: list[Any], outcome: str | None) -> None:
    """Counted by hand."""
    assert decided(arguments, states) == outcome


def test_a_share_is_rounded_up() -> None:
    """Two thirds of three are two, and 60 % of five are three."""
    assert [needed({"percent": percent}, total, 0) for percent, total in ((66.6, 3), (60, 5), (1, 9))] == [2, 3, 1]  # fmt: skip


def test_items_are_taken_back_in_the_reverse_order_of_finishing() -> None:
    """Those that were done and say how."""
    items = [
        {"key": "a", "state": "done", "undo": "put back a", "order": 2},
        {"key": "b", "state": "done", "undo": "put back b", "order": 3},
        {"key": "c", "state": "done", "undo": None, "order": 1},
        {"key": "d", "state": "failed", "undo": "put back d", "order": 4},
    ]

    assert [each["key"] for each in reversed_items({"items": items})] == ["b", "a"]
