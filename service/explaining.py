"""How a deadline was counted: day by day, as data that a person or a program can follow.

It counts with `service.clocks` and `service.calendars` themselves: what it says is what a case does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from service import clocks
from service.calendars import Calendar
from service.clocks import ClockState
from service.durations import Duration, parse_duration
from service.instants import read_instant, write_instant

_DAY = timedelta(days=1)
MOST_DAYS = 7
"""So many working days are named one by one."""


@dataclass(frozen=True, slots=True)
class Line:
    """One stretch of the count.

    `kind` is counted, off (days without work), paused or ended; times are local ones of the
    calendar. `counted` is the time it adds, `total` what there is after it.
    """

    kind: str
    begin: datetime
    end: datetime | None
    counted: timedelta
    total: timedelta
    hours: tuple[str, ...] = ()
    why: str = ""

    def to_json(self) -> dict[str, Any]:
        """The line as JSON; times with their offset."""
        return {
            "kind": self.kind,
            "from": self.begin.isoformat(),
            "until": None if self.end is None else self.end.isoformat(),
            "hours": list(self.hours),
            "seconds": self.counted.total_seconds(),
            "totalSeconds": self.total.total_seconds(),
            "why": self.why,
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a deadline was counted. `deadline` is None while none is foreseen."""

    deadline: datetime | None
    start: datetime
    target: Any
    lines: tuple[Line, ...]
    rules: tuple[str, ...]
    """What the count follows from, in sentences."""
    calendar: Calendar | None = None
    state: str | None = None
    elapsed: timedelta = timedelta()
    remaining: timedelta | None = None
    breached_at: datetime | None = None
    targets: tuple[Mapping[str, Any], ...] = ()
    rounds: int = 1
    edited: bool = False
    """Whether the calendar has been edited since the clock was counted in it."""

    @property
    def zone(self) -> Any:
        """The time zone in which the lines are told."""
        return UTC if self.calendar is None else self.calendar.zone

    def to_json(self) -> dict[str, Any]:
        """Everything, for programs."""
        calendar = self.calendar
        return {
            "deadline": _written(self.deadline),
            "start": write_instant(self.start),
            "target": self.target,
            "targets": [dict(each) for each in self.targets],
            "state": self.state,
            "elapsedSeconds": self.elapsed.total_seconds(),
            "remainingSeconds": None if self.remaining is None else self.remaining.total_seconds(),
            "breachedAt": _written(self.breached_at),
            "round": self.rounds,
            "calendar": None
            if calendar is None
            else {
                "name": calendar.name,
                "timezone": str(calendar.zone),
                "digest": calendar.digest,
                "edited": self.edited,
            },
            "rules": list(self.rules),
            "lines": [each.to_json() for each in self.lines],
        }


def explain_duration(
    start: datetime, target: Any, calendar: Calendar | None, *, zone_of: Calendar | None = None
) -> Explanation:
    """How a duration from an instant is counted.

    Args:
        start: From when.
        target: A duration as definitions write it.
        calendar: The one in which working time counts.
        zone_of: In whose time zone elapsed time is told.

    Raises:
        DurationInvalid: the target is no duration.
        NoWorkingTime: the calendar has none.
    """
    duration = parse_duration(target)
    if not duration.is_business:
        end = start + duration.elapsed
        place = zone_of or calendar
        line = Line(
            "counted", _local(place, start), _local(place, end), duration.elapsed, duration.elapsed
        )
        rules = ("Elapsed time: every hour counts, day and night.",)
        return Explanation(end, start, target, (line,), rules, place)
    assert calendar is not None
    end = calendar.add(start, duration)
    lines = tuple(_days(calendar, start, end, timedelta()))
    return Explanation(end, start, target, lines, _rules(duration, calendar, start), calendar)


def explain_clock(
    state: ClockState,
    calendar: Calendar | None,
    now: datetime,
    *,
    why: Mapping[str, str] | None = None,
    edited: bool = False,
    zone_of: Calendar | None = None,
) -> Explanation:
    """How the deadline of a clock is counted in its present round.

    Args:
        state: The clock.
        calendar: The one it is counted in; None where its target is elapsed time.
        now: Until when a running clock has counted.
        why: What happened at an instant, for the lines that begin there.
        edited: Whether the calendar is another one today.
        zone_of: In whose time zone elapsed time is told.
    """
    reading = clocks.read(state, calendar, now, {})
    place = calendar or zone_of
    duration = None if state.target is None else parse_duration(state.target)
    mine = [each for each in state.segments if each["round"] == state.round]
    counts = calendar if duration is not None and duration.is_business else None
    lines = tuple(_segments(mine, counts, place, reading.deadline or now, now, why or {}))
    start = read_instant(mine[0]["from"]) if mine else now
    if duration is None:
        rules: tuple[str, ...] = ("It has no target: nothing is due.",)
    elif counts is None:
        rules = ("Elapsed time: every hour counts, day and night.",)
    else:
        rules = _rules(duration, counts, start)
    return Explanation(
        deadline=reading.deadline,
        start=start,
        target=state.target,
        lines=lines,
        rules=rules,
        calendar=place,
        state=state.state,
        elapsed=reading.elapsed,
        remaining=reading.remaining,
        breached_at=reading.breached_at,
        targets=state.targets,
        rounds=state.round,
        edited=edited,
    )


def _rules(duration: Duration, calendar: Calendar, start: datetime) -> tuple[str, ...]:
    hours = "Hours include their beginning and exclude their end."
    if not duration.business_days:
        return (hours,)
    end = calendar.add_days(start, duration.business_days)
    worked = calendar.elapsed(start, end)
    found = [f"{each:%a} {each:%Y-%m-%d}" for each in _working_days(calendar, start, duration)]
    if len(found) > MOST_DAYS:
        found = [*found[:2], f"{len(found) - 3} more", found[-1]]
    days = ", ".join(found) or "none"
    return (
        hours,
        (
            f"Business days: the same local time so many working days later ({days}), moved on to "
            f"the next working hour: {_local(calendar, end):%a %Y-%m-%d %H:%M}. That is "
            f"{said(worked)} of working time."
        ),
    )


def _working_days(calendar: Calendar, start: datetime, duration: Duration) -> list[date]:
    found: list[date] = []
    day = calendar.local(start).date()
    while len(found) < duration.business_days:
        day += _DAY
        if calendar.is_working_day(day):
            found.append(day)
    return found


def _segments(
    segments: Sequence[Mapping[str, Any]],
    counts: Calendar | None,
    place: Calendar | None,
    until: datetime,
    now: datetime,
    why: Mapping[str, str],
) -> Iterator[Line]:
    total = timedelta()
    for segment in segments:
        begin = read_instant(segment["from"])
        reason = why.get(segment["from"], "")
        if segment["state"] != "running":
            end = None if segment["to"] is None else read_instant(segment["to"])
            if segment["state"] == "stopped" and end is None:
                yield Line("ended", _local(place, begin), None, timedelta(), total, (), reason)
            else:
                kind = "paused" if segment["state"] == "paused" else "ended"
                local = None if end is None else _local(place, end)
                yield Line(kind, _local(place, begin), local, timedelta(), total, (), reason)
            continue
        end = read_instant(segment["to"]) if segment["to"] else max(until, now, begin)
        if counts is None:
            total += end - begin
            yield Line(
                "counted", _local(place, begin), _local(place, end), end - begin, total, (), reason
            )
            continue
        first = True
        for line in _days(counts, begin, end, total):
            yield line if not (first and reason) else _because(line, reason)
            first = False
            total = line.total


def _because(line: Line, reason: str) -> Line:
    why = f"{line.why}; {reason}" if line.why else reason
    return Line(line.kind, line.begin, line.end, line.counted, line.total, line.hours, why)


def _days(calendar: Calendar, begin: datetime, end: datetime, total: timedelta) -> Iterator[Line]:
    """A line for each day that is worked, and one for all days off between two of them."""
    day = calendar.local(begin).date()
    last = calendar.local(end).date()
    off: list[tuple[date, str]] = []
    while day <= last:
        start, finish = (_midnight(calendar, each) for each in (day, day + _DAY))
        low, high = max(start, begin), min(finish, end)
        told = calendar.day(day)
        if not told.hours and high > low:
            off.append((day, told.why))
        elif high > low or day == last:
            yield from _off(calendar, off, total)
            off = []
            counted = calendar.elapsed(low, high)
            if counted or high > low:
                total += counted
                yield Line(
                    "counted", calendar.local(low), calendar.local(high), counted, total,
                    told.hours, told.why,
                )  # fmt: skip
        day += _DAY
    yield from _off(calendar, off, total)


def _off(calendar: Calendar, days: Sequence[tuple[date, str]], total: timedelta) -> Iterator[Line]:
    if not days:
        return
    names = ", ".join(f"{day:%m-%d} {why}" for day, why in days if why)
    begin = calendar.local(_midnight(calendar, days[0][0]))
    end = calendar.local(_midnight(calendar, days[-1][0] + _DAY))
    yield Line("off", begin, end, timedelta(), total, (), names)


def said(span: timedelta) -> str:
    """A span in hours and minutes, seconds where there are some."""
    sign = "-" if span < timedelta() else ""
    seconds = round(abs(span).total_seconds())
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    return f"{sign}{hours} h {minutes:02}" + (f":{left:02}" if left else "")


def _midnight(calendar: Calendar, day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), calendar.zone).astimezone(UTC)


def _local(place: Calendar | None, at: datetime) -> datetime:
    return at.astimezone(UTC) if place is None else place.local(at)


def _written(at: datetime | None) -> str | None:
    return None if at is None else write_instant(at)
