"""Bookings in rehearsals: of other cases, of the case itself, and who may override."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workflows.scenarios import definition
from workflows.rehearsal.runner import Result, rehearse
from workflows.rehearsal.world import Published

ORGANIZATION: dict[str, Any] = {
    "people": {"wang": {"name": "Wang", "roles": ["manager"]}, "wu": {"name": "Wu"}},
    "roles": {"manager": {}},
    "assets": {"network": {}, "router": {"parent": "network"}},
    "windows": {
        "freeze": {
            "kind": "freeze", "from": "2026-03-05", "until": "2026-03-07", "timezone": "UTC",
            "assets": "all", "override": "manager",
        },
        "night": {
            "kind": "maintenance", "every": "Sun 01:00-05:00", "timezone": "UTC", "assets": ["router"],
        },
    },
    "bookings": [
        {
            "id": "other", "case": "change:7", "title": "Cabling", "assets": ["network"],
            "people": ["wu"], "from": "2026-03-08T01:00:00Z", "to": "2026-03-08T02:00:00Z",
        }
    ],
}  # fmt: skip
PLAN = definition(
    "change",
    """
    do:
      - look: { call: conflict.check, with: { assets: [router], window: '${ $case.input.window }', people: [wu] } }
      - book:
          call: calendar.book
          with:
            assets: [router]
            people: [wu]
            window: '${ $case.input.window }'
            title: Upgrade
            onConflict: '${ $case.input.onConflict // "report" }'
            override: '${ $case.input.override }'
      - again: { call: calendar.book, with: { assets: [router], window: '${ $case.results.book.window }', title: Upgrade, onConflict: report } }
    output:
      as: '${ { free: $case.results.look.free, kinds: [$case.results.look.conflicts[].kind], booked: $case.results.book.booked, again: $case.results.again.booked } }'
    """,
    "{ owner: manager }",
).plan
FREE = {"from": "2026-03-08T02:00:00Z", "to": "2026-03-08T05:00:00Z"}
TAKEN = {"from": "2026-03-08T01:30:00Z", "to": "2026-03-08T05:00:00Z"}
FROZEN = {"from": "2026-03-06T01:00:00Z", "to": "2026-03-06T02:00:00Z"}


def run(window: Any, **more: Any) -> Result:
    """Rehearse a case with this plan."""
    return rehearse(
        "change",
        {"at": "2026-03-02T09:00:00Z", "input": {"window": window, **more}},
        {"change": Published(PLAN, "digest")},
        ORGANIZATION,
    )


@pytest.mark.parametrize(
    ("window", "kinds", "booked"),
    [
        (FREE, [], True),
        (TAKEN, ["booking", "person"], False),
        (FROZEN, ["freeze", "outside-window"], False),
    ],
)
def test_a_rehearsal_plans_beside_other_bookings(
    window: Any, kinds: list[str], booked: bool
) -> None:
    """Over parent assets and people; what the case has booked itself is in nobody's way."""
    result = run(window)

    assert result.problems == []
    assert result.outcome["output"] == {
        "free": not kinds, "kinds": kinds, "booked": booked, "again": booked,
    }  # fmt: skip


def test_a_conflict_that_nobody_asked_about_fails() -> None:
    """The error names what is in the way."""
    result = run(TAKEN, onConflict="fail")

    assert result.outcome["as"] == "failed"
    assert result.outcome["error"]["title"] == "Conflict"
    assert "router is booked by change:7, Cabling" in result.outcome["error"]["detail"]


def test_overriding_needs_the_role() -> None:
    """The manager may, with a reason; somebody else may not."""
    reason = "the bank demands it"
    manager = run(FROZEN, override={"by": "wang", "reason": reason, "role": "manager"})
    other = run(FROZEN, override={"by": "wu", "reason": reason, "role": "manager"})

    assert manager.outcome["output"]["booked"]
    assert other.outcome["error"]["title"] == "Refused"


MOVES = definition(
    "moves",
    """
    do:
      - first: { call: calendar.book, with: { people: [wu], window: { from: '2026-03-08T02:00Z', to: '2026-03-08T05:00Z' }, title: Upgrade, invite: true } }
      - second: { call: calendar.book, with: { people: [wang], window: { from: '2026-03-09T02:00Z', to: '2026-03-09T05:00Z' }, title: Upgrade, invite: true } }
      - third: { call: calendar.book, with: { people: [wang], window: { from: '2026-03-10T02:00Z', to: '2026-03-10T05:00Z' }, title: Upgrade, invite: true } }
      - free: { call: calendar.release, with: { booking: '${ $case.results.third.id }' } }
    """,
    "{ owner: manager }",
).plan


def test_who_is_not_invited_any_more_is_told() -> None:
    """A new booking moves the entry of those who stay, and takes it out for the others."""
    result = rehearse(
        "moves", {"at": "2026-03-02T09:00:00Z", "input": {}},
        {"moves": Published(MOVES, "digest")}, ORGANIZATION,
    )  # fmt: skip

    sent = [
        (each["arguments"]["method"], [who["person"] for who in each["arguments"]["to"]])
        for each in result.actions
        if each["function"] == "calendar.invite"
    ]
    assert result.problems == []
    assert sent == [
        ("request", ["wu"]), ("request", ["wang"]), ("cancel", ["wu"]), ("request", ["wang"]),
        ("cancel", ["wang"]),
    ]  # fmt: skip
