"""Rules of schedules: the days that a text such as `first-business-day` names.

They know no holiday but what the calendar says of a working day; moving is `occurrences`' job.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from service.errors import ServiceError

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
)  # fmt: skip
EVERY_MONTH = tuple(range(1, 13))

_DAY = timedelta(days=1)
_WEEKDAY = f"(?P<weekday>{'|'.join(WEEKDAYS)})"
_RULE = re.compile(
    rf"(?P<daily>every-day)|(?P<worked>business-days)|every-{_WEEKDAY}"
    r"|every-(?P<weeks>[2-9]|[1-4]\d|5[0-2])-weeks"
    rf"|(?P<nth>{'|'.join(ORDINALS)}|second-last|last)-business-day"
    rf"|(?P<week>first|second|third|fourth|last)-{_WEEKDAY.replace('weekday', 'of')}"
    r"|day-(?P<day>[1-9]|1\d|2[0-8])|(?P<end>last-day)",
    re.ASCII,
)


class RuleInvalid(ServiceError):
    """A text that names no days."""

    def __init__(self, text: str, problem: str = "it is no rule of schedules") -> None:
        self.text = text
        super().__init__(
            f'"{text}" names no days: {problem}. Write for example first-business-day, '
            "last-friday, every-monday, every-2-weeks with from:, day-15 or last-day."
        )


class WorkingDays(Protocol):
    """The part of a calendar that rules ask."""

    def is_working_day(self, day: date) -> bool:
        """Whether anything is worked on that local date."""
        ...


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that was read. One of its fields says which days; `number` -1 is the last one.

    `business` rules name working days only, so that nothing has to be moved.
    """

    text: str
    kind: str
    """day | business | weekly | weeks | weekday | date"""
    number: int = 0
    weekday: int = 0

    @property
    def needs_calendar(self) -> bool:
        """Whether only a calendar can say which days are meant."""
        return self.kind == "business"

    def days(
        self,
        first: date,
        last: date,
        *,
        months: Collection[int] = EVERY_MONTH,
        anchor: date | None = None,
        calendar: WorkingDays | None = None,
    ) -> Iterator[date]:
        """The days named from `first` to `last`, both included, in order.

        Args:
            first: Where to begin.
            last: Where to end.
            months: Only days of these months.
            anchor: A day of the first week that counts, for every so many weeks.
            calendar: Says which days are worked, for rules of business days.

        Raises:
            RuleInvalid: the rule needs an anchor or a calendar, and has none.
        """
        if self.kind == "weeks" and anchor is None:
            raise RuleInvalid(self.text, "it needs from: with the first day that counts")
        if self.needs_calendar and calendar is None:
            raise RuleInvalid(self.text, "business days need a calendar")
        day = first
        while day <= last:
            if day.month in months and self._names(day, anchor, calendar):
                yield day
            day += _DAY

    def _names(self, day: date, anchor: date | None, calendar: WorkingDays | None) -> bool:
        match self.kind:
            case "day":
                return True
            case "weekly":
                return day.weekday() == self.weekday
            case "weeks":
                assert anchor is not None
                return day >= anchor and (day - anchor).days % (7 * self.number) == 0
            case "date":
                return day.day == (self.number if self.number > 0 else _length(day))
            case "weekday":
                if day.weekday() != self.weekday:
                    return False
                if self.number < 0:
                    return day.day + 7 > _length(day)
                return (day.day - 1) // 7 + 1 == self.number
            case _:
                assert calendar is not None
                return self._names_working(day, calendar)

    def _names_working(self, day: date, calendar: WorkingDays) -> bool:
        if not calendar.is_working_day(day):
            return False
        if self.number == 0:
            return True
        days = range(1, day.day) if self.number > 0 else range(day.day + 1, _length(day) + 1)
        beside = sum(calendar.is_working_day(day.replace(day=each)) for each in days)
        return beside + 1 == abs(self.number)


def read_rule(text: str) -> Rule:
    """The rule that a text names.

    Raises:
        RuleInvalid: it names none.
    """
    found = _RULE.fullmatch(text)
    if found is None:
        raise RuleInvalid(text)
    part = found.groupdict()
    if part["daily"]:
        return Rule(text, "day")
    if part["worked"]:
        return Rule(text, "business")
    if part["weekday"]:
        return Rule(text, "weekly", weekday=WEEKDAYS.index(part["weekday"]))
    if part["weeks"]:
        return Rule(text, "weeks", number=int(part["weeks"]))
    if part["nth"]:
        return Rule(text, "business", number=_number(part["nth"]))
    if part["of"]:
        return Rule(
            text, "weekday", number=_number(part["week"]), weekday=WEEKDAYS.index(part["of"])
        )
    return Rule(text, "date", number=int(part["day"]) if part["day"] else -1)


def _number(word: str) -> int:
    return {"last": -1, "second-last": -2}.get(word) or ORDINALS.index(word) + 1


def _length(day: date) -> int:
    return monthrange(day.year, day.month)[1]
