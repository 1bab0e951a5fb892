"""A time of day on a day of a time zone, also where the clocks are changed that night."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from service.errors import ServiceError

USUAL_TIME = "09:00"
"""When a rule that names days and no time starts its case."""

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)


class TimingInvalid(ServiceError):
    """A time of day or a time zone that there is not."""


@dataclass(frozen=True, slots=True)
class Instant:
    """When a time of day is on one day. `moved` where the clocks skip it, `twice` where they repeat it."""

    at: datetime
    moved: bool = False
    twice: bool = False


def read_zone(name: str) -> ZoneInfo:
    """The time zone of a name.

    Raises:
        TimingInvalid: there is none.
    """
    try:
        return _zone(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise TimingInvalid(
            f'"{name}" is not a time zone. Write for example Asia/Taipei or UTC.'
        ) from error


def read_time(text: str) -> time:
    """The time of day that a text such as 09:00 names.

    Raises:
        TimingInvalid: it names none.
    """
    found = _TIME.fullmatch(text)
    if found is None:
        raise TimingInvalid(f'"{text}" is not a time of day. Write for example 09:00.')
    return time(int(found[1]), int(found[2]))


def instant(day: date, at: time, zone: ZoneInfo) -> Instant:
    """When it is `at` on that day: a skipped time an hour later, a repeated one the second time.

    That is what a Schedule of Temporal does with a repeated time; a skipped one it leaves out, and
    `skipped_days` is how it hears of it.
    """
    second = datetime.combine(day, at, zone).replace(fold=1)
    found = second.astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) != second.replace(tzinfo=None):
        # No clock shows that time: as if they were not put forward yet.
        return Instant(second.replace(fold=0).astimezone(UTC), moved=True)
    first = second.replace(fold=0).astimezone(UTC)
    return Instant(found, twice=first != found)


def skipped_days(at: time, zone: ZoneInfo, year: int, years: int) -> tuple[datetime, ...]:
    """The days of some years on which no clock shows a time: when it is put forward to, local.

    Looked up day by day: the zone database cannot be asked for its transitions.
    """
    found = []
    for ordinal in range(date(year, 1, 1).toordinal(), date(year + years, 1, 1).toordinal()):
        when = instant(date.fromordinal(ordinal), at, zone)
        if when.moved:
            found.append(when.at.astimezone(zone))
    return tuple(found)


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
