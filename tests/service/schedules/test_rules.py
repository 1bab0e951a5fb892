"""The days that rules name, against counting them one by one."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from language.checks.schedules import RULES
from service.calendars import Calendar, calendar_from
from service.schedules.rules import RuleInvalid, read_rule

YEAR = (date(2026, 1, 1), date(2026, 12, 31))
OFFICE = calendar_from(
    "office",
    {
        "timezone": "Asia/Taipei",
        "week": {"mon-fri": ["09:00-18:00"]},
        "holidays": {"extra": ["2026-01-01", "2026-02-16", "2026-02-17"], "worked": ["2026-02-07"]},
    },
)


def days(rule: str, calendar: Calendar | None = OFFICE, **more: object) -> list[str]:
    """The days of 2026 that a rule names, without the year."""
    return [
        f"{each:%m-%d}"
        for each in read_rule(rule).days(*YEAR, calendar=calendar, **more)  # type: ignore[arg-type]
    ]


@pytest.mark.parametrize(
    ("rule", "first"),
    [
        ("every-monday", ["01-05", "01-12", "01-19"]),
        ("first-business-day", ["01-02", "02-02", "03-02"]),
        ("second-business-day", ["01-05", "02-03", "03-03"]),
        ("last-business-day", ["01-30", "02-27", "03-31"]),
        ("second-last-business-day", ["01-29", "02-26", "03-30"]),
        ("first-monday", ["01-05", "02-02", "03-02"]),
        ("fourth-friday", ["01-23", "02-27", "03-27"]),
        ("last-friday", ["01-30", "02-27", "03-27"]),
        ("day-15", ["01-15", "02-15", "03-15"]),
        ("last-day", ["01-31", "02-28", "03-31"]),
        ("business-days", ["01-02", "01-05", "01-06"]),
    ],
)
def test_the_first_days_of_a_year(rule: str, first: list[str]):
    """Counted by hand in the calendar of 2026, with New Year's Day off."""
    assert days(rule)[:3] == first


def test_a_worked_saturday_is_a_business_day():
    """The calendar decides, not the week."""
    assert "02-07" in days("business-days")
    assert "02-16" not in days("business-days")


def test_every_other_week_counts_from_its_first_day():
    """The weekday is that of the first day, nothing lies before it, and years do not matter."""
    found = days("every-2-weeks", anchor=date(2026, 3, 4))

    assert found[:3] == ["03-04", "03-18", "04-01"]
    with pytest.raises(RuleInvalid, match="needs from:"):
        days("every-2-weeks")


def test_only_the_months_that_are_named():
    """A quarterly report is a monthly one of four months."""
    assert days("last-day", months=(3, 6, 9, 12)) == ["03-31", "06-30", "09-30", "12-31"]


@pytest.mark.parametrize("rule", ["", "monday", "every-monday ", "day-0", "day-29", "every-1-weeks",
                                  "eleventh-business-day", "fifth-monday", "First-monday"])  # fmt: skip
def test_what_names_no_days_is_refused(rule: str):
    """The sentence shows what could be written."""
    with pytest.raises(RuleInvalid, match="first-business-day"):
        read_rule(rule)


def test_business_days_need_a_calendar():
    """Nobody guesses which days are worked."""
    with pytest.raises(RuleInvalid, match="need a calendar"):
        days("first-business-day", calendar=None)


@pytest.mark.parametrize("rule", RULES)
def test_what_validation_accepts_can_be_read(rule: str):
    """The language's list of rules and the reader of rules do not part."""
    assert read_rule(rule).text == rule


def _calendars() -> st.SearchStrategy[Calendar]:
    week = st.sets(
        st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), min_size=1, max_size=7
    )
    off = st.sets(st.dates(*YEAR).map(str), max_size=40)
    return st.builds(
        lambda worked, extra: calendar_from(
            "any",
            {
                "timezone": "Asia/Taipei",
                "week": {each: ["09:00-18:00"] for each in sorted(worked)},
                "holidays": {"extra": sorted(extra)},
            },
        ),
        week,
        off,
    )


@settings(max_examples=60, deadline=None)
@given(calendar=_calendars(), number=st.integers(1, 10), month=st.integers(1, 12))
def test_the_nth_business_day_agrees_with_a_list(calendar: Calendar, number: int, month: int):
    """Of any calendar: the n-th of a list of the month's worked days, from either end."""
    length = monthrange(2026, month)[1]
    worked = [
        day
        for day in (date(2026, month, 1) + timedelta(days=each) for each in range(length))
        if calendar.is_working_day(day)
    ]
    words = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
             "tenth")  # fmt: skip
    for name, expected in (
        (words[number - 1], worked[number - 1 : number]),
        ("last", worked[-1:]),
        ("second-last", worked[-2:-1] if len(worked) > 1 else []),
    ):
        rule = read_rule(f"{name}-business-day")

        assert list(rule.days(*YEAR, months=(month,), calendar=calendar)) == expected
