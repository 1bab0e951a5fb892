"""Service-level clocks: what has passed is never changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service import clocks
from service.calendars import calendar_from
from service.clocks import ClockState
from service.instants import write_instant

MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)
OFFICE = calendar_from(
    "office", {"timezone": "Asia/Taipei", "week": {"mon-fri": ["09:00-12:00", "13:00-18:00"]}}
)


def at(minutes: float) -> str:
    """Give the text of so many minutes after Monday morning."""
    return write_instant(MONDAY + timedelta(minutes=minutes))


def started(target: object, calendar: str | None = None) -> ClockState:
    """Give a clock that runs since Monday morning."""
    return clocks.start(ClockState(name="resolution"), at(0), target, calendar)


def test_a_pause_moves_the_deadline_by_its_length() -> None:
    """Paused for two hours, due two hours later."""
    clock = clocks.resume(clocks.pause(started({"hours": 4}), at(60)), at(180))

    reading = clocks.read(clock, None, MONDAY + timedelta(hours=4), {})

    assert MONDAY + timedelta(hours=6) == reading.deadline
    assert timedelta(hours=2) == reading.elapsed


@given(st.lists(st.integers(1, 500), min_size=2, max_size=12))
def test_elapsed_never_decreases_and_pauses_shift(steps: list[int]) -> None:
    """Whatever pauses and resumes come, elapsed grows only while the clock runs."""
    clock = started({"hours": 100})
    now, counted, running = 0, 0, True
    for step in steps:
        now += step
        counted += step if running else 0
        clock = clocks.pause(clock, at(now)) if running else clocks.resume(clock, at(now))
        running = not running

        reading = clocks.read(clock, None, MONDAY + timedelta(minutes=now), {})

        assert timedelta(minutes=counted) == reading.elapsed


def test_retarget_keeps_what_has_passed() -> None:
    """A case raised to P1 after three hours is late at once, from the segments it has."""
    clock = clocks.retarget(started({"days": 3}), at(180), {"hours": 2})

    reading = clocks.read(
        clock, None, MONDAY + timedelta(hours=3), {"half": {"elapsedPercent": 50}}
    )

    assert reading.breached
    assert MONDAY + timedelta(hours=2) == reading.deadline
    assert MONDAY + timedelta(hours=1) == reading.thresholds["half"]


def test_a_recorded_breach_is_not_forgotten() -> None:
    """A longer target does not undo a breach."""
    clock = clocks.breach(started({"hours": 1}), at(60))

    ended = clocks.stop(clocks.retarget(clock, at(70), {"days": 9}), at(90))

    assert ended.state == "breached"


def test_working_days_become_working_time() -> None:
    """Three working days over a weekend end at the same local time."""
    friday = write_instant(MONDAY + timedelta(days=4))
    clock = clocks.start(ClockState(name="c"), friday, {"businessDays": 3}, "office")

    reading = clocks.read(clock, OFFICE, MONDAY + timedelta(days=4, hours=1), {})

    assert MONDAY + timedelta(days=9) == reading.deadline
    assert timedelta(hours=23) == reading.remaining


def test_reopening_resumes_and_does_not_forget() -> None:
    """A clock that goes on after the end keeps the time before."""
    clock = clocks.stop(started({"hours": 4}), at(60))

    again = clocks.reopen(clock, at(600), "resume")

    assert (
        timedelta(minutes=90)
        == clocks.read(again, None, MONDAY + timedelta(minutes=630), {}).elapsed
    )


def test_a_restart_leaves_a_paused_clock_paused_at_zero() -> None:
    """An update while the customer has the word does not start the clock."""
    paused = clocks.pause(started({"hours": 4}), at(60))

    clock = clocks.restart(paused, at(90))
    reading = clocks.read(clock, None, MONDAY + timedelta(hours=9), {})

    assert (clock.state, clock.round) == ("paused", 2)
    assert (reading.elapsed, reading.remaining) == (timedelta(), timedelta(hours=4))
    assert reading.deadline is None
    resumed = clocks.read(clocks.resume(clock, at(600)), None, MONDAY + timedelta(hours=11), {})
    assert resumed.deadline == MONDAY + timedelta(hours=14)


@pytest.mark.parametrize(
    ("policy", "minutes", "state"),
    [("resume", 90, "breached"), ("restart", 30, "breached"), ("new", 30, "running")],
)
def test_what_reopening_keeps(policy: str, minutes: int, state: str) -> None:
    """`resume` keeps count and breach, `restart` the breach, `new` begins with neither."""
    over = clocks.stop(clocks.breach(started({"minutes": 30}), at(30)), at(60))

    again = clocks.reopen(over, at(600), policy)

    reading = clocks.read(again, None, MONDAY + timedelta(minutes=630), {})
    assert (reading.elapsed, again.state) == (timedelta(minutes=minutes), state)
    assert policy == "resume" or again.rounds[0]["state"] == "breached"


def test_a_threshold_fires_once_per_target_and_round() -> None:
    """However often it is looked at; a new target and a new round have thresholds of their own."""
    clock = started({"hours": 2})
    due = MONDAY + timedelta(hours=1)

    once = clocks.fire(clock, "half", due, due + timedelta(hours=3))

    assert once.fired[0]["late"] is True
    assert clocks.fire(once, "half", due, due) is once
    assert not clocks.has_fired(clocks.retarget(once, at(240), {"hours": 9}), "half")
    assert not clocks.has_fired(clocks.restart(once, at(240)), "half")


def test_a_paused_clock_that_gets_a_shorter_target_is_breached() -> None:
    """What has been counted is enough to say so; thresholds that were reached are told as well."""
    paused = clocks.pause(started({"hours": 8}), at(180))

    reading = clocks.read(
        clocks.retarget(paused, at(200), {"hours": 2}),
        None,
        MONDAY + timedelta(hours=5),
        {"half": {"elapsedPercent": 50}, "over": {"elapsedPercent": 200}},
    )

    assert reading.breached_at == MONDAY + timedelta(hours=2)
    assert reading.thresholds == {"half": MONDAY + timedelta(hours=1), "over": None}


def test_working_days_are_breached_at_their_deadline_and_not_before() -> None:
    """Begun after work, three working days end at the beginning of a morning."""
    evening = write_instant(MONDAY + timedelta(hours=10))
    clock = clocks.start(ClockState(name="c"), evening, {"businessDays": 3}, "office")
    deadline = MONDAY + timedelta(days=4)

    night = clocks.read(clock, OFFICE, deadline - timedelta(hours=4), {})
    morning = clocks.read(clock, OFFICE, deadline, {})

    assert (night.deadline, night.breached) == (deadline, False)
    assert (morning.deadline, morning.breached_at) == (deadline, deadline)


def test_a_working_day_before_the_deadline() -> None:
    """`remaining` in working days is counted back from the deadline."""
    clock = started({"businessDays": 3}, "office")

    reading = clocks.read(clock, OFFICE, MONDAY, {"soon": {"remaining": {"businessDays": 1}}})

    assert reading.thresholds["soon"] == MONDAY + timedelta(days=2)


def test_restart_counts_from_zero() -> None:
    """An update clock counts from the last update."""
    clock = clocks.restart(started({"hours": 4}), at(60))

    reading = clocks.read(clock, None, MONDAY + timedelta(minutes=90), {})

    assert timedelta(minutes=30) == reading.elapsed
    assert MONDAY + timedelta(hours=5) == reading.deadline


@given(
    st.lists(
        st.sampled_from(["pause", "resume", "stop", "cancel", "restart", "retarget"]), max_size=10
    )
)
def test_segments_are_only_added_to(acts: list[str]) -> None:
    """No act changes a segment that is closed, and the JSON form loses nothing."""
    clock = started({"hours": 4})
    for number, act in enumerate(acts, 1):
        closed = [each for each in clock.segments if each["to"] is not None]
        if act == "retarget":
            clock = clocks.retarget(clock, at(number * 7), {"hours": number})
        else:
            clock = getattr(clocks, act)(clock, at(number * 7))

        assert closed == list(clock.segments[: len(closed)])
        assert clock == ClockState.from_json(clock.to_json())


BERLIN = calendar_from(
    "shift",
    {
        "timezone": "Europe/Berlin",
        "week": {"mon-fri": ["09:00-12:00", "13:00-18:00"], "sat": ["22:00-24:00"],
                 "sun": ["00:00-04:00"]},
        "holidays": {"extra": ["2026-03-31"], "worked": ["2026-04-04"]},
        "exceptions": {"2026-03-30": ["10:15-11:45"], "2026-04-01": []},
    },
)  # fmt: skip
FRIDAY = datetime(2026, 3, 27, 6, tzinfo=UTC)
"""Before the Sunday on which an hour is missing in Berlin, between 02:00 and 03:00."""


def worked(minute: int) -> bool:
    """Whether that minute is worked: looked up in the wall clock, nothing else."""
    local = (FRIDAY + timedelta(minutes=minute)).astimezone(ZoneInfo("Europe/Berlin"))
    clock = local.hour * 60 + local.minute
    day = local.date().isoformat()
    special: dict[str, list[tuple[int, int]]] = {
        "2026-03-30": [(615, 705)], "2026-03-31": [], "2026-04-01": [],
        "2026-04-04": [(1320, 1440)],
    }  # fmt: skip
    usual = {5: [(1320, 1440)], 6: [(0, 240)]}.get(local.weekday(), [(540, 720), (780, 1080)])
    return any(begin <= clock < end for begin, end in special.get(day, usual))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["pause", "resume", "restart", "retarget", "stop", "reopen"]),
            st.integers(0, 1500),
        ),
        max_size=8,
    ),
    st.sampled_from([None, "shift"]),
    st.integers(1, 1200),
)
def test_clocks_count_as_minute_by_minute(
    acts: list[tuple[str, int]], calendar: str | None, target: int
) -> None:
    """Elapsed, deadline, thresholds and breach are those of somebody who watches every minute."""
    unit = "businessMinutes" if calendar else "minutes"
    counts = worked if calendar else lambda minute: True
    start = write_instant(FRIDAY)
    clock = clocks.start(ClockState(name="c"), start, {unit: target}, calendar)
    now, counted, reached = 0, 0, None
    running, stopped = True, False
    for act, wait in acts:
        for minute in range(now, now + wait):
            if running and counts(minute):
                counted += 1
                if counted == target and reached is None:
                    reached = minute + 1
        now += wait
        at_now = write_instant(FRIDAY + timedelta(minutes=now))
        if reached is not None:
            clock = clocks.breach(clock, write_instant(FRIDAY + timedelta(minutes=reached)))
        match act:
            case "pause" if running:
                running = False
            case "resume" if not stopped:
                running = True
            case "restart" if not stopped:
                counted, reached = 0, None
            case "stop":
                running, stopped = False, True
            case "reopen" if stopped:
                running, stopped = True, False
            case "retarget" if not stopped:
                target += 60
        if act == "retarget":
            clock = clocks.retarget(clock, at_now, {unit: target})
        elif act == "reopen":
            clock = clocks.reopen(clock, at_now, "resume")
        else:
            clock = getattr(clocks, act)(clock, at_now)

    reading = clocks.read(
        clock,
        BERLIN if calendar else None,
        FRIDAY + timedelta(minutes=now),
        {"all": {"elapsedPercent": 100}},
    )

    assert reading.elapsed == timedelta(minutes=counted)
    assert reading.breached == (reached is not None)
    assert clock.is_running == running
    if running and counted < target:
        minute = now
        while counted < target:
            counted += counts(minute)
            minute += 1
        assert reading.deadline == FRIDAY + timedelta(minutes=minute)
        assert reading.thresholds["all"] == reading.deadline


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 15_000), st.integers(0, 15_000))
def test_working_time_is_counted_as_minute_by_minute(first: int, second: int) -> None:
    """Lunch, 24:00, the missing hour, holidays and exceptions: the sum of the minutes."""
    begin, end = sorted((first, second))

    found = BERLIN.elapsed(FRIDAY + timedelta(minutes=begin), FRIDAY + timedelta(minutes=end))

    assert found == timedelta(minutes=sum(worked(minute) for minute in range(begin, end)))


def test_an_hour_that_comes_twice_counts_twice() -> None:
    """In autumn the night shift from 00:00 to 04:00 has five hours."""
    sunday = datetime(2026, 10, 24, 22, tzinfo=UTC)

    assert BERLIN.elapsed(sunday, sunday + timedelta(hours=12)) == timedelta(hours=5)
