"""`report.kpi`: a figure over a period, as the records have it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from activities.ports import Json, Reports
from activities.request import Request


class Figures:
    """Figures for cases."""

    def __init__(self, reports: Reports, now: Callable[[], datetime]) -> None:
        self._reports = reports
        self._now = now

    async def kpi(self, request: Request) -> Mapping[str, Json]:
        """`report.kpi`: the figure, with digest, comparable and reached."""
        return await self._reports.kpi(request.arguments, self._now())
