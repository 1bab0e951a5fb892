"""Figures from the records: what a report or a case asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from reports.figures import Figure, Filter, compared, compute, known_kpi
from reports.periods import Period, read_period
from service.errors import FigureInvalid
from service.figures import CaseFacts
from service.instants import read_instant

USUAL = timedelta(days=30)
"""How long a period is where nothing says it."""


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


class Reports:
    """Answers the function `report.kpi` from the records."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    async def kpi(self, asked: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        """{kpi, period?, timezone?, only?, compareWith?, target?} -> the figure, compared.

        Raises:
            FigureInvalid: the figure or the period does not exist.
        """
        earlier = asked.get("compareWith")
        period = _asked_period(asked, earlier, now)
        try:
            only = Filter(**(asked.get("only") or {}))
        except TypeError as error:
            raise FigureInvalid(
                f"{asked['only']!r} filters by nothing known: definition, priority, type, group"
            ) from error
        [figure] = await read_figures(self._facts, [asked["kpi"]], period, now, only)
        return compared(figure, earlier, asked.get("target"))


def _asked_period(
    asked: Mapping[str, Any], earlier: Mapping[str, Any] | None, now: datetime
) -> Period:
    given = asked.get("period")
    try:
        if given is None:
            before = (earlier or {}).get("period")
            length = USUAL if before is None else _between(before).end - _between(before).start
            return Period(now - length, now)
        found = read_period(given, _zone(asked)) if isinstance(given, str) else _between(given)
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise FigureInvalid(
            f"{given or earlier!r} holds no period: write a day, month or year such as 2026-03, or "
            "from and until"
        ) from error
    if found.start >= found.end:
        raise FigureInvalid(f"the period {given!r} ends before it begins")
    return found


def _between(given: Mapping[str, Any]) -> Period:
    return Period(read_instant(given["from"]), read_instant(given["until"]))


def _zone(asked: Mapping[str, Any]) -> tzinfo:
    name = asked.get("timezone")
    try:
        return UTC if name is None else ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise FigureInvalid(f"{name!r} is no time zone") from error
