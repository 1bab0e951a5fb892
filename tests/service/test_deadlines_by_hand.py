"""Deadlines that somebody counted with a pencil: nights of the clock change, holidays, half days, 24x7."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.calendars import calendar_from
from service.durations import parse_duration
from service.errors import DurationInvalid
from service.instants import read_instant
from service.reads import calendar_deadline, clock_read

CALENDARS: dict[str, dict[str, Any]] = {
    "taipei": {
        "timezone": "Asia/Taipei",
        "week": {"mon-fri": ["09:00-12:00", "13:00-18:00"]},
        # The week of the New Year, a half day before it, and a Saturday that is worked for it.
        "holidays": {
            "extra": ["2026-02-16", "2026-02-17", "2026-02-18", "2026-02-19", "2026-02-20"],
            "worked": ["2026-02-07"],
        },
        "exceptions": {"2026-02-13": ["09:00-12:00"]},
    },
    "berlin": {
        "timezone": "Europe/Berlin",
        "week": {
            "mon-fri": ["09:00-12:00", "13:00-18:00"],
            "sat": ["22:00-24:00"],
            "sun": ["00:00-04:00"],
        },
    },
    "always-berlin": {"timezone": "Europe/Berlin", "week": {"mon-sun": ["00:00-24:00"]}},
    "always-taipei": {"timezone": "Asia/Taipei", "week": {"mon-sun": ["00:00-24:00"]}},
    "new-york": {"timezone": "America/New_York", "week": {"mon-sun": ["00:30-02:30"]}},
}

COUNTED = [
    # An office with a lunch break.
    ("taipei", "2026-03-02T09:00+08:00", "4 business hours", "2026-03-02T14:00+08:00"),
    ("taipei", "2026-03-02T11:59+08:00", "1 business minutes", "2026-03-02T12:00+08:00"),
    ("taipei", "2026-03-02T12:30+08:00", "1 business minutes", "2026-03-02T13:01+08:00"),
    ("taipei", "2026-03-02T09:00+08:00", "8 business hours", "2026-03-02T18:00+08:00"),
    ("taipei", "2026-03-02T18:00+08:00", "1 business minutes", "2026-03-03T09:01+08:00"),
    # A weekend.
    ("taipei", "2026-03-06T17:00+08:00", "2 business hours", "2026-03-09T10:00+08:00"),
    ("taipei", "2026-03-07T03:00+08:00", "2 business hours", "2026-03-09T11:00+08:00"),
    ("taipei", "2026-03-06T17:00+08:00", "3 business days", "2026-03-11T17:00+08:00"),
    ("taipei", "2026-03-07T10:00+08:00", "1 business days", "2026-03-09T10:00+08:00"),
    ("taipei", "2026-03-02T18:00+08:00", "1 business days", "2026-03-04T09:00+08:00"),
    # Two hours of the half day, then the holidays, then two hours of the Monday after them.
    ("taipei", "2026-02-13T10:00+08:00", "4 business hours", "2026-02-23T11:00+08:00"),
    ("taipei", "2026-02-12T15:00+08:00", "1 business days", "2026-02-23T09:00+08:00"),
    ("taipei", "2026-02-12T10:00+08:00", "2 business days", "2026-02-23T10:00+08:00"),
    # The Saturday that is worked has the hours of a weekday.
    ("taipei", "2026-02-06T17:00+08:00", "2 business hours", "2026-02-07T10:00+08:00"),
    ("taipei", "2026-02-06T17:00+08:00", "1 business days", "2026-02-07T17:00+08:00"),
    # A night without the hour from 02:00 to 03:00: the shift until 04:00 has three hours.
    ("berlin", "2026-03-29T00:00+01:00", "3 business hours", "2026-03-29T04:00+02:00"),
    ("berlin", "2026-03-29T00:00+01:00", "4 business hours", "2026-03-30T10:00+02:00"),
    ("berlin", "2026-03-28T23:00+01:00", "4 business hours", "2026-03-29T04:00+02:00"),
    # A night that has the hour from 02:00 to 03:00 twice: five hours.
    ("berlin", "2026-10-25T00:00+02:00", "5 business hours", "2026-10-25T04:00+01:00"),
    ("berlin", "2026-10-25T02:30+02:00", "1 business hours", "2026-10-25T02:30+01:00"),
    # 24:00 is the same as 00:00, and no minute between them is lost.
    ("berlin", "2026-03-21T23:30+01:00", "30 business minutes", "2026-03-22T00:00+01:00"),
    ("berlin", "2026-03-21T23:30+01:00", "31 business minutes", "2026-03-22T00:01+01:00"),
    # Around the clock.
    ("always-berlin", "2026-03-28T22:00+01:00", "8 business hours", "2026-03-29T07:00+02:00"),
    ("always-berlin", "2026-03-28T22:00+01:00", "8 hours", "2026-03-29T07:00+02:00"),
    ("always-berlin", "2026-10-24T22:00+02:00", "8 business hours", "2026-10-25T05:00+01:00"),
    ("always-berlin", "2026-03-28T12:00+01:00", "1 business days", "2026-03-29T12:00+02:00"),
    ("always-berlin", "2026-03-28T12:00+01:00", "1 days", "2026-03-29T13:00+02:00"),
    ("always-taipei", "2026-12-31T23:00+08:00", "4 business hours", "2027-01-01T03:00+08:00"),
    ("always-taipei", "2026-03-01T00:00+08:00", "10080 business minutes", "2026-03-08T00:00+08:00"),
    # A shift of two hours has one on the night without, and three on the night with an hour twice.
    ("new-york", "2026-03-08T00:00-05:00", "90 business minutes", "2026-03-08T01:59:59.999999-05:00"),
    ("new-york", "2026-11-01T00:00-04:00", "3 business hours", "2026-11-01T02:30-05:00"),
]  # fmt: skip


@pytest.mark.parametrize(("calendar", "start", "duration", "deadline"), COUNTED)
def test_deadlines_are_those_counted_by_hand(
    calendar: str, start: str, duration: str, deadline: str
) -> None:
    """By the calendar, by the read that cases use, and by a clock with this target."""
    expected = datetime.fromisoformat(deadline)
    begin = datetime.fromisoformat(start)
    if expected.microsecond:
        # 01:59:60 is 03:00 on this night: the end of the last minute that counts.
        expected += timedelta(microseconds=1)
    organization = {"calendars": CALENDARS}

    counted = calendar_from(calendar, CALENDARS[calendar]).add(begin, parse_duration(duration))
    read = calendar_deadline(
        organization, {"calendar": calendar, "from": start, "duration": duration}
    )
    clock = clock_read(
        organization,
        {
            "clock": {
                "name": "c",
                "segments": [{"from": start, "to": None, "state": "running", "round": 1}],
                "targets": [{"version": 1, "at": start, "target": duration, "calendar": calendar}],
                "fired": [], "rounds": [], "round": 1, "breachedAt": None, "cancelled": False,
            },
            "calendar": calendar,
            "now": start,
        },
    )  # fmt: skip

    assert counted == expected
    assert read_instant(read["at"]) == expected
    assert read_instant(clock["deadline"]) == expected


def test_a_year_around_the_clock_has_every_minute() -> None:
    """No minute is lost at midnight, at the ends of months or in the nights of the clock change."""
    begin = datetime(2026, 1, 1, tzinfo=UTC)

    for name in ("always-berlin", "always-taipei"):
        calendar = calendar_from(name, CALENDARS[name])
        assert calendar.elapsed(begin, begin + timedelta(days=365)) == timedelta(days=365)


@pytest.mark.parametrize(
    "value", [{"days": 1_000_000_000}, {"days": 1e9}, "P1000000000D", {"days": 9e8, "hours": 9e8}]
)
def test_a_duration_beyond_all_time_is_refused(value: Any) -> None:
    """With a sentence: what cannot even be added up is longer than a hundred years, too."""
    with pytest.raises(DurationInvalid, match="longer than a hundred years"):
        parse_duration(value)


@pytest.mark.parametrize("text", ["0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00"])
def test_a_time_that_utc_does_not_have_is_none(text: str) -> None:
    """It is refused like any other text that is no time."""
    with pytest.raises(ValueError, match="before the year 1 or after the year 9999"):
        read_instant(text)
