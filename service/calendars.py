"""Working calendars: half-open intervals of local wall time, holidays, and arithmetic over them.

A wall-clock hour that daylight saving leaves out counts zero; one that it repeats counts twice
where it lies in a working interval.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from service.digests import canonical, digest_of
from service.durations import Duration
from service.errors import CalendarInvalid, NoWorkingTime

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SEARCH_DAYS = 800
"""How far ahead working time is looked for before a calendar counts as empty."""

Interval = tuple[datetime, datetime]
"""From (included) to (excluded), in UTC."""

_HOURS = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")


class Calendar:
    """A named calendar. Equal data give the same object, so its days are computed once."""

    def __init__(self, name: str, data: Mapping[str, Any]) -> None:
        """Read calendar data of the organization.

        Raises:
            CalendarInvalid: with the entry that cannot be read.
        """
        self.name = name
        self.digest = digest_of(data)
        if "timezone" not in data:
            raise CalendarInvalid(name, "timezone is missing")
        try:
            self.zone = ZoneInfo(data["timezone"])
        except (ZoneInfoNotFoundError, ValueError, TypeError, OSError) as error:
            raise CalendarInvalid(name, f"{data['timezone']!r} is not a time zone") from error
        self._week: dict[int, tuple[tuple[int, int], ...]] = dict.fromkeys(range(7), ())
        for days, hours in (data.get("week") or {}).items():
            for day in _days(name, days):
                self._week[day] = _hours(name, days, hours)
        holidays = data.get("holidays") or {}
        self._country = holidays.get("country")
        self._extra = frozenset(_date(name, each) for each in holidays.get("extra") or ())
        self._worked = frozenset(_date(name, each) for each in holidays.get("worked") or ())
        self._exceptions = {
            _date(name, day): _hours(name, day, hours or ())
            for day, hours in (data.get("exceptions") or {}).items()
        }
        self._days: dict[date, tuple[Interval, ...]] = {}

    def is_working_day(self, day: date) -> bool:
        """Whether anything is worked on that local date."""
        return bool(self._minutes(day))

    def intervals(self, day: date) -> tuple[Interval, ...]:
        """Working intervals of a local date, in UTC and in order."""
        found = self._days.get(day)
        if found is None:
            found = tuple(sorted(_clip(self.zone, day, self._minutes(day))))
            self._days[day] = found
        return found

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """Working time between two instants; zero where the end is not after the start."""
        total = timedelta()
        day = start.astimezone(self.zone).date()
        last = end.astimezone(self.zone).date()
        while day <= last:
            for begin, finish in self.intervals(day):
                if finish > start and begin < end:
                    total += min(finish, end) - max(begin, start)
            day += timedelta(days=1)
        return total

    def next_working(self, at: datetime) -> datetime:
        """The instant itself where it is worked, else the next at which work begins.

        Raises:
            NoWorkingTime: none within two years.
        """
        day = at.astimezone(self.zone).date()
        for _ in range(SEARCH_DAYS):
            for begin, finish in self.intervals(day):
                if finish > at:
                    return max(begin, at).astimezone(UTC)
            day += timedelta(days=1)
        raise NoWorkingTime(self.name)

    def add_time(self, start: datetime, span: timedelta) -> datetime:
        """The instant at which so much working time has passed since the start.

        Raises:
            NoWorkingTime: none within two years.
        """
        if span <= timedelta():
            return start.astimezone(UTC)
        left = span
        day = start.astimezone(self.zone).date()
        idle = 0
        while idle < SEARCH_DAYS:
            idle += 1
            for begin, finish in self.intervals(day):
                if finish <= start:
                    continue
                begin = max(begin, start)
                if finish - begin >= left:
                    return (begin + left).astimezone(UTC)
                left -= finish - begin
                idle = 0
            day += timedelta(days=1)
        raise NoWorkingTime(self.name)

    def add_days(self, start: datetime, days: int) -> datetime:
        """The same local time so many working days later, moved into the next working interval.

        Raises:
            NoWorkingTime: none within two years.
        """
        local = start.astimezone(self.zone)
        day = local.date()
        idle = 0
        while days > 0:
            day += timedelta(days=1)
            idle += 1
            if self.is_working_day(day):
                days -= 1
                idle = 0
            elif idle > SEARCH_DAYS:
                raise NoWorkingTime(self.name)
        moved = datetime.combine(day, local.time().replace(tzinfo=None), self.zone)
        return self.next_working(moved.astimezone(UTC))

    def add(self, start: datetime, duration: Duration) -> datetime:
        """The instant at which a duration has passed; elapsed durations ignore the calendar."""
        if not duration.is_business:
            return start.astimezone(UTC) + duration.elapsed
        if duration.business_days:
            return self.add_days(start, duration.business_days)
        return self.add_time(start, duration.business_time)

    def _minutes(self, day: date) -> tuple[tuple[int, int], ...]:
        if day in self._exceptions:
            return self._exceptions[day]
        usual = self._week[day.weekday()]
        if day in self._worked:
            return usual or next((hours for hours in self._week.values() if hours), ())
        if day in self._extra or (self._country and day in _holidays(self._country, day.year)):
            return ()
        return usual


@lru_cache(maxsize=256)
def _known(name: str, data: str) -> Calendar:
    return Calendar(name, json.loads(data))


def calendar_from(name: str, data: Mapping[str, Any]) -> Calendar:
    """The calendar of this data; the same object for equal data.

    Raises:
        CalendarInvalid: with the entry that cannot be read.
    """
    return _known(name, canonical(data))


@lru_cache(maxsize=512)
def _holidays(country: str, year: int) -> frozenset[date]:
    import holidays  # noqa: PLC0415 (large; loaded only where a calendar names a country)

    return frozenset(holidays.country_holidays(country, years=year))


def _clip(zone: ZoneInfo, day: date, minutes: Iterable[tuple[int, int]]) -> Iterable[Interval]:
    """Wall-clock intervals of a day as instants, clock changes respected."""
    midnight = datetime.combine(day, time(), UTC)
    earliest = midnight - timedelta(hours=16)
    latest = midnight + timedelta(hours=48)
    for begin, end, offset in _offsets(zone, earliest, latest):
        for start_minute, end_minute in minutes:
            start = midnight + timedelta(minutes=start_minute) - offset
            finish = midnight + timedelta(minutes=end_minute) - offset
            start, finish = max(start, begin), min(finish, end)
            if start < finish:
                yield start, finish


@lru_cache(maxsize=4096)
def _offsets(
    zone: ZoneInfo, earliest: datetime, latest: datetime
) -> tuple[tuple[datetime, datetime, timedelta], ...]:
    """Stretches with one offset from UTC between two instants."""
    found: list[tuple[datetime, datetime, timedelta]] = []
    begin = earliest
    while begin < latest:
        offset = _offset(zone, begin)
        low, high = begin, latest
        if _offset(zone, latest) == offset:
            found.append((begin, latest, offset))
            break
        while high - low > timedelta(seconds=1):
            middle = low + (high - low) / 2
            middle = middle.replace(microsecond=0)
            if _offset(zone, middle) == offset:
                low = middle
            else:
                high = middle
        found.append((begin, high, offset))
        begin = high
    return tuple(found)


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _days(name: str, text: str) -> Iterable[int]:
    for part in str(text).split(","):
        first, _, last = part.strip().partition("-")
        if first not in DAYS or (last and last not in DAYS):
            raise CalendarInvalid(name, f"week: {text!r} is not a day or a range like mon-fri")
        low, high = DAYS.index(first), DAYS.index(last or first)
        yield from range(low, high + 1) if low <= high else (*range(low, 7), *range(high + 1))


def _hours(name: str, place: object, hours: Iterable[str]) -> tuple[tuple[int, int], ...]:
    found: list[tuple[int, int]] = []
    for text in hours:
        match = _HOURS.fullmatch(str(text))
        if match is None:
            raise CalendarInvalid(name, f"{place}: {text!r} is not hours like 09:00-12:00")
        h1, m1, h2, m2 = (int(each) for each in match.groups())
        start, end = h1 * 60 + m1, h2 * 60 + m2
        if start >= end or end > 24 * 60:
            raise CalendarInvalid(name, f"{place}: {text!r} must end after it begins, by 24:00")
        found.append((start, end))
    found.sort()
    for (_, end), (start, _) in itertools.pairwise(found):
        if start < end:
            raise CalendarInvalid(name, f"{place}: hours overlap")
    return tuple(found)


def _date(name: str, text: object) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError as error:
        raise CalendarInvalid(name, f"{text!r} is not a date like 2026-02-13") from error
