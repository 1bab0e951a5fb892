"""Calendars against a slow and obvious minute-by-minute reference."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.calendars import Calendar, calendar_from
from service.errors import CalendarInvalid, NoWorkingTime

ZONES = ("Asia/Taipei", "Europe/Berlin", "America/New_York", "UTC")
OFFICE = {"mon-fri": ["09:00-12:00", "13:00-18:00"], "sat": ["01:00-04:00"], "sun": ["00:00-24:00"]}


def calendar(zone: str, **more: Any) -> Calendar:
    """Give office hours in a zone."""
    return calendar_from("office", {"timezone": zone, "week": OFFICE, **more})


def counted(hours: Calendar, start: datetime, end: datetime) -> timedelta:
    """Count the minutes whose wall time lies in a working interval, one by one."""
    total = 0
    at = start
    while at < end:
        local = at.astimezone(hours.zone)
        minute = local.hour * 60 + local.minute
        total += any(a <= minute < b for a, b in hours._minutes(local.date()))
        at += timedelta(minutes=1)
    return timedelta(minutes=total)


@settings(max_examples=40, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    start=st.sampled_from(
        [
            datetime(2026, 3, 28, 12, tzinfo=UTC),
            datetime(2026, 10, 24, 20, tzinfo=UTC),
            datetime(2026, 3, 7, 23, tzinfo=UTC),
            datetime(2026, 11, 1, 1, tzinfo=UTC),
            datetime(2026, 6, 1, tzinfo=UTC),
        ]
    ),
    shift=st.integers(0, 600),
    minutes=st.integers(0, 2600),
)
def test_elapsed_agrees_with_counting_minutes(
    zone: str, start: datetime, shift: int, minutes: int
) -> None:
    """Lunch breaks, nights and both clock changes count as the minutes on the wall do."""
    hours = calendar(zone)
    begin = start + timedelta(minutes=shift)
    end = begin + timedelta(minutes=minutes)

    assert counted(hours, begin, end) == hours.elapsed(begin, end)


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    shift=st.integers(0, 60 * 24 * 400),
    minutes=st.integers(1, 60 * 60),
)
def test_added_time_has_elapsed(zone: str, shift: int, minutes: int) -> None:
    """Adding working time and counting it are each other's inverse."""
    hours = calendar(zone)
    begin = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=shift)
    span = timedelta(minutes=minutes)

    assert span == hours.elapsed(begin, hours.add_time(begin, span))


TAIPEI = {"timezone": "Asia/Taipei", "week": {"mon-fri": ["09:00-12:00", "13:00-18:00"]}}


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-03-02T10:00+08:00", 1, "2026-03-03T10:00+08:00"),
        ("2026-03-06T17:30+08:00", 1, "2026-03-09T17:30+08:00"),
        ("2026-03-07T10:00+08:00", 1, "2026-03-09T10:00+08:00"),
        ("2026-03-02T12:30+08:00", 1, "2026-03-03T13:00+08:00"),
        ("2026-03-02T18:00+08:00", 1, "2026-03-04T09:00+08:00"),
        ("2026-03-02T10:00+08:00", 5, "2026-03-09T10:00+08:00"),
    ],
)
def test_working_days_keep_the_local_time(start: str, days: int, end: str) -> None:
    """N working days later is the same time of day, moved into working hours."""
    hours = calendar_from("taipei", TAIPEI)

    assert datetime.fromisoformat(end) == hours.add_days(datetime.fromisoformat(start), days)


def test_holidays_and_exceptions() -> None:
    """A national holiday is off, a worked Saturday is on, a half day has its own hours."""
    hours = calendar_from(
        "taipei",
        {
            **TAIPEI,
            "holidays": {"country": "TW", "worked": ["2026-02-07"]},
            "exceptions": {"2026-02-13": ["09:00-12:00"]},
        },
    )

    assert not hours.is_working_day(date(2026, 2, 28))
    assert hours.is_working_day(date(2026, 2, 7))
    friday = datetime(2026, 2, 13, 0, tzinfo=hours.zone)
    assert timedelta(hours=3) == hours.elapsed(friday, friday + timedelta(days=1))


def test_a_calendar_without_hours_says_so() -> None:
    """Counting in an empty calendar ends with an error instead of running for ever."""
    empty = calendar_from("never", {"timezone": "UTC", "week": {}})

    with pytest.raises(NoWorkingTime, match="never"):
        empty.add_time(datetime(2026, 1, 1, tzinfo=UTC), timedelta(minutes=1))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"week": {}}, "timezone is missing"),
        ({"timezone": "Mars/Base"}, "is not a time zone"),
        ({"timezone": "UTC", "week": {"monday": []}}, "not a day"),
        ({"timezone": "UTC", "week": {"mon": ["12:00-09:00"]}}, "must end after it begins"),
        ({"timezone": "UTC", "week": {"mon": ["09:00-12:00", "11:00-13:00"]}}, "overlap"),
        ({"timezone": "UTC", "exceptions": {"13.2.": []}}, "not a date"),
    ],
)
def test_bad_calendars_are_refused_by_entry(data: dict[str, Any], said: str) -> None:
    """The message names what cannot be read."""
    with pytest.raises(CalendarInvalid, match=said):
        calendar_from("bad", data)
