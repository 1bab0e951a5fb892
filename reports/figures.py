"""A figure over a period: its value, whether the period has closed, and what came too late for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from reports.kpis import KPIS, Kpi, Measured
from reports.periods import GRACE, Period
from reports.statistics import PERCENTILE
from service.digests import digest_of
from service.errors import FigureInvalid
from service.figures import CaseFacts
from service.instants import write_instant


class KpiUnknown(FigureInvalid):
    """There is no such figure."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which cases count; None is all."""

    definition: str | None = None
    priority: str | None = None
    type: str | None = None
    group: str | None = None

    def takes(self, case: CaseFacts) -> bool:
        """Whether a case counts."""
        return all(
            wanted is None or getattr(case, name) == wanted
            for name, wanted in self.to_json().items()
        )

    def to_json(self) -> dict[str, str | None]:
        """The filter by field."""
        return {
            "definition": self.definition, "priority": self.priority, "type": self.type,
            "group": self.group,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Correction:
    """What the figure would be with the events that were told after the period had closed."""

    value: float | None
    n: int
    late: int
    """How many events came too late."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a period. Once `closed`, its value is the same for ever."""

    kpi: Kpi
    period: Period
    measured: Measured
    digest: str
    closed: bool
    correction: Correction | None = None

    def to_json(self) -> dict[str, Any]:
        """The figure as a later one is compared with: by its digest."""
        correction = self.correction
        return {
            "kpi": self.kpi.id,
            "value": self.measured.value,
            "n": self.measured.n,
            "beside": dict(self.measured.beside),
            "unit": self.kpi.unit,
            "better": self.kpi.better,
            "digest": self.digest,
            "period": {"from": write_instant(self.period.start), "until": write_instant(self.period.end)},
            "watermark": write_instant(self.period.watermark),
            "closed": self.closed,
            "correction": None
            if correction is None
            else {"value": correction.value, "n": correction.n, "late": correction.late},
        }  # fmt: skip


def compute(
    kpi: str, cases: Sequence[CaseFacts], period: Period, now: datetime, only: Filter | None = None
) -> Figure:
    """A figure over a period, of the cases that a filter takes.

    Events that were told after the period's watermark do not change it: they make a correction.

    Raises:
        KpiUnknown: there is no such figure.
    """
    only = only or Filter()
    known = known_kpi(kpi)
    mine = [case for case in cases if only.takes(case)]
    kept = [_until(case, period.watermark) for case in mine]
    measured = known.measure([case for case in kept if case.events], period)
    closed = now >= period.watermark
    correction = None
    if closed:
        late = sum(
            period.holds(each.at) and each.told_at > period.watermark
            for case in mine
            for each in case.events
        )
        corrected = known.measure(mine, period)
        if corrected != measured:
            correction = Correction(corrected.value, corrected.n, late)
    return Figure(known, period, measured, kpi_digest(known, only), closed, correction)


def known_kpi(kpi: str) -> Kpi:
    """The figure of that name.

    Raises:
        KpiUnknown: there is none.
    """
    if kpi not in KPIS:
        raise KpiUnknown(f"there is no figure {kpi!r}; there are {', '.join(KPIS)}")
    return KPIS[kpi]


def kpi_digest(kpi: Kpi, only: Filter) -> str:
    """What the figure counts, as one value: figures of two digests are not comparable."""
    return digest_of(
        {
            "kpi": kpi.id, "version": kpi.version, "statement": kpi.statement, "unit": kpi.unit,
            "percentile": PERCENTILE, "grace": GRACE.total_seconds(), "only": only.to_json(),
        }
    )  # fmt: skip


def compared(
    figure: Figure, earlier: Mapping[str, Any] | None, target: float | None
) -> dict[str, Any]:
    """The figure with whether it can be compared with an earlier one, and has reached a target.

    `comparable` and `change` are null without an earlier one, `reached` without a target or a value.
    """
    value = figure.measured.value
    comparable = None if earlier is None else earlier.get("digest") == figure.digest
    before = earlier.get("value") if comparable and earlier is not None else None
    change = None if value is None or before is None else value - before
    reached: bool | None = None
    if target is not None and value is not None:
        reached = value <= target if figure.kpi.better == "lower" else value >= target
    return {**figure.to_json(), "comparable": comparable, "change": change, "reached": reached}


def _until(case: CaseFacts, watermark: datetime) -> CaseFacts:
    """A case as it was known at the watermark."""
    return replace(case, events=tuple(each for each in case.events if each.told_at <= watermark))
