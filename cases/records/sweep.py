"""Adds to the records the ends that no case told: of terminated and timed-out cases, of failures
before a case could say anything, and of cases that only act whose worker died with their end.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from cases.errors import CaseEnded, CaseError, CaseNotFound, ServerUnavailable
from cases.records.projections import Ending
from cases.records.rows import projection_of
from cases.records.store import RecordStore


@dataclass(frozen=True, slots=True)
class Closed:
    """A workflow of a case that has closed, as Temporal lists it."""

    case: str
    run: str
    """Of the workflow; the records know a case by the id of its first one."""
    at: datetime


class ClosedCases(Protocol):
    """Where closed cases are found; its methods raise the errors of `cases.errors`."""

    def closed_since(self, since: datetime | None) -> AsyncIterator[list[Closed]]:
        """Pages of the cases that have closed from then on, of all that Temporal still has where None."""
        ...

    async def first_run(self, case: str, run: str) -> str | None:
        """Id of the first run of the case that ended with this one; None where it is forgotten."""
        ...

    async def show(self, case: str, run: str) -> Mapping[str, Any]:
        """What this run of the case answered to the query `show` when it ended."""
        ...

    async def ending(self, case: str, run: str) -> Ending | None:
        """How this run of a case ended; None where it has not."""
        ...


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep has looked at, and the cases whose end it has added."""

    looked_at: int
    added: tuple[str, ...]
    newest: datetime | None
    """When the last of them closed: the next sweep begins there."""


async def sweep(closed: ClosedCases, records: RecordStore, since: datetime | None) -> Swept:
    """Add the ends that the records lack. Running twice is harmless.

    Raises:
        ServerUnavailable: Temporal does not answer.
        RecordsUnavailable: the records cannot be read or written.
    """
    looked_at = 0
    added: list[str] = []
    newest = since
    async for page in closed.closed_since(since):
        looked_at += len(page)
        newest = max([each.at for each in page] + ([newest] if newest else []))
        told = await records.ended_runs([each.run for each in page])
        missing = [each for each in page if each.run not in told]
        added += [each.case for each in missing if await _added(closed, records, each)]
    return Swept(looked_at, tuple(added), newest)


async def _added(closed: ClosedCases, records: RecordStore, each: Closed) -> bool:
    first = await closed.first_run(each.case, each.run)
    if first is None or (first != each.run and await records.ended_runs([first])):
        return False
    view: Mapping[str, Any] = {}
    try:
        view = await closed.show(each.case, each.run)
    except ServerUnavailable:
        raise
    except (CaseEnded, CaseNotFound):
        return False
    except CaseError:
        # Its code cannot read it, or there is no worker: how it ended is known all the same.
        pass
    if "row" in view:
        await records.write(projection_of(view))
    ending = await closed.ending(each.case, each.run)
    if ending is not None:
        # Changes nothing where the case has told its end just now.
        await records.end(each.case, first, ending)
    return bool(await records.ended_runs([first]))
