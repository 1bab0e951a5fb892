"""Calendars against somebody who looks at the clock on the wall every minute.

The reference below knows only the calendar's file: it shares no line with `service.calendars`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from service.calendars import calendar_from

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

NIGHTS: Mapping[str, tuple[str, ...]] = {
    "Europe/Berlin": ("2026-03-29", "2026-10-25"),
    "America/New_York": ("2026-03-08", "2026-11-01"),
    "Australia/Lord_Howe": ("2026-04-05", "2026-10-04"),
    "America/Santiago": ("2026-04-05", "2026-09-06"),
    "Asia/Taipei": ("2026-02-16", "2026-06-01"),
    "UTC": ("2026-12-31",),
}
"""Zones and dates at which something happens to their clocks: an hour missing or repeated, half an
hour (Lord Howe), an hour at midnight (Santiago), or nothing at all."""

HOURS = (
    [],
    ["09:00-12:00", "13:00-18:00"],
    ["00:00-24:00"],
    ["00:00-04:00", "22:00-24:00"],
    ["01:30-02:30"],
    ["02:00-03:00", "03:00-03:30"],
    ["23:59-24:00"],
)


def intervals(data: Mapping[str, Any], day: date) -> list[tuple[int, int]]:
    """Say from which to which minute of its wall clock a day is worked, as the file has it."""
    text = day.isoformat()
    usual = data["week"].get(NAMES[day.weekday()], [])
    if text in data["exceptions"]:
        hours = data["exceptions"][text]
    elif text in data["holidays"]["worked"]:
        hours = usual or next((h for n in NAMES if (h := data["week"].get(n))), [])
    elif text in data["holidays"]["extra"]:
        hours = []
    else:
        hours = usual
    pairs = [each.split("-") for each in hours]
    return [(int(a[:2]) * 60 + int(a[3:]), int(b[:2]) * 60 + int(b[3:])) for a, b in pairs]


def worked(data: Mapping[str, Any], at: datetime) -> bool:
    """Say whether the minute that begins at an instant is worked."""
    local = at.astimezone(ZoneInfo(data["timezone"]))
    minute = local.hour * 60 + local.minute
    return any(begin <= minute < end for begin, end in intervals(data, local.date()))


def next_worked(data: Mapping[str, Any], at: datetime) -> datetime:
    """Step to the first worked minute."""
    while not worked(data, at):
        at += MINUTE
    return at


def days_later(data: Mapping[str, Any], at: datetime, days: int, step: timedelta) -> datetime:
    """Step over the dates of the wall calendar, and go on at the first worked minute."""
    zone = ZoneInfo(data["timezone"])
    local = at.astimezone(zone)
    day = local.date()
    while days:
        day += step
        days -= 1 if intervals(data, day) else 0
    return next_worked(data, datetime.combine(day, local.time(), zone).astimezone(UTC))


@st.composite
def moments(draw: st.DrawFn) -> tuple[dict[str, Any], datetime]:
    """Draw a calendar and a minute near one of the nights of its zone."""
    zone = draw(st.sampled_from(sorted(NIGHTS)))
    night = date.fromisoformat(draw(st.sampled_from(NIGHTS[zone])))
    around = [(night + number * DAY).isoformat() for number in range(-2, 4)]
    week = {name: draw(st.sampled_from(HOURS)) for name in NAMES}
    # One day of work at least, so that nobody searches for ever.
    week[draw(st.sampled_from(NAMES))] = ["09:00-12:00", "13:00-18:00"]
    data = {
        "timezone": zone,
        "week": week,
        "exceptions": draw(
            st.dictionaries(st.sampled_from(around), st.sampled_from(HOURS), max_size=2)
        ),
        "holidays": {
            "extra": draw(st.lists(st.sampled_from(around), unique=True, max_size=2)),
            "worked": draw(st.lists(st.sampled_from(around), unique=True, max_size=1)),
        },
    }
    start = datetime.combine(night, datetime.min.time(), UTC) - DAY
    return data, start + draw(st.integers(0, 60 * 48)) * MINUTE


@settings(max_examples=120, deadline=None)
@given(moments(), st.integers(0, 60 * 60))
def test_elapsed_is_the_number_of_worked_minutes(
    moment: tuple[dict[str, Any], datetime], minutes: int
) -> None:
    """Half-open hours, lunch, 24:00, exceptions, holidays, nights of 23, 24 and 25 hours."""
    data, begin = moment
    end = begin + minutes * MINUTE

    found = calendar_from("c", data).elapsed(begin, end)

    assert found == sum(worked(data, begin + n * MINUTE) for n in range(minutes)) * MINUTE


@settings(max_examples=120, deadline=None)
@given(moments(), st.integers(1, 60 * 20))
def test_added_time_ends_with_its_last_worked_minute(
    moment: tuple[dict[str, Any], datetime], minutes: int
) -> None:
    """The deadline is the end of the last minute that counts: 18:00, and not 09:00 of the next day."""
    data, begin = moment

    found = calendar_from("c", data).add_time(begin, minutes * MINUTE)

    at, counted = begin, 0
    while counted < minutes:
        counted += worked(data, at)
        at += MINUTE
    assert found == at


@settings(max_examples=120, deadline=None)
@given(moments())
def test_work_goes_on_at_the_first_worked_minute(
    moment: tuple[dict[str, Any], datetime],
) -> None:
    """The end of an interval is not worked any more, its beginning is."""
    data, at = moment

    assert calendar_from("c", data).next_working(at) == next_worked(data, at)


@settings(max_examples=120, deadline=None)
@given(moments(), st.integers(0, 6))
def test_working_days_are_counted_on_the_wall_calendar(
    moment: tuple[dict[str, Any], datetime], days: int
) -> None:
    """The same local time so many days of work later or earlier, and on to the next work."""
    data, at = moment
    calendar = calendar_from("c", data)

    assert calendar.add_days(at, days) == days_later(data, at, days, DAY)
    assert calendar.subtract_days(at, days) == days_later(data, at, days, -DAY)


@settings(max_examples=60, deadline=None)
@given(moments(), st.lists(st.integers(0, 60 * 20), min_size=3, max_size=3))
def test_time_can_be_counted_in_parts(
    moment: tuple[dict[str, Any], datetime], parts: list[int]
) -> None:
    """However a stretch is cut, by pauses or by a deadline that is counted on, the sum is the same."""
    data, begin = moment
    calendar = calendar_from("c", data)
    first, second, third = (timedelta(minutes=each) for each in parts)
    middle, end = begin + first, begin + first + second

    assert calendar.elapsed(begin, middle) + calendar.elapsed(middle, end) == calendar.elapsed(
        begin, end
    )
    once = calendar.add_time(begin, first + MINUTE + third)
    assert calendar.add_time(calendar.add_time(begin, first + MINUTE), third) == once
