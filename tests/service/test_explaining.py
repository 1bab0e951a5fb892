"""How a deadline was counted: the lines add up to what a case counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from service import clocks
from service.calendars import calendar_from
from service.clocks import ClockState
from service.durations import parse_duration
from service.explaining import Line, explain_clock, explain_duration, said
from service.instants import write_instant

OFFICE = calendar_from(
    "office",
    {
        "timezone": "Europe/Berlin",
        "week": {"mon-fri": ["09:00-12:00", "13:00-18:00"], "sun": ["00:00-04:00"]},
        "holidays": {"extra": ["2026-03-31"], "worked": ["2026-04-04"]},
        "exceptions": {"2026-03-30": ["09:00-12:00"]},
    },
)
FRIDAY = datetime(2026, 3, 27, 8, tzinfo=UTC)
TARGETS: tuple[Any, ...] = (
    "90 minutes", {"businessMinutes": 45}, {"businessHours": 30}, {"businessDays": 0},
    {"businessDays": 4},
)  # fmt: skip


def told(line: Line) -> tuple[str, str, str, str]:
    """What people read of a line."""
    return line.kind, f"{line.begin:%m-%d %H:%M}", said(line.counted), line.why


def test_holidays_half_days_and_weekends_are_named() -> None:
    """Each day that is not as usual says why; the night without an hour counts three."""
    found = explain_duration(FRIDAY, "25 business hours", OFFICE)

    assert [told(each) for each in found.lines] == [
        ("counted", "03-27 09:00", "8 h 00", ""),
        ("off", "03-28 00:00", "0 h 00", ""),
        ("counted", "03-29 00:00", "3 h 00", ""),
        ("counted", "03-30 00:00", "3 h 00", "exception"),
        ("off", "03-31 00:00", "0 h 00", "03-31 listed holiday"),
        ("counted", "04-01 00:00", "8 h 00", ""),
        ("counted", "04-02 00:00", "3 h 00", ""),
    ]
    assert found.deadline == datetime(2026, 4, 2, 10, tzinfo=UTC)


def test_working_days_say_which_ones_they_are() -> None:
    """The rule of business days is told with its days and the working time that they are."""
    found = explain_duration(FRIDAY, {"businessDays": 2}, OFFICE)

    assert found.deadline == datetime(2026, 3, 30, 7, tzinfo=UTC)
    assert "Sun 2026-03-29, Mon 2026-03-30" in found.rules[1]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(TARGETS), st.integers(0, 20_000))
def test_the_lines_of_a_question_add_up(target: Any, shift: int) -> None:
    """Their sum is what lies between start and deadline, and they follow each other without a gap."""
    start = FRIDAY + timedelta(minutes=shift)

    found = explain_duration(start, target, OFFICE)

    assert found.deadline is not None
    duration = parse_duration(target)
    total = sum((each.counted for each in found.lines), timedelta())
    if duration.is_business:
        assert found.deadline == OFFICE.add(start, duration)
        assert total == OFFICE.elapsed(start, found.deadline)
    else:
        assert total == duration.elapsed
    assert all(
        one.end == other.begin for one, other in zip(found.lines, found.lines[1:], strict=False)
    )


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(TARGETS),
    st.lists(st.integers(1, 4000), max_size=6),
    st.integers(0, 5000),
)
def test_the_lines_of_a_clock_add_up(target: Any, steps: list[int], later: int) -> None:
    """With all its pauses: what it has counted by its deadline, or by now where that has passed."""
    clock = clocks.start(ClockState(name="c"), write_instant(FRIDAY), target, "office")
    now = FRIDAY
    for number, step in enumerate(steps):
        now += timedelta(minutes=step)
        move = clocks.resume if number % 2 else clocks.pause
        clock = move(clock, write_instant(now))
    now += timedelta(minutes=later)

    found = explain_clock(clock, OFFICE, now)

    reading = clocks.read(clock, OFFICE, now, {})
    until = max(reading.deadline or now, now)
    total = sum((each.counted for each in found.lines), timedelta())
    assert total == clocks.elapsed(clock, OFFICE, until)
    assert (found.deadline, found.elapsed) == (reading.deadline, reading.elapsed)
    paused = [each for each in found.lines if each.kind == "paused"]
    assert len(paused) == len([each for each in clock.segments if each["state"] == "paused"])


def test_a_clock_tells_pauses_targets_and_its_end() -> None:
    """Why it paused comes from what happened then; a target that was replaced stays visible."""
    at = [write_instant(FRIDAY + timedelta(hours=hours)) for hours in (0, 1, 3, 4, 5)]
    clock = clocks.start(ClockState(name="c"), at[0], {"businessHours": 8}, "office")
    clock = clocks.resume(clocks.pause(clock, at[1]), at[2])
    clock = clocks.stop(clocks.retarget(clock, at[3], {"hours": 9}), at[4])

    found = explain_clock(
        clock, None, FRIDAY + timedelta(days=1), why={at[1]: "asked"}, zone_of=OFFICE
    )

    assert [(each.kind, said(each.total), each.why) for each in found.lines] == [
        ("counted", "1 h 00", ""), ("paused", "1 h 00", "asked"), ("counted", "3 h 00", ""),
        ("ended", "3 h 00", ""),
    ]  # fmt: skip
    assert (found.state, found.deadline, len(found.targets)) == ("met", None, 2)
    assert found.lines[0].begin.utcoffset() == timedelta(hours=1)
