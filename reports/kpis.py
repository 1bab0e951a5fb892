"""The figures that Caseway knows: what each one counts, in words and as a function of plain facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from reports.periods import Period
from reports.statistics import mean, percentile
from service.figures import CaseFacts, Event

REOPENED_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Measured:
    """A value, from how many cases or measurements it was made, and others beside it."""

    value: float | None
    n: int
    beside: Mapping[str, float | None]


Measure = Callable[[Sequence[CaseFacts], Period], Measured]


@dataclass(frozen=True, slots=True)
class Kpi:
    """A figure. A change of what it counts is a new version: old and new are not comparable."""

    id: str
    title: str
    statement: str
    unit: Literal["share", "seconds", "cases", "items"]
    better: Literal["higher", "lower", "neither"]
    measure: Measure
    version: int = 1


def _events(cases: Iterable[CaseFacts], kind: str, period: Period) -> Iterator[Event]:
    for case in cases:
        for event in case.events:
            if event.kind == kind and period.holds(event.at):
                yield event


def _ended(cases: Iterable[CaseFacts], period: Period) -> list[tuple[CaseFacts, datetime]]:
    """Cases that completed in the period, with their last end in it; cancelled ones have no verdict."""
    found = []
    for case in cases:
        ends = [
            each.at
            for each in case.events
            if each.kind == "ended" and period.holds(each.at) and each.data.get("as") == "completed"
        ]
        if ends:
            found.append((case, ends[-1]))
    return found


def _share(part: int, whole: int, **beside: float | None) -> Measured:
    return Measured(part / whole if whole else None, whole, beside)


def _begun(cases: Sequence[CaseFacts], period: Period) -> Measured:
    found = len(list(_events(cases, "began", period)))
    return Measured(found, found, {})


def _closed(cases: Sequence[CaseFacts], period: Period) -> Measured:
    found = len(_ended(cases, period))
    return Measured(found, found, {})


def _resolution_rate(cases: Sequence[CaseFacts], period: Period) -> Measured:
    ended = _ended(cases, period)
    return _share(sum(not _reopened_after(case, at) for case, at in ended), len(ended))


def _reopen_rate(cases: Sequence[CaseFacts], period: Period) -> Measured:
    ended = _ended(cases, period)
    return _share(sum(_reopened_after(case, at) for case, at in ended), len(ended))


def _reopened_after(case: CaseFacts, at: datetime) -> bool:
    """Whether it went on within seven days of an end, or of its last resolution before that."""
    return any(
        each.kind == "reopened" and at <= each.at <= at + REOPENED_WITHIN for each in case.events
    ) or _taken_back(case, at)


def _taken_back(case: CaseFacts, at: datetime) -> bool:
    """Whether a status of the phase resolved was followed by one that is open again within seven days."""
    resolved: datetime | None = None
    for each in case.events:
        if each.kind != "status" or each.at > at:
            continue
        phase = each.data.get("phase")
        if phase == "resolved":
            resolved = each.at
        elif phase in ("open", "waiting") and resolved is not None:
            if each.at - resolved <= REOPENED_WITHIN:
                return True
            resolved = None
    return False


def _clock_time(clock: str) -> Measure:
    def measure(cases: Sequence[CaseFacts], period: Period) -> Measured:
        values = [
            float(each.data["elapsed"])
            for each in _events(cases, "clock", period)
            if each.data.get("clock") == clock
        ]
        return Measured(
            percentile(values, 50), len(values),
            {"mean": mean(values), "p90": percentile(values, 90)},
        )  # fmt: skip

    return measure


def _attainment(cases: Sequence[CaseFacts], period: Period) -> Measured:
    ends = list(_events(cases, "clock", period))
    return _share(sum(each.data["ended"] == "met" for each in ends), len(ends))


def _escalation_rate(cases: Sequence[CaseFacts], period: Period) -> Measured:
    ended = _ended(cases, period)
    escalated = sum(any(e.kind == "escalated" for e in case.events) for case, _ in ended)
    return _share(escalated, len(ended))


def _backlog(cases: Sequence[CaseFacts], period: Period) -> Measured:
    """Cases that were open when the period ended, and how old they were then."""
    ages = [
        (period.end - case.started_at).total_seconds()
        for case in cases
        if case.started_at < period.end and not _over_at(case, period.end)
    ]
    return Measured(
        len(ages), len(ages),
        {"medianAge": percentile(ages, 50), "p90Age": percentile(ages, 90)},
    )  # fmt: skip


def _over_at(case: CaseFacts, at: datetime) -> bool:
    over = False
    for each in case.events:
        if each.at >= at:
            break
        if each.kind in ("ended", "reopened"):
            over = each.kind == "ended"
    return over


def _category_mix(cases: Sequence[CaseFacts], period: Period) -> Measured:
    counts = Counter(case.type or "none" for case, _ in _ended(cases, period))
    total = sum(counts.values())
    ranked = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    shares: dict[str, float | None] = {name: count / total for name, count in ranked}
    return Measured(ranked[0][1] / total if ranked else None, total, shares)


def _workload(cases: Sequence[CaseFacts], period: Period) -> Measured:
    counts: Counter[str] = Counter()
    for case in cases:
        done = sum(e.kind == "answered" and period.holds(e.at) for e in case.events)
        if done:
            counts[case.group or "none"] += done
    total = sum(counts.values())
    ranked = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return Measured(total, total, {name: float(count) for name, count in ranked})


KPIS: Mapping[str, Kpi] = {
    kpi.id: kpi
    for kpi in (
        Kpi("cases-begun", "Cases begun", "Cases that started in the period.",
            "cases", "neither", _begun),
        Kpi("cases-closed", "Cases closed", "Cases that completed in the period.",
            "cases", "neither", _closed),
        Kpi("first-response-time", "Time to the first response",
            "Median of what the clock `response` had counted when it stopped in the period: in the "
            "time its target counts, without pauses. Beside it mean and 90th percentile.",
            "seconds", "lower", _clock_time("response")),
        Kpi("resolution-time", "Time to the resolution",
            "Median of what the clock `resolution` had counted when it stopped in the period: in the "
            "time its target counts, without pauses. Beside it mean and 90th percentile.",
            "seconds", "lower", _clock_time("resolution")),
        Kpi("resolution-rate", "Resolved for good",
            "Of the cases that completed in the period, the share that was not open again within 7 "
            "days of its resolution or its end.",
            "share", "higher", _resolution_rate),
        Kpi("reopen-rate", "Open again",
            "Of the cases that completed in the period, the share that was open again within 7 days "
            "of its resolution or its end.",
            "share", "lower", _reopen_rate),
        Kpi("target-attainment", "Targets met",
            "Of all clocks that stopped in the period, the share that was met. Clocks that were "
            "cancelled have no verdict.",
            "share", "higher", _attainment),
        Kpi("escalation-rate", "Escalated",
            "Of the cases that completed in the period, the share that was ever escalated.",
            "share", "lower", _escalation_rate),
        Kpi("backlog", "Backlog",
            "Cases that were open when the period ended. Beside it median and 90th percentile of "
            "their age, in seconds.",
            "cases", "lower", _backlog),
        Kpi("category-mix", "Types of cases",
            "Of the cases that completed in the period, the share of the most frequent type. Beside "
            "it the share of each.",
            "share", "neither", _category_mix),
        Kpi("workload", "Work items answered",
            "Work items that were answered in the period. Beside it how many per group of the case.",
            "items", "neither", _workload),
    )
}  # fmt: skip
"""By id."""
