"""What holds for a clock whatever happens to it, in whatever order and at whatever times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from service import clocks
from service.calendars import Calendar, calendar_from
from service.clocks import ClockState, Reading
from service.instants import write_instant

FRIDAY = datetime(2026, 3, 27, 8, tzinfo=UTC)
"""Two days before the night in which Berlin loses an hour."""

OFFICE = calendar_from(
    "office",
    {
        "timezone": "Europe/Berlin",
        "week": {"mon-fri": ["09:00-12:00", "13:00-18:00"], "sun": ["00:00-04:00"]},
        "exceptions": {"2026-03-30": ["09:00-12:00"]},
    },
)
TARGETS: tuple[Any, ...] = (
    {"minutes": 30},
    {"hours": 30},
    {"businessMinutes": 45},
    {"businessHours": 12},
    {"businessDays": 0},
    {"businessDays": 1},
    {"businessDays": 3},
)
THRESHOLDS = {
    "quarter": {"elapsedPercent": 25},
    "most": {"elapsedPercent": 90},
    "over": {"elapsedPercent": 150},
    "soon": {"remaining": {"minutes": 20}},
    "day": {"remaining": {"businessDays": 1}},
}
ACTS = ("look", "pause", "resume", "restart", "retarget", "stop", "resume-after-end", "cancel")
STEP = st.tuples(st.sampled_from(ACTS), st.integers(0, 3000), st.sampled_from(TARGETS))


def read(clock: ClockState, now: datetime) -> Reading:
    """Read a clock as a case does."""
    return clocks.read(clock, OFFICE, now, THRESHOLDS)


def told(clock: ClockState, now: datetime) -> ClockState:
    """Record what has been reached, as the keeper of a case does when it looks, however late."""
    reading = read(clock, now)
    for name, at in reading.thresholds.items():
        if at is not None and at <= now and clock.is_open:
            clock = clocks.fire(clock, name, at, now)
    if reading.breached_at is not None and reading.breached_at <= now:
        clock = clocks.breach(clock, write_instant(reading.breached_at))
    return clock


def act(clock: ClockState, name: str, at: str, target: Any) -> ClockState:
    """Carry out one act."""
    match name:
        case "look":
            return clock
        case "retarget":
            return clocks.retarget(clock, at, target)
        case "resume-after-end":
            return clocks.reopen(clock, at, "resume")
        case _:
            acted: ClockState = getattr(clocks, name)(clock, at)
            return acted


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(TARGETS), st.lists(STEP, max_size=14))
def test_what_has_passed_stays(target: Any, steps: list[tuple[str, int, Any]]) -> None:
    """Segments, targets and what fired are only added to; elapsed never decreases; a breach stays."""
    clock = clocks.start(ClockState(name="c"), write_instant(FRIDAY), target, "office")
    now = FRIDAY
    for name, minutes, following in steps:
        now += timedelta(minutes=minutes)
        clock = told(clock, now)
        before, counted = clock, read(clock, now).elapsed

        clock = told(act(clock, name, write_instant(now), following), now)

        kept = len([each for each in before.segments if each["to"] is not None])
        assert clock.segments[:kept] == before.segments[:kept]
        assert clock.targets[: len(before.targets)] == before.targets
        assert clock.fired[: len(before.fired)] == before.fired
        pairs = zip(clock.segments, clock.segments[1:], strict=False)
        assert all(one["to"] == other["from"] for one, other in pairs)
        assert all(each["from"] <= (each["to"] or each["from"]) for each in clock.segments)
        if clock.round == before.round:
            unit = clocks._target(before).is_business, clocks._target(clock).is_business
            if unit[0] == unit[1] and not clock.cancelled:
                assert read(clock, now).elapsed >= counted
            assert before.breached_at is None or clock.breached_at == before.breached_at
        marks = [(each["threshold"], each["version"], each["round"]) for each in clock.fired]
        assert len(marks) == len(set(marks))
        assert ClockState.from_json(clock.to_json()) == clock


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(TARGETS), st.integers(0, 2000), st.integers(0, 6000))
def test_a_pause_is_a_shift(target: Any, ran: int, paused: int) -> None:
    """After pause and resume the same time is left as before, and counts from the resumption."""
    clock = clocks.start(ClockState(name="c"), write_instant(FRIDAY), target, "office")
    at = FRIDAY + timedelta(minutes=ran)
    until = at + timedelta(minutes=paused)
    before = read(clock, at)

    after = read(clocks.resume(clocks.pause(clock, write_instant(at)), write_instant(until)), until)

    assert after.elapsed == before.elapsed
    assert after.remaining == before.remaining
    assert before.remaining is not None
    if before.remaining > timedelta():
        assert after.deadline == _counted_on(clock, OFFICE, until, before.remaining)


def _counted_on(
    clock: ClockState, calendar: Calendar, start: datetime, left: timedelta
) -> datetime:
    target = clocks._target(clock)
    if not target.is_business:
        return start + left
    end = calendar.add_time(start, left)
    return calendar.next_working(end) if target.business_days else end


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(TARGETS),
    st.lists(st.integers(0, 2000), min_size=1, max_size=8),
    st.integers(0, 20_000),
)
def test_who_looks_late_tells_the_same(target: Any, looks: list[int], late: int) -> None:
    """Looking often or once after an outage: the same thresholds with the same due times, each once."""
    clock = clocks.start(ClockState(name="c"), write_instant(FRIDAY), target, "office")
    end = FRIDAY + timedelta(minutes=sum(looks) + late)
    often, now = clock, FRIDAY
    for minutes in looks:
        now += timedelta(minutes=minutes)
        often = told(often, now)

    once, often = told(clock, end), told(told(often, end), end)

    due = {each["threshold"]: each["due"] for each in once.fired}
    assert due == {each["threshold"]: each["due"] for each in often.fired}
    assert len(often.fired) == len(due)
    assert once.breached_at == often.breached_at
    assert all(
        each["late"]
        for each in once.fired
        if each["due"] < write_instant(end - timedelta(minutes=2))
    )


def test_raised_to_p1_after_a_pause_of_two_days() -> None:
    """P3 with three working days, paused two of them, raised to P1: only what ran counts (asks 1, 2)."""
    taipei = calendar_from(
        "t", {"timezone": "Asia/Taipei", "week": {"mon-fri": ["09:00-12:00", "13:00-18:00"]}}
    )
    at = {
        name: write_instant(datetime.fromisoformat(text))
        for name, text in {
            "received": "2026-03-02T09:00+08:00",
            "asked": "2026-03-02T11:00+08:00",
            "answered": "2026-03-04T11:00+08:00",
            "raised": "2026-03-04T11:30+08:00",
        }.items()
    }
    raised = datetime.fromisoformat("2026-03-04T11:30+08:00")
    clock = clocks.start(ClockState(name="c"), at["received"], {"businessDays": 3}, "t")
    clock = clocks.resume(clocks.pause(clock, at["asked"]), at["answered"])
    as_p3 = clocks.read(clock, taipei, raised, {})

    as_p1 = clocks.read(clocks.retarget(clock, at["raised"], {"hours": 4}), None, raised, {})

    # Monday 09:00 to 11:00 and Wednesday 11:00 to 11:30 have run: two hours and a half.
    assert (as_p3.elapsed, as_p1.elapsed) == (timedelta(hours=2.5), timedelta(hours=2.5))
    assert as_p1.remaining == timedelta(hours=1.5)
    assert as_p1.deadline == datetime.fromisoformat("2026-03-04T13:00+08:00")
    # Three days of eight hours, less what has run: until Friday evening, and so Monday morning.
    assert as_p3.remaining == timedelta(hours=21.5)
    assert as_p3.deadline == datetime.fromisoformat("2026-03-09T09:00+08:00")
