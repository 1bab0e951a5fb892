"""Figures from the records: what a report or a case asks for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from reports.figures import Figure, Filter, compute, known_kpi
from reports.periods import Period
from service.figures import CaseFacts


class Facts(Protocol):
    """Where the cases of a period come from."""

    async def figures(self, start: datetime, end: datetime) -> Sequence[CaseFacts]:
        """All cases that were open at some time of a period, with their events; no drills."""
        ...


async def read_figures(
    facts: Facts, kpis: Sequence[str], period: Period, now: datetime, only: Filter
) -> list[Figure]:
    """These figures over a period.

    Raises:
        KpiUnknown: one of them does not exist.
    """
    for kpi in kpis:
        known_kpi(kpi)
    cases = await facts.figures(period.start, period.end)
    return [compute(kpi, cases, period, now, only) for kpi in kpis]
