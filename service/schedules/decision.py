"""Whether a start for which the time has come is one: the calendar in force decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from service.calendars import Calendar
from service.instants import write_instant
from service.schedules.declared import Declared, calendar_of
from service.schedules.occurrences import decide
from service.schedules.timing import read_zone

LOOKS_BACK = 62
"""Days in which a start before this one is looked for."""


@dataclass(frozen=True, slots=True)
class Start:
    """Whether a start is one and why, with the calendar that said so."""

    due: bool
    why: str = ""
    calendar: str | None = None
    digest: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As it stands in the history."""
        return {
            "due": self.due,
            "why": self.why,
            "calendar": self.calendar,
            "digest": self.digest,
        }


def decide_start(each: Declared, organization: Mapping[str, Any], at: datetime) -> Start:
    """Whether a start that was meant for the instant `at` is one.

    Raises:
        ServiceError: the calendar is not there, or something cannot be read.
    """
    if not each.decides:
        return Start(True)
    calendar = calendar_of(each, organization)
    due, why = _decided(each, calendar, at)
    return Start(
        due, why, calendar.name if calendar else None, calendar.digest if calendar else None
    )


def starts_before(
    each: Declared, organization: Mapping[str, Any], at: datetime
) -> Iterator[datetime]:
    """When a rule started cases before `at`, the newest first, for about two months.

    Raises:
        ServiceError: as `decide_start`.
    """
    days, calendar = each.days(), calendar_of(each, organization)
    day = at.astimezone(days.zone).date()
    for number in range(1, LOOKS_BACK + 1):
        earlier = day - timedelta(days=number)
        if decide(days, calendar, earlier).due:
            yield days.instant(earlier)


def case_of(each: Declared, at: datetime) -> str:
    """Id of the case that a schedule starts for an instant, as Temporal makes it."""
    return f"{each.definition}:{each.name}-{write_instant(at.replace(microsecond=0))}"


def _decided(each: Declared, calendar: Calendar | None, at: datetime) -> tuple[bool, str]:
    day = at.astimezone(read_zone(each.zone)).date()
    if each.kind == "rule":
        days = each.days()
        if days.instant(day) != at:
            # Nothing but a hand starts it at another time of the day.
            return True, "started by hand"
        found = decide(days, calendar, day)
        return found.due, found.why
    if calendar is not None and not calendar.is_working_day(day):
        return False, f"{day} is not worked in {calendar.name}: left out"
    return True, ""
