"""An event loop on a virtual clock: ordered by time, then by the order of asking.

A plain loop with a patched clock orders equal deadlines by chance of its heap; this one keeps a
sequence number, so the same world runs the same way every time. It has no I/O and no threads.
"""

from __future__ import annotations

import asyncio
import heapq
from asyncio import events
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context, copy_context
from typing import Any

STEP_LIMIT = 1_000_000
"""Callbacks without time moving on: more is an endless loop of the world itself."""


class WorldStuck(Exception):
    """The world ran without end at one instant."""


class VirtualLoop(asyncio.AbstractEventLoop):
    """The part of an event loop that tasks and futures need. `time()` is in seconds."""

    def __init__(self, start: float) -> None:
        self._now = start
        self._ready: deque[tuple[Callable[..., Any], tuple[Any, ...]]] = deque()
        # Plain calls: nobody takes one back, and a handle for each costs more than many of them do.
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._sequence = 0
        self.failures: list[BaseException] = []

    # --- what asyncio calls ---------------------------------------------------------------------

    def time(self) -> float:
        """Virtual seconds since the epoch."""
        return self._now

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> None:
        """Run a callback at this instant, after those asked for before."""
        inside = copy_context() if context is None else context
        self._ready.append((inside.run, (callback, *args)))

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Run a callback at a time; equal times keep the order of asking."""
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        self._sequence += 1
        heapq.heappush(self._timers, (when, self._sequence, handle))
        return handle

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Run a callback after so many seconds."""
        return self.call_at(self._now + delay, callback, *args, context=context)

    def create_future(self) -> asyncio.Future[Any]:
        """A future of this loop."""
        return asyncio.Future(loop=self)

    def create_task(  # type: ignore[override]
        self,
        coro: Coroutine[Any, Any, Any],
        *,
        name: str | None = None,
        context: Context | None = None,
    ) -> asyncio.Task[Any]:
        """A task of this loop."""
        return asyncio.Task(coro, loop=self, name=name, context=context)

    def get_debug(self) -> bool:
        """Never: debug mode would look at the real clock."""
        return False

    def is_running(self) -> bool:
        """Whether this loop runs callbacks now."""
        return events._get_running_loop() is self

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Keep what no task awaited, so that a rehearsal can fail with it."""
        error = context.get("exception")
        if error is not None:
            # Without an exception it is the end of a task that a snapshot has replaced.
            self.failures.append(error)

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Cancelled timers are skipped when their time comes."""

    # --- what a world calls ---------------------------------------------------------------------

    def settle(self) -> None:
        """Run everything that can run at this instant.

        Raises:
            WorldStuck: it does not end.
        """
        # A page that rehearses runs inside a loop of its own.
        outer = events._get_running_loop()
        events._set_running_loop(self)
        steps = 0
        try:
            while self._ready:
                steps += 1
                if steps > STEP_LIMIT:
                    raise WorldStuck(f"{STEP_LIMIT} steps at one instant")
                call, arguments = self._ready.popleft()
                try:
                    call(*arguments)
                except Exception as error:  # noqa: BLE001 - as a loop does: whatever a callback raises
                    self.failures.append(error)
        finally:
            events._set_running_loop(outer)

    def next_time(self) -> float | None:
        """Time of the next timer, or None."""
        while self._timers and self._timers[0][2].cancelled():
            heapq.heappop(self._timers)
        return self._timers[0][0] if self._timers else None

    def advance(self, limit: float | None = None) -> bool:
        """Move to the next timer, at most to `limit`, and make its callback ready.

        Returns:
            Whether there was one.
        """
        when = self.next_time()
        if when is None or (limit is not None and when > limit):
            return False
        _, _, handle = heapq.heappop(self._timers)
        self._now = max(self._now, when)
        self._ready.append((handle._run, ()))
        return True
