"""What becomes of the days of a rule: moved, left out, and by clocks that are changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from language.checks.schedules import RULES
from service.calendars import calendar_from
from service.schedules.occurrences import Days, decide, following, occurrences
from service.schedules.rules import RuleInvalid, read_rule
from service.schedules.timing import (
    TimingInvalid,
    instant,
    read_time,
    read_zone,
    skipped_days,
)

TAIPEI = ZoneInfo("Asia/Taipei")
BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = calendar_from(
    "office",
    {
        "timezone": "Asia/Taipei",
        "week": {"mon-fri": ["09:00-18:00"]},
        "holidays": {"extra": [f"2026-02-{day}" for day in range(14, 23)]},
    },
)


def every(rule: str, holiday: str = "run", **more: object) -> Days:
    """A rule at nine in Taipei."""
    days = Days(read_rule(rule), TAIPEI, time(9), holiday)
    return replace(days, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("holiday", "on"),
    [
        ("run", "2026-02-20"),
        ("next", "2026-02-23"),
        ("previous", "2026-02-13"),
        ("skip", None),
    ],
)
def test_a_friday_in_the_holidays(holiday: str, on: str | None):
    """The third Friday of February lies in nine days off."""
    (found,) = occurrences(
        every("third-friday", holiday), OFFICE, date(2026, 2, 1), date(2026, 2, 28)
    )

    assert str(found.day) == "2026-02-20"
    assert (None if found.on is None else str(found.on)) == on
    assert ("is not worked in office" in found.why) == (holiday != "run")


def test_the_decision_of_each_day_says_why():
    """On the day it was moved to, on the day it was moved from, and on any other one."""
    days = every("third-friday", "next")

    assert decide(days, OFFICE, date(2026, 2, 23)).due
    assert "moved to 2026-02-23" in decide(days, OFFICE, date(2026, 2, 20)).why
    assert "is not third-friday" in decide(days, OFFICE, date(2026, 2, 24)).why
    assert not decide(replace(days, months=(1,)), OFFICE, date(2026, 2, 23)).due


def test_a_calendar_in_which_nothing_is_worked_moves_nothing_for_ever():
    """It is left out, and the reason is said."""
    idle = calendar_from("idle", {"timezone": "UTC", "week": {}})
    (found,) = occurrences(every("day-15", "next"), idle, date(2026, 2, 1), date(2026, 2, 28))

    assert found.on is None
    assert "nor is any of 60 days beside it" in found.why


def test_following_shows_what_lies_between():
    """The next starts, with what was moved or left out, and why."""
    found = following(every("every-monday", "skip"), OFFICE, datetime(2026, 2, 8, tzinfo=UTC), 2)

    assert [(str(each.day), each.on is not None) for each in found] == [
        ("2026-02-09", True),
        ("2026-02-16", False),
        ("2026-02-23", True),
    ]


def test_two_days_moved_to_one_have_one_case():
    """Of nine days off that all move to the Monday after, one starts a case."""
    found = following(every("every-day", "next"), OFFICE, datetime(2026, 2, 13, 2, tzinfo=UTC), 2)
    starts = [each for each in found if each.at is not None]

    assert [str(each.on) for each in starts] == ["2026-02-23", "2026-02-24"]
    assert found[1].why.endswith("that has its case")


def test_following_starts_strictly_after():
    """At the second of a start, the next one is meant."""
    days = every("every-day")
    first = datetime(2026, 3, 2, 1, tzinfo=UTC)

    assert following(days, None, first, 1)[0].at == first + timedelta(days=1)
    assert following(days, None, first - timedelta(seconds=1), 1)[0].at == first


def test_without_a_calendar_nothing_is_moved():
    """Holidays that stand nowhere cannot be kept."""
    with pytest.raises(RuleInvalid, match="need a calendar"):
        decide(every("every-day", "skip"), None, date(2026, 3, 2))


def _rules() -> st.SearchStrategy[Days]:
    return st.builds(
        every,
        st.sampled_from(RULES),
        st.sampled_from(["run", "skip", "previous", "next"]),
        months=st.sets(st.integers(1, 12), min_size=1).map(lambda each: tuple(sorted(each))),
        anchor=st.just(date(2026, 1, 5)),
    )


@settings(max_examples=80, deadline=None)
@given(days=_rules(), start=st.dates(date(2026, 1, 1), date(2026, 12, 1)))
def test_starts_that_are_listed_are_those_that_are_decided(days: Days, start: date):
    """What `explain` lists for the next weeks is, day by day, what a Schedule would decide."""
    after = datetime(start.year, start.month, start.day, tzinfo=UTC)
    until = start + timedelta(days=45)

    listed = {
        each.on
        for each in following(days, OFFICE, after, 60)
        if each.on is not None and start < each.on < until
    }
    decided = {
        day
        for day in (start + timedelta(days=number) for number in range(1, 45))
        if decide(days, OFFICE, day).due
    }

    assert listed == decided


@settings(max_examples=60, deadline=None)
@given(days=_rules())
def test_no_case_starts_on_a_day_off_unless_it_may(days: Days):
    """Of any rule and holiday rule but `run`."""
    for each in occurrences(days, OFFICE, date(2026, 1, 1), date(2026, 12, 31)):
        if days.holiday != "run" and each.on is not None:
            assert OFFICE.is_working_day(each.on)


def test_a_time_that_no_clock_shows_is_an_hour_later():
    """On the night in March a report of half past two starts at half past three."""
    found = instant(date(2026, 3, 29), time(2, 30), BERLIN)

    assert found.moved
    assert found.at == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert skipped_days(time(2, 30), BERLIN, 2026, 2) == (
        datetime(2026, 3, 29, 3, 30, tzinfo=BERLIN),
        datetime(2027, 3, 28, 3, 30, tzinfo=BERLIN),
    )
    assert skipped_days(time(2, 30), TAIPEI, 2026, 2) == ()


def test_a_time_that_clocks_show_twice_is_the_second_one():
    """On the night in October one case starts, not two."""
    found = instant(date(2026, 10, 25), time(2, 30), BERLIN)

    assert found.twice
    assert found.at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_clocks_that_are_changed_are_said():
    """Whoever asks why it was half past three gets the reason."""
    days = replace(every("every-day"), zone=BERLIN, at=time(2, 30))
    (spring,) = following(days, None, datetime(2026, 3, 28, 12, tzinfo=UTC), 1)
    (autumn,) = following(days, None, datetime(2026, 10, 24, 12, tzinfo=UTC), 1)

    assert spring.why == "no clock shows 02:30 on 2026-03-29: it is 03:30"
    assert autumn.why == "clocks show 02:30 twice on 2026-10-25: the second time"


@pytest.mark.parametrize("text", ["9:00", "24:00", "09:60", "09:00:00", "noon"])
def test_what_is_no_time_of_day_is_refused(text: str):
    """Hours and minutes, two digits each."""
    with pytest.raises(TimingInvalid, match="09:00"):
        read_time(text)


@pytest.mark.parametrize("name", ["Asia/Taipeh", "", "../etc/passwd", "CEST"])
def test_what_is_no_time_zone_is_refused(name: str):
    """Names of the zone database only."""
    with pytest.raises(TimingInvalid, match="Asia/Taipei"):
        read_zone(name)
