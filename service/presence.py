"""When people are there: their working calendar, their absences, and who stands in for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from service.calendars import CALENDARS, Calendar
from service.errors import NoWorkingTime
from service.people import absence


@dataclass(frozen=True, slots=True)
class Presence:
    """When a person works next; `away` is the absence into which that falls."""

    begins: datetime
    away: Mapping[str, Any] | None


def presence(
    organization: Mapping[str, Any], name: str, at: datetime, *, at_any_hour: bool = False
) -> Presence:
    """When a person works from an instant on, and whether the person is absent then.

    In the evening absences of the next working day count: somebody who is back tomorrow can be
    given work tonight, somebody whose holidays begin tomorrow cannot. Who has no calendar, or is
    asked `at_any_hour`, works now.
    """
    calendar = None if at_any_hour else _calendar(organization, name)
    begins = at
    if calendar is not None:
        try:
            begins = calendar.next_working(at)
        except NoWorkingTime:
            # A calendar without hours says nothing of when somebody is there.
            calendar = None
    day = begins.astimezone(calendar.zone).date() if calendar else local_day(organization, name, at)
    return Presence(begins, absence(organization, name, day))


def local_day(organization: Mapping[str, Any], name: str, at: datetime) -> date:
    """The date where a person works, at an instant; of UTC where no calendar says."""
    entry = (organization.get("people") or {}).get(name) or {}
    data = (organization.get("calendars") or {}).get(entry.get("calendar"))
    if data is None:
        return at.date()
    return at.astimezone(CALENDARS(str(entry["calendar"]), data).zone).date()


def _calendar(organization: Mapping[str, Any], name: str) -> Calendar | None:
    """The calendar of a person, else that of the first group that has one."""
    entry = (organization.get("people") or {}).get(name) or {}
    known = organization.get("calendars") or {}
    groups = organization.get("groups") or {}
    named = [entry.get("calendar")]
    named += [(groups.get(each) or {}).get("calendar") for each in entry.get("groups") or ()]
    for each in named:
        if each is not None and each in known:
            return CALENDARS(str(each), known[each])
    return None
