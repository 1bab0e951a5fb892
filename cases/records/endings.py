"""Keeps what cases tell at their end, several in one transaction.

The worker hears it in the threads of its workflows. A write that fails is tried again; what is
lost with the process is found by the sweep.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol

import structlog

from cases.errors import RecordsUnavailable

MOST_WAITING = 10_000
"""Projections that wait while the records cannot be written; the sweep finds the others."""
MOST_AT_ONCE = 200
PAUSE_SECONDS = 1.0
GATHER_SECONDS = 0.2
"""Between two batches: an end after a lull is kept at once, many in a row share their transactions."""

log = structlog.get_logger()

Projection = Mapping[str, Any]


class Records(Protocol):
    """Where they are kept."""

    async def write_all(self, payloads: Sequence[Projection]) -> None:
        """Keep several projections at once; repeatable."""
        ...


class Endings:
    """Takes projections at any time from any thread, and writes them one batch after the other."""

    def __init__(self, records: Records, loop: asyncio.AbstractEventLoop) -> None:
        self._records = records
        self._loop = loop
        self._waiting: list[Projection] = []
        self._come = asyncio.Event()
        self._closed = asyncio.Event()

    def take(self, payload: Projection) -> None:
        """Keep a projection soon; returns at once."""
        self._loop.call_soon_threadsafe(self._add, payload)

    def _add(self, payload: Projection) -> None:
        if len(self._waiting) < MOST_WAITING:
            self._waiting.append(payload)
            self._come.set()

    async def run(self) -> None:
        """Write until `close` was called and nothing waits any more."""
        while not self._closed.is_set() or self._waiting:
            if not self._waiting:
                await self._come.wait()
                self._come.clear()
                continue
            batch = self._waiting[:MOST_AT_ONCE]
            try:
                await self._records.write_all(batch)
            except RecordsUnavailable as error:
                log.warning("ends of cases wait for the records", waiting=len(self._waiting))
                if self._closed.is_set():
                    log.warning("the sweep will find them", reason=str(error))
                    return
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            del self._waiting[: len(batch)]
            with suppress(TimeoutError):
                async with asyncio.timeout(GATHER_SECONDS):
                    await self._closed.wait()

    def close(self) -> None:
        """Let `run` return once it has written what waits; one failure is enough then."""
        self._closed.set()
        self._come.set()


@asynccontextmanager
async def keeping_endings(records: Records) -> AsyncIterator[Endings]:
    """Write what is taken inside, and the last of it on the way out."""
    endings = Endings(records, asyncio.get_running_loop())
    writing = asyncio.create_task(endings.run())
    try:
        yield endings
    finally:
        # What threads have handed over already comes first.
        await asyncio.sleep(0)
        endings.close()
        await writing
