"""Figures: what each one counts, when a period closes, and what comes too late for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.figures import Filter, KpiUnknown, compared, compute
from reports.kpis import KPIS
from reports.periods import Period, read_period
from reports.statistics import mean, percentile
from service.figures import CaseFacts, Event

MARCH = read_period("2026-03")
LATER = datetime(2026, 6, 1, tzinfo=UTC)


def at(day: float) -> datetime:
    """So many days after the beginning of March."""
    return MARCH.start + timedelta(days=day)


def event(kind: str, day: float, *, told: float | None = None, **data: Any) -> Event:
    """Something that happened, told at once unless said otherwise."""
    return Event(kind, at(day), at(day if told is None else told), data)


def case(name: str, day: float, *events: Event, **facts: Any) -> CaseFacts:
    """A case that began on a day."""
    told = sorted([event("began", day), *events], key=lambda each: each.at)
    return CaseFacts(**{
        "case": name, "definition": "desk", "priority": None, "type": None, "group": None,
        "started_at": at(day), "ended_at": None, "events": tuple(told), **facts,
    })  # fmt: skip


def ended(day: float, as_: str = "completed", **more: Any) -> Event:
    """An end of a case."""
    return event("ended", day, **{"as": as_}, **more)


def stopped(day: float, hours: float, verdict: str = "met", clock: str = "resolution") -> Event:
    """A clock that stopped."""
    return event("clock", day, clock=clock, ended=verdict, elapsed=hours * 3600)


CASES = (
    case("a", 1, stopped(2, 2), ended(2), type="incident", group="net"),
    case("b", 1, stopped(3, 4), ended(3), event("reopened", 5), ended(6), type="incident"),
    case("c", 2, stopped(4, 9, "breached"), event("escalated", 3), ended(4), type="enquiry"),
    case("d", 3, ended(5, "cancelled"), type="enquiry"),
    case("e", 10, event("answered", 11), event("answered", 12), group="net"),
    case("f", -20, ended(-2), stopped(-2, 100)),
    case("g", 40, stopped(41, 1), ended(41)),
)


@pytest.mark.parametrize(
    ("kpi", "value", "n", "beside"),
    [
        ("cases-begun", 5, 5, {}),
        ("cases-closed", 3, 3, {}),
        ("resolution-time", 4 * 3600, 3, {"mean": 5 * 3600, "p90": 9 * 3600}),
        ("first-response-time", None, 0, {"mean": None, "p90": None}),
        ("target-attainment", 2 / 3, 3, {}),
        ("escalation-rate", 1 / 3, 3, {}),
        ("category-mix", 2 / 3, 3, {"incident": 2 / 3, "enquiry": 1 / 3}),
        ("workload", 2, 2, {"net": 2}),
        ("backlog", 1, 1, {"medianAge": 21 * 86400, "p90Age": 21 * 86400}),
    ],
)
def test_what_figures_count(kpi: str, value: float | None, n: int, beside: dict[str, Any]) -> None:
    """Only what lies in the period, half-open; a cancelled case has no verdict; nothing is not zero."""
    figure = compute(kpi, CASES, MARCH, LATER)

    assert figure.measured.value == pytest.approx(value)
    assert (figure.measured.n, dict(figure.measured.beside)) == (n, pytest.approx(beside))


def test_a_case_that_is_open_again_was_not_resolved_for_good() -> None:
    """Whether the customer said so before the end, or an event reopened it within seven days after."""
    status = [
        event("status", day, phase=phase)
        for day, phase in ((1, "open"), (2, "resolved"), (3, "open"), (4, "resolved"))
    ]
    cases = (
        case("good", 1, ended(4)),
        case("asked", 1, *status, ended(5)),
        case(
            "reopened",
            1,
            ended(4),
            event("reopened", 10),
            event("status", 10, phase="open"),
        ),
        case("much later", 1, ended(4), event("reopened", 14)),
    )
    good, again = (compute(kpi, cases, MARCH, LATER) for kpi in ("resolution-rate", "reopen-rate"))

    assert (good.measured.value, again.measured.value) == (0.5, 0.5)


def test_what_is_told_after_the_watermark_is_a_correction() -> None:
    """The figure of a closed period is the same for ever."""
    known = CASES
    late = case("late", 5, stopped(6, 90), ended(6), priority="P1")
    late = CaseFacts(**{
        **{name: getattr(late, name) for name in late.__slots__},
        "events": tuple(Event(e.kind, e.at, at(35), e.data) for e in late.events),
    })  # fmt: skip

    before = compute("resolution-time", known, MARCH, MARCH.watermark)
    after = compute("resolution-time", [*known, late], MARCH, LATER)
    begun = compute("cases-begun", [*known, late], MARCH, LATER)

    assert before.closed
    assert after.measured == before.measured
    assert after.correction is not None
    assert (after.correction.n, after.correction.late) == (4, 3)
    assert (begun.measured.value, begun.correction and begun.correction.value) == (5, 6)
    assert before.correction is None
    assert not compute("resolution-time", known, MARCH, at(31.5)).closed


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 70), st.integers(1, 9)), max_size=12))
def test_a_closed_figure_never_changes(told: list[tuple[int, int, int]]) -> None:
    """Whatever comes later, in whatever order."""
    all_ = [
        case(
            str(n),
            0,
            Event(
                "clock",
                at(day),
                at(max(day, heard)),
                {"clock": "resolution", "ended": "met", "elapsed": hours},
            ),
        )
        for n, (day, heard, hours) in enumerate(told)
    ]
    in_time = [each for each in all_ if all(e.told_at <= MARCH.watermark for e in each.events)]
    for kpi in KPIS:
        closed = compute(kpi, in_time, MARCH, MARCH.watermark).measured
        later = compute(kpi, all_, MARCH, LATER)
        if kpi in ("resolution-time", "target-attainment"):
            assert later.measured == closed
            kept = later.correction.n if later.correction else later.measured.n
            assert kept >= closed.n


def test_figures_of_another_definition_are_not_comparable() -> None:
    """A change of what is counted, or of which cases, is seen in the digest."""
    earlier = compute("resolution-time", CASES, MARCH.before, LATER).to_json()
    now = compute("resolution-time", CASES, MARCH, LATER)
    other = compute("resolution-time", CASES, MARCH, LATER, Filter(group="net"))

    same = compared(now, earlier, 5 * 3600)
    assert (same["comparable"], same["reached"]) == (True, True)
    assert same["change"] == now.measured.value - earlier["value"]
    different = compared(other, earlier, 3600)
    assert (different["comparable"], different["change"], different["reached"]) == (
        False,
        None,
        False,
    )
    alone = compared(compute("first-response-time", CASES, MARCH, LATER), None, 3600)
    assert (alone["comparable"], alone["reached"]) == (None, None)
    higher = compared(compute("target-attainment", CASES, MARCH, LATER), None, 0.5)
    assert higher["reached"] is True
    with pytest.raises(KpiUnknown, match="there are cases-begun"):
        compute("happiness", CASES, MARCH, LATER)


@given(st.lists(st.integers(0, 100), min_size=1), st.integers(1, 100))
def test_a_percentile_is_the_smallest_value_that_covers_so_many(
    values: list[int], percent: int
) -> None:
    """At least so many do not exceed it, and of every smaller value that is not so."""
    found = percentile(values, percent)

    assert found in values
    assert sum(each <= found for each in values) * 100 >= percent * len(values)
    assert all(
        sum(each <= smaller for each in values) * 100 < percent * len(values)
        for smaller in values
        if smaller < found
    )


def test_nothing_measured_is_not_zero() -> None:
    """Zero would read as at once."""
    assert (percentile([], 50), mean([])) == (None, None)


def test_periods_are_days_months_and_years_of_a_time_zone() -> None:
    """Half-open, so that two in a row share no instant."""
    taipei = timezone(timedelta(hours=8))

    assert read_period("2026-12").end == read_period("2027").start
    assert read_period("2026-03-02", taipei) == Period(
        datetime(2026, 3, 1, 16, tzinfo=UTC), datetime(2026, 3, 2, 16, tzinfo=UTC)
    )
    for wrong in ("march", "2026-13", "2026-3", "2026-02-30", "2026-03-02T09:00"):
        with pytest.raises(ValueError, match=r"month|format|string|range|\d"):
            read_period(wrong)
