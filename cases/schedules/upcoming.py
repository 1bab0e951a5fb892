"""When a schedule starts its next cases, and why not on the days between: without a server."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from cases.errors import ScheduleUnusable
from cases.schedules.wanted import of_plan
from language.cron import cron_times
from language.plan import Plan
from service.errors import ServiceError
from service.instants import write_instant
from service.schedules.declared import Declared, calendar_of
from service.schedules.occurrences import as_text, following
from service.schedules.timing import instant, read_zone

MOST_LEFT_OUT = 1000
"""So many times are looked at that a calendar leaves out before it counts as empty."""


@dataclass(frozen=True, slots=True)
class Coming:
    """One start, or a time at which there is none: then `at` is None, and `why` says why."""

    at: datetime | None
    meant: str
    """The day or time that the schedule names."""
    local: str
    """The start as people of its time zone read it, or that there is none."""
    why: str = ""

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        at = None if self.at is None else write_instant(self.at)
        return {"at": at, "meant": self.meant, "why": self.why}


@dataclass(frozen=True, slots=True)
class Foretold:
    """A schedule of a definition and its next times."""

    schedule: Declared
    times: Sequence[Coming]

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        each = self.schedule
        return {
            "name": each.name,
            "says": each.says,
            "calendar": each.calendar,
            "holiday": each.holiday,
            "overlap": each.overlap,
            "times": [one.to_json() for one in self.times],
        }


def foretell(
    plan: Plan,
    organization: Mapping[str, Any],
    after: datetime,
    count: int,
    name: str | None = None,
) -> list[Foretold]:
    """The next times of a definition's schedules, or of the one with this name.

    Raises:
        ScheduleUnusable: one of them cannot be, in this organization.
    """
    try:
        return [
            Foretold(each, upcoming(each, organization, after, count))
            for each in of_plan(plan, organization)
            if name in (None, each.name)
        ]
    except ServiceError as error:
        raise ScheduleUnusable(str(error)) from error


def upcoming(
    each: Declared, organization: Mapping[str, Any], after: datetime, count: int
) -> list[Coming]:
    """The next `count` starts after an instant, with what is left out or moved before them.

    A schedule `after` another case has no times of its own.

    Raises:
        ServiceError: its calendar is not there.
    """
    if each.kind == "after":
        return []
    if each.kind == "rule":
        days = each.days()
        found = following(days, calendar_of(each, organization), after, count)
        return [Coming(one.at, str(one.day), _local(one.at, days.zone), one.why) for one in found]
    times = _interval(each, after) if each.kind == "every" else _cron(each, after)
    return _worked(each, organization, times, count)


def _worked(
    each: Declared, organization: Mapping[str, Any], times: Iterator[datetime], count: int
) -> list[Coming]:
    calendar = calendar_of(each, organization) if each.holiday == "skip" else None
    zone = read_zone(each.zone)
    found: list[Coming] = []
    starts = 0
    for at in times:
        local = at.astimezone(zone)
        meant = f"{local:%Y-%m-%d %H:%M}"
        if calendar is not None and not calendar.is_working_day(local.date()):
            why = f"{local:%Y-%m-%d} is not worked in {calendar.name}: left out"
            found.append(Coming(None, meant, _local(None, zone), why))
        else:
            found.append(Coming(at, meant, _local(at, zone)))
            starts += 1
        if starts == count or len(found) > MOST_LEFT_OUT:
            break
    return found


def _local(at: datetime | None, zone: ZoneInfo) -> str:
    return "not started" if at is None else as_text(at, zone)


def _interval(each: Declared, after: datetime) -> Iterator[datetime]:
    """Multiples of the interval since 1970, as Temporal counts them."""
    seconds = each.interval.total_seconds()
    number = math.floor(after.timestamp() / seconds) + 1
    while True:
        yield datetime.fromtimestamp(number * seconds, UTC)
        number += 1


def _cron(each: Declared, after: datetime) -> Iterator[datetime]:
    zone = read_zone(each.zone)
    local = after.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0)
    for wall in cron_times(each.text, local):
        when = instant(wall.date(), wall.time(), zone)
        if not when.moved and when.at > after:
            yield when.at
