"""When a rule starts a case, and why not: its days, moved or left out by the calendar's holidays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from service.calendars import Calendar
from service.schedules.rules import EVERY_MONTH, Rule, RuleInvalid
from service.schedules.timing import instant

FARTHEST_MOVE = 60
"""Days within which a working day is looked for, forwards or back."""

LOOKS_AHEAD = 366 * 6
"""Days within which a next occurrence is looked for: a rule of one month each year has six."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Days:
    """What a rule's schedule says about days. `holiday` is skip, previous, next or run."""

    rule: Rule
    zone: ZoneInfo
    at: time
    holiday: str = "run"
    months: tuple[int, ...] = EVERY_MONTH
    anchor: date | None = None

    @property
    def needs_calendar(self) -> bool:
        """Whether a calendar decides anything."""
        return self.rule.needs_calendar or self.holiday != "run"

    @property
    def reach(self) -> timedelta:
        """How far a named day may be moved."""
        return timedelta(days=FARTHEST_MOVE if self.holiday in ("previous", "next") else 0)

    def instant(self, day: date) -> datetime:
        """When the case of a day starts, in UTC."""
        return instant(day, self.at, self.zone).at


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One day that the rule names: `day`. The case starts `on` another one, or, with None, on none."""

    day: date
    on: date | None
    at: datetime | None
    why: str
    """In words, for people: empty where nothing was moved."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a day has a case, and why."""

    due: bool
    why: str


def occurrences(
    days: Days, calendar: Calendar | None, first: date, last: date
) -> Iterator[Occurrence]:
    """What becomes of every day that the rule names between two days, both included.

    Raises:
        RuleInvalid: it needs a calendar, and there is none.
    """
    if days.needs_calendar and calendar is None:
        raise RuleInvalid(days.rule.text, "business days and holidays need a calendar")
    for day in days.rule.days(
        first, last, months=days.months, anchor=days.anchor, calendar=calendar
    ):
        yield _moved(days, calendar, day)


def decide(days: Days, calendar: Calendar | None, day: date) -> Decision:
    """Whether a case starts on this day.

    Raises:
        RuleInvalid: it needs a calendar, and there is none.
    """
    named = list(occurrences(days, calendar, day - days.reach, day + days.reach))
    for each in named:
        if each.on == day:
            return Decision(True, each.why or f"{day} is {days.rule.text}")
    for each in named:
        if each.day == day:
            return Decision(False, each.why)
    return Decision(False, f"{day} is not {days.rule.text}{_only_in(days)}")


def following(
    days: Days, calendar: Calendar | None, after: datetime, count: int
) -> tuple[Occurrence, ...]:
    """The next `count` starts after an instant, with the days left out between them.

    Several named days that move to one day have one case, which the first of them stands for.
    """
    first = after.astimezone(days.zone).date()
    last = first + timedelta(days=LOOKS_AHEAD)
    found: list[Occurrence] = []
    starts = 0
    taken: date | None = None
    # Moving keeps the order: of two named days the later one is never moved before the other.
    for each in occurrences(days, calendar, first - days.reach, last):
        if each.on is None or each.at is None:
            if days.instant(each.day) > after:
                found.append(each)
        elif each.at > after:
            if each.on == taken:
                found.append(replace(each, on=None, at=None, why=f"{each.why} that has its case"))
                continue
            taken = each.on
            found.append(each)
            starts += 1
            if starts == count:
                break
    return tuple(found)


def _moved(days: Days, calendar: Calendar | None, day: date) -> Occurrence:
    if calendar is None or days.holiday == "run" or calendar.is_working_day(day):
        return Occurrence(day, day, days.instant(day), _by_the_clock(days, day))
    closed = f"{day} is not worked in {calendar.name}"
    if days.holiday == "skip":
        return Occurrence(day, None, None, f"{closed}: left out")
    step = _DAY if days.holiday == "next" else -_DAY
    other = day
    for _ in range(FARTHEST_MOVE):
        other += step
        if calendar.is_working_day(other):
            return Occurrence(
                day, other, days.instant(other), f"{closed}: moved to {other}, a working day"
            )
    return Occurrence(
        day, None, None, f"{closed}, nor is any of {FARTHEST_MOVE} days beside it: left out"
    )


def _by_the_clock(days: Days, day: date) -> str:
    when = instant(day, days.at, days.zone)
    if when.moved:
        later = when.at.astimezone(days.zone)
        return f"no clock shows {days.at:%H:%M} on {day}: it is {later:%H:%M}"
    return f"clocks show {days.at:%H:%M} twice on {day}: the second time" if when.twice else ""


def _only_in(days: Days) -> str:
    if days.months == EVERY_MONTH:
        return ""
    return f" in one of the months {', '.join(str(month) for month in days.months)}"


def as_text(at: datetime, zone: ZoneInfo) -> str:
    """An instant as people read it: local time, offset, name of the day."""
    local = at.astimezone(zone)
    return f"{local:%a %Y-%m-%d %H:%M %z}"
