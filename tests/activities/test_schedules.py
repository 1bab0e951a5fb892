"""Whether a start is one: by what is in force, by what the records know, by what waits."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activities.schedules import ScheduleActs
from service.instants import write_instant
from service.schedules.declared import Declared, declared

ORGANIZATION: dict[str, Any] = {
    "calendars": {"office": {"timezone": "UTC", "week": {"mon-fri": ["09:00-17:00"]}}}
}
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Kept:
    """Organization and records of a test: case -> (first run, when it began)."""

    def __init__(self, cases: Mapping[str, tuple[str, datetime]]) -> None:
        self.cases = cases

    async def current(self) -> Mapping[str, Any]:
        """Give the organization in force."""
        return ORGANIZATION

    async def begun(self, case: str) -> tuple[str, datetime] | None:
        """Give what is known of a case."""
        return self.cases.get(case)


def _decide(
    entry: dict[str, Any],
    at: datetime,
    *,
    began: datetime | None = None,
    kept: Mapping[str, tuple[str, datetime]] | None = None,
) -> Mapping[str, Any]:
    (each,) = declared("report", None, {"daily": entry}, "office", ORGANIZATION)
    port: Any = Kept(kept or {})
    request = {
        "schedule": each.to_json(),
        "at": write_instant(at),
        "case": f"report:daily-{write_instant(at)}",
        "run": "run-1",
        "began": write_instant(began or at),
    }
    found: Mapping[str, Any] = asyncio.run(ScheduleActs(port, port, port).decide(request))
    return found


def test_the_calendar_in_force_decides_and_is_named():
    """With its digest, which stays in the history."""
    found = _decide({"rule": "business-days"}, MONDAY)

    assert found["due"]
    assert found["calendar"] == "office"
    assert len(found["digest"]) == 64
    assert not _decide({"rule": "business-days"}, MONDAY - timedelta(days=1))["due"]


@pytest.mark.parametrize(("run", "due"), [("run-1", True), ("run-0", False)])
def test_a_time_that_has_had_its_case_has_no_other(run: str, due: bool):
    """A backfill starts nothing twice; the same run, reset to its beginning, goes on."""
    case = f"report:daily-{write_instant(MONDAY)}"
    found = _decide({"every": {"hours": 1}}, MONDAY, kept={case: (run, MONDAY)})

    assert found["due"] is due


def test_only_one_start_waits_for_the_case_before():
    """Tuesday to Thursday fall while Monday's case runs until Friday noon: Tuesday's follows."""
    entry = {"rule": "business-days", "overlap": "buffer-one"}
    friday = MONDAY + timedelta(days=4, hours=3)
    tuesday = MONDAY + timedelta(days=1)
    kept = {f"report:daily-{write_instant(MONDAY)}": ("run-0", MONDAY)}

    assert _decide(entry, tuesday, began=friday, kept=kept)["due"]

    kept[f"report:daily-{write_instant(tuesday)}"] = ("run-2", friday)
    for day in (2, 3):
        found = _decide(entry, MONDAY + timedelta(days=day), began=friday, kept=kept)
        assert not found["due"]
        assert "was waiting already" in found["why"]

    next_monday = MONDAY + timedelta(days=7)
    assert _decide(entry, next_monday, began=next_monday + timedelta(hours=2), kept=kept)["due"]


def test_a_schedule_in_json_is_the_schedule():
    """What a case carries along is enough to decide it."""
    (each,) = declared(
        "report",
        None,
        {"daily": {"rule": "last-friday", "months": [3, 1], "at": "08:15", "holiday": "previous"}},
        "office",
        ORGANIZATION,
    )

    assert Declared.from_json(each.to_json()).to_json() == each.to_json()
    assert each.says == "last-friday of months 1, 3 at 08:15 (UTC)"
