"""Service-level clocks: what has passed is never changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
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
    clock = clocks.retarget(started({"days": 3}), {"hours": 2})

    reading = clocks.read(
        clock, None, MONDAY + timedelta(hours=3), {"half": {"elapsedPercent": 50}}
    )

    assert reading.breached
    assert MONDAY + timedelta(hours=2) == reading.deadline
    assert MONDAY + timedelta(hours=1) == reading.thresholds["half"]


def test_a_recorded_breach_is_not_forgotten() -> None:
    """A longer target does not undo a breach."""
    clock = clocks.breach(started({"hours": 1}), at(60))

    ended = clocks.stop(clocks.retarget(clock, {"days": 9}), at(90))

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
            clock = clocks.retarget(clock, {"hours": number})
        else:
            clock = getattr(clocks, act)(clock, at(number * 7))

        assert closed == list(clock.segments[: len(closed)])
        assert clock == ClockState.from_json(clock.to_json())
