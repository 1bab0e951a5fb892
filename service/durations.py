"""Durations as process owners write them: elapsed time or working time.

Shapes (vocabulary 4): the standard's object (`{hours: 4}`) or ISO 8601 text (`PT4H`) for elapsed
time; `{businessMinutes | businessHours | businessDays: n, calendar?}` for working time; in tables
also text as people say it, `15 minutes` or `4 business hours`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

from service.errors import DurationInvalid, listed

ELAPSED_UNITS: Mapping[str, timedelta] = {
    "weeks": timedelta(weeks=1),
    "days": timedelta(days=1),
    "hours": timedelta(hours=1),
    "minutes": timedelta(minutes=1),
    "seconds": timedelta(seconds=1),
    "milliseconds": timedelta(milliseconds=1),
}
BUSINESS_UNITS: tuple[str, ...] = ("businessMinutes", "businessHours", "businessDays")

LONGEST = timedelta(days=36_525)
"""A hundred years: a longer duration is a slip, and would run over the end of the calendar."""

_ISO = re.compile(
    r"P(?!$)(?:(?P<weeks>\d+(?:\.\d+)?)W)?(?:(?P<days>\d+(?:\.\d+)?)D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d+(?:\.\d+)?)H)?(?:(?P<minutes>\d+(?:\.\d+)?)M)?"
    r"(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?",
    re.ASCII,
)
_TEXT = re.compile(
    r"(?P<count>\d+(?:\.\d+)?)\s+(?P<business>business\s+)?"
    r"(?P<unit>weeks?|days?|hours?|minutes?|seconds?)",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Duration:
    """Elapsed time, working time or working days: one of the three, the others are zero.

    `calendar` is the one that the duration itself names.
    """

    elapsed: timedelta = timedelta(0)
    business_time: timedelta = timedelta(0)
    business_days: int = 0
    calendar: str | None = None
    is_business: bool = False

    @property
    def business_minutes(self) -> float:
        """Working time in minutes (without working days)."""
        return self.business_time / timedelta(minutes=1)

    @property
    def business_hours(self) -> float:
        """Working time in hours (without working days)."""
        return self.business_time / timedelta(hours=1)


def parse_duration(value: Any) -> Duration:
    """The duration that a JSON value means.

    Raises:
        DurationInvalid: the value is no duration, is negative or longer than a hundred years.
    """
    if isinstance(value, str):
        return _from_text(value)
    if isinstance(value, Mapping):
        try:
            return _known(tuple(value.items()), tuple(map(type, value.values())))
        except TypeError:
            # No number but a list or an object.
            return _from_object(value)
    raise DurationInvalid(value, "it must be an object or text")


def duration_to_json(duration: Duration) -> dict[str, Any]:
    """The duration as JSON object in the largest unit that leaves no rest."""
    json: dict[str, Any]
    if not duration.is_business:
        return _in_units(duration.elapsed)
    if duration.business_days:
        json = {"businessDays": duration.business_days}
    else:
        minutes = duration.business_minutes
        key, number = (
            ("businessHours", minutes / 60) if minutes % 60 == 0 else ("businessMinutes", minutes)
        )
        json = {key: int(number) if number == int(number) else number}
    if duration.calendar is not None:
        json["calendar"] = duration.calendar
    return json


def _in_units(elapsed: timedelta) -> dict[str, Any]:
    rest, json = elapsed, dict[str, Any]()
    for name in ("days", "hours", "minutes", "seconds"):
        count, rest = divmod(rest, ELAPSED_UNITS[name])
        if count:
            json[name] = count
    if rest:
        json["milliseconds"] = rest / ELAPSED_UNITS["milliseconds"]
    return json or {"seconds": 0}


def _from_text(text: str) -> Duration:
    found = _ISO.fullmatch(text)
    if found:
        return _elapsed({unit: float(n) for unit, n in found.groupdict().items() if n}, text)
    if re.fullmatch(r"P(\d+Y)?(\d+M)?(\d+D)?(T.*)?", text) and ("Y" in text or "M" in text):
        raise DurationInvalid(text, "years and months have no fixed length, write days")
    spoken = _TEXT.fullmatch(text.strip())
    if not spoken:
        raise DurationInvalid(text, "the text is neither ISO 8601 nor like `4 business hours`")
    count = float(spoken["count"])
    unit = spoken["unit"].rstrip("s") + "s"
    if spoken["business"]:
        return _business(f"business{unit.capitalize()}", count, None, text)
    return _elapsed({unit: count}, text)


@lru_cache(maxsize=512)
def _known(units: tuple[tuple[str, Any], ...], types: tuple[type, ...]) -> Duration:
    """An object that was read before, as targets are whenever a clock is looked at.

    The types are part of the question: True equals 1 and is no number here.
    """
    del types
    return _from_object(dict(units))


def _from_object(value: Mapping[str, Any]) -> Duration:
    units = [key for key in value if key != "calendar"]
    if not units:
        raise DurationInvalid(dict(value), "it names no unit")
    unknown = [u for u in units if u not in ELAPSED_UNITS and u not in BUSINESS_UNITS]
    if unknown:
        allowed = listed((*ELAPSED_UNITS, *BUSINESS_UNITS))
        raise DurationInvalid(dict(value), f'"{unknown[0]}" is no unit, allowed are {allowed}')
    for unit in units:
        if isinstance(value[unit], bool) or not isinstance(value[unit], int | float):
            raise DurationInvalid(dict(value), f'"{unit}" must be a number')
    if any(unit in BUSINESS_UNITS for unit in units):
        if len(units) > 1:
            raise DurationInvalid(dict(value), "working time takes exactly one unit")
        calendar = value.get("calendar")
        if calendar is not None and not isinstance(calendar, str):
            raise DurationInvalid(dict(value), '"calendar" must be the name of a calendar')
        return _business(units[0], value[units[0]], calendar, dict(value))
    if "calendar" in value:
        raise DurationInvalid(dict(value), "only working time counts in a calendar")
    return _elapsed({unit: value[unit] for unit in units}, dict(value))


def _elapsed(units: Mapping[str, float], source: Any) -> Duration:
    _check_numbers(units.values(), source)
    try:
        total = sum((ELAPSED_UNITS[unit] * n for unit, n in units.items()), timedelta(0))
    except OverflowError:
        total = timedelta.max
    if total > LONGEST:
        raise DurationInvalid(source, "it is longer than a hundred years")
    return Duration(elapsed=total)


def _business(unit: str, count: float, calendar: str | None, source: Any) -> Duration:
    if unit not in BUSINESS_UNITS:
        raise DurationInvalid(source, "working time is counted in minutes, hours or days")
    _check_numbers([count], source)
    if unit == "businessDays":
        if count != int(count):
            raise DurationInvalid(source, "working days are whole, write businessHours for parts")
        return Duration(business_days=int(count), calendar=calendar, is_business=True)
    size = timedelta(hours=1) if unit == "businessHours" else timedelta(minutes=1)
    return Duration(business_time=size * count, calendar=calendar, is_business=True)


def _check_numbers(numbers: Any, source: Any) -> None:
    for number in numbers:
        # Written so that NaN is refused as well: every comparison with it is false.
        if not 0 <= number <= 1e9:
            raise DurationInvalid(source, "its numbers must not be negative or beyond all bounds")
