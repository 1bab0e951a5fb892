"""Working calendars: half-open intervals of local wall time, holidays, and arithmetic over them.

A wall-clock hour that daylight saving leaves out counts zero; one that it repeats counts twice
where it lies in a working interval.
"""

from __future__ import annotations

import itertools
import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from service.digests import ByIdentity, canonical, digest_of
from service.durations import Duration
from service.errors import CalendarInvalid, NoWorkingTime

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SEARCH_DAYS = 800
"""How far ahead working time is looked for before a calendar counts as empty."""

BLOCK_DAYS = 64
"""Intervals are computed and kept for so many days at once."""

SEARCH_BLOCKS = SEARCH_DAYS // BLOCK_DAYS + 2

# Time stamps are whole microseconds since 1970 in UTC: exact, and fast to search.
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = _EPOCH.date()
_DAY = timedelta(days=1)
_TICK = timedelta(microseconds=1)
_SECOND = 1_000_000
_MINUTE = 60 * _SECOND
_DAY_TICKS = 24 * 60 * _MINUTE
_BLOCK = BLOCK_DAYS * _DAY_TICKS

_HOURS = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Day:
    """A local date: its hours, and why they are not those of its weekday; empty where they are."""

    date: date
    hours: tuple[str, ...]
    why: str


class Calendar:
    """A named calendar. Equal data give the same object, so its intervals are computed once."""

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
        self._week = _week(name, data.get("week") or {})
        holidays = data.get("holidays") or {}
        self._country: str | None = holidays.get("country")
        self._subdivision: str | None = holidays.get("subdivision")
        self._extra = frozenset(_date(name, each) for each in holidays.get("extra") or ())
        self._worked = frozenset(_date(name, each) for each in holidays.get("worked") or ())
        self._exceptions = {
            _date(name, day): _hours(name, day, hours or ())
            for day, hours in (data.get("exceptions") or {}).items()
        }
        self._days: dict[date, tuple[tuple[int, int], ...]] = {}
        self._blocks: dict[int, _Block] = {}

    def is_working_day(self, day: date) -> bool:
        """Whether anything is worked on that local date.

        Raises:
            CalendarInvalid: the country of its holidays is unknown.
        """
        return bool(self._minutes(day))

    def day(self, day: date) -> Day:
        """What a local date holds, and why.

        Raises:
            CalendarInvalid: the country of its holidays is unknown.
        """
        hours = tuple(f"{_said(start)}-{_said(end)}" for start, end in self._minutes(day))
        if day in self._exceptions:
            return Day(day, hours, "exception")
        holiday = "listed holiday" if day in self._extra else self._holiday(day)
        if day in self._worked:
            return Day(day, hours, f"worked{f', {holiday}' if holiday else ''}")
        return Day(day, hours, holiday)

    def local(self, at: datetime) -> datetime:
        """An instant on the wall clock of the calendar."""
        return at.astimezone(self.zone)

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """Working time between two instants; zero where the end is not after the start."""
        first, last = _stamp(start), _stamp(end)
        if last <= first:
            return timedelta()
        low, high = first // _BLOCK, last // _BLOCK
        total = self._block(high).counted(last) - self._block(low).counted(first)
        for number in range(low, high):
            total += self._block(number).total
        return timedelta(microseconds=total)

    def next_working(self, at: datetime) -> datetime:
        """The instant itself where it is worked, else the next at which work begins.

        Raises:
            NoWorkingTime: none within two years.
        """
        stamp = _stamp(at)
        first = stamp // _BLOCK
        for number in range(first, first + SEARCH_BLOCKS):
            found = self._block(number).next_working(stamp)
            if found is not None:
                return _EPOCH + timedelta(microseconds=found)
        raise NoWorkingTime(self.name)

    def stretches(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Working time between two instants as half-open intervals, in order; what touches is one."""
        first, last = _stamp(start), _stamp(end)
        begun: tuple[int, int] | None = None
        for number in range(first // _BLOCK, last // _BLOCK + 1):
            for low, high in self._block(number).intervals():
                low, high = max(low, first), min(high, last)
                if low >= high:
                    continue
                if begun is not None and begun[1] == low:
                    begun = (begun[0], high)
                    continue
                if begun is not None:
                    yield _instants(begun)
                begun = (low, high)
        if begun is not None:
            yield _instants(begun)

    def add_time(self, start: datetime, span: timedelta) -> datetime:
        """The first instant at which so much working time has passed since the start.

        Raises:
            NoWorkingTime: none within two years.
        """
        if span <= timedelta():
            return start.astimezone(UTC)
        stamp = _stamp(start)
        number = stamp // _BLOCK
        block = self._block(number)
        left = span // _TICK + block.counted(stamp)
        idle = 0
        while left > block.total:
            idle = 0 if block.total else idle + 1
            if idle > SEARCH_BLOCKS:
                raise NoWorkingTime(self.name)
            left -= block.total
            number += 1
            block = self._block(number)
        return _EPOCH + timedelta(microseconds=block.reached(left))

    def add_days(self, start: datetime, days: int) -> datetime:
        """The same local time so many working days later, moved into the next working interval.

        Raises:
            NoWorkingTime: none within two years.
        """
        return self.next_working(self._moved(start, days, _DAY))

    def subtract_days(self, end: datetime, days: int) -> datetime:
        """The same local time so many working days earlier, moved into the next working interval.

        Raises:
            NoWorkingTime: none within two years.
        """
        return self.next_working(self._moved(end, days, -_DAY))

    def add(self, start: datetime, duration: Duration) -> datetime:
        """The instant at which a duration has passed; elapsed durations ignore the calendar."""
        if not duration.is_business:
            return start.astimezone(UTC) + duration.elapsed
        if duration.business_days:
            return self.add_days(start, duration.business_days)
        return self.add_time(start, duration.business_time)

    def _moved(self, start: datetime, days: int, step: timedelta) -> datetime:
        local = start.astimezone(self.zone)
        day = local.date()
        idle = 0
        while days > 0:
            day += step
            idle += 1
            if self._minutes(day):
                days -= 1
                idle = 0
            elif idle > SEARCH_DAYS:
                raise NoWorkingTime(self.name)
        return datetime.combine(day, local.time(), self.zone).astimezone(UTC)

    def _minutes(self, day: date) -> tuple[tuple[int, int], ...]:
        """Working intervals of a local date in minutes of its wall clock."""
        found = self._days.get(day)
        if found is None:
            found = self._days[day] = self._looked_up(day)
        return found

    def _looked_up(self, day: date) -> tuple[tuple[int, int], ...]:
        if day in self._exceptions:
            return self._exceptions[day]
        usual = self._week[day.weekday()]
        if day in self._worked:
            return usual or next((hours for hours in self._week if hours), ())
        if day in self._extra or self._holiday(day):
            return ()
        return usual

    def _holiday(self, day: date) -> str:
        """The name of the country's holiday on that day; empty where it is none."""
        if self._country is None:
            return ""
        try:
            return _holidays(self._country, self._subdivision, day.year).get(day, "")
        except NotImplementedError as error:
            raise CalendarInvalid(
                self.name,
                f"holidays of country {self._country!r}, subdivision {self._subdivision!r}, are "
                "not known; list them under `extra` instead",
            ) from error

    def _block(self, number: int) -> _Block:
        found = self._blocks.get(number)
        if found is None:
            found = self._blocks[number] = self._built(number)
        return found

    def _built(self, number: int) -> _Block:
        begin, end = number * _BLOCK, (number + 1) * _BLOCK
        offsets = _offsets(self.zone, number)
        found: list[tuple[int, int]] = []
        # Local dates reach up to a day over the block at both ends.
        for ordinal in range(number * BLOCK_DAYS - 1, (number + 1) * BLOCK_DAYS + 1):
            midnight = ordinal * _DAY_TICKS
            for start, finish in self._minutes(_FIRST + timedelta(days=ordinal)):
                for low, high, offset in offsets:
                    shift = midnight - offset
                    # An hour that the wall clock repeats lies in two stretches and counts in both.
                    first = max(shift + start * _MINUTE, low, begin)
                    last = min(shift + finish * _MINUTE, high, end)
                    if first < last:
                        found.append((first, last))
        return _Block(sorted(found))


class _Block:
    """Working intervals of a stretch of time, with sums, so that counting is a search."""

    __slots__ = ("_before", "_ends", "_starts", "total")

    def __init__(self, intervals: Iterable[tuple[int, int]]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._before: list[int] = []
        self.total = 0
        for start, end in intervals:
            self._starts.append(start)
            self._ends.append(end)
            self._before.append(self.total)
            self.total += end - start

    def intervals(self) -> Iterator[tuple[int, int]]:
        """All of them, in order."""
        return zip(self._starts, self._ends, strict=True)

    def counted(self, stamp: int) -> int:
        """Working time of the block before a time stamp."""
        at = bisect_right(self._starts, stamp) - 1
        if at < 0:
            return 0
        return self._before[at] + min(stamp, self._ends[at]) - self._starts[at]

    def reached(self, wanted: int) -> int:
        """The first time stamp at which so much (more than 0, at most the total) has counted."""
        at = bisect_left(self._before, wanted) - 1
        return self._starts[at] + wanted - self._before[at]

    def next_working(self, stamp: int) -> int | None:
        """The time stamp where it is worked, else the next beginning in the block, or None."""
        at = bisect_right(self._ends, stamp)
        return None if at == len(self._ends) else max(stamp, self._starts[at])


@lru_cache(maxsize=256)
def _known(name: str, data: str) -> Calendar:
    return Calendar(name, json.loads(data))


def calendar_from(name: str, data: Mapping[str, Any]) -> Calendar:
    """The calendar of this data; the same object for equal data.

    Raises:
        CalendarInvalid: with the entry that cannot be read.
    """
    return _known(name, canonical(data))


CALENDARS = ByIdentity(calendar_from)
"""As `calendar_from`, without comparing data that were asked for before; they are never changed."""


@lru_cache(maxsize=512)
def _holidays(country: str, subdivision: str | None, year: int) -> Mapping[date, str]:
    import holidays  # noqa: PLC0415 (large; loaded only where a calendar names a country)

    found = holidays.country_holidays(country, subdiv=subdivision, years=year)
    return {day: str(name) or "holiday" for day, name in found.items()}


@lru_cache(maxsize=1024)
def _offsets(zone: ZoneInfo, number: int) -> tuple[tuple[int, int, int], ...]:
    """Stretches of a block with one offset from UTC: from, until, offset.

    The zone database cannot be asked for its transitions: the offset is looked up day by day, and
    a change between two days is narrowed down to the second.
    """
    found: list[tuple[int, int, int]] = []
    begin = number * _BLOCK
    offset = _offset(zone, begin)
    for day in range(number * BLOCK_DAYS, (number + 1) * BLOCK_DAYS):
        low, high = day * _DAY_TICKS, (day + 1) * _DAY_TICKS
        following = _offset(zone, high)
        if following == offset:
            continue
        while high - low > _SECOND:
            middle = (low + high) // 2 // _SECOND * _SECOND
            low, high = (middle, high) if _offset(zone, middle) == offset else (low, middle)
        found.append((begin, high, offset))
        begin, offset = high, following
    found.append((begin, (number + 1) * _BLOCK, offset))
    return tuple(found)


def _offset(zone: ZoneInfo, stamp: int) -> int:
    at = (_EPOCH + timedelta(microseconds=stamp)).astimezone(zone)
    return (at.utcoffset() or timedelta()) // _TICK


def _instants(interval: tuple[int, int]) -> tuple[datetime, datetime]:
    begin, end = interval
    return _EPOCH + timedelta(microseconds=begin), _EPOCH + timedelta(microseconds=end)


def _stamp(at: datetime) -> int:
    return (at - _EPOCH) // _TICK


def _week(name: str, week: Mapping[str, Any]) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Hours of each weekday, Monday first."""
    found: dict[int, tuple[tuple[int, int], ...]] = {}
    for days, hours in week.items():
        for day in _days(name, days):
            if day in found:
                raise CalendarInvalid(
                    name, f"week: {DAYS[day]} stands in it twice; give it its hours once"
                )
            found[day] = _hours(name, days, hours or ())
    return tuple(found.get(day, ()) for day in range(7))


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


def _said(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _date(name: str, text: object) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError as error:
        raise CalendarInvalid(name, f"{text!r} is not a date like 2026-02-13") from error
