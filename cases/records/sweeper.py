"""The activity that sweeps the records once; `cases.records.upkeep` calls it again and again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError

from cases.errors import CaseError
from cases.records.store import RecordStore
from cases.records.sweep import ClosedCases, sweep
from cases.records.upkeep import SWEEP
from service.instants import read_instant, write_instant

OVERLAP = timedelta(minutes=2)
"""Lists of closed cases are late by moments, and clocks of servers differ."""

log = structlog.get_logger()


class Sweeper:
    """The activity of that workflow."""

    def __init__(self, closed: ClosedCases, records: RecordStore) -> None:
        self._closed = closed
        self._records = records

    @activity.defn(name=SWEEP)
    async def sweep(self, request: dict[str, Any]) -> str | None:
        """Sweep once from `since` (None: everything that Temporal has); returns the next `since`."""
        since = read_instant(request["since"]) if request.get("since") else None
        try:
            swept = await sweep(_Beating(self._closed), self._records, since)
        except CaseError as error:
            raise ApplicationError(str(error), type=type(error).__name__) from error
        if swept.added:
            log.info("ends added to the records", cases=swept.added[:20], all=len(swept.added))
        return None if swept.newest is None else write_instant(swept.newest - OVERLAP)


class _Beating:
    """The closed cases; every page of them is a heartbeat."""

    def __init__(self, closed: ClosedCases) -> None:
        self._closed = closed
        self.first_run, self.show, self.ending = closed.first_run, closed.show, closed.ending

    async def closed_since(self, since: datetime | None) -> Any:
        async for page in self._closed.closed_since(since):
            activity.heartbeat()
            yield page
