"""Waiting: conditions over the state are looked at again whenever something has changed.

Handlers and walkers write data first and ring afterwards. A wait therefore depends on data alone,
and a walker that starts from a snapshot sees what it would have seen without the restart.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflows.effects import Effects


class Bell:
    """Wakes everything that waits, in the order in which it began to wait."""

    def __init__(self, *, in_order: bool = True) -> None:
        self.in_order = in_order
        """Whether of several times that have passed the earlier one counts first (level 15)."""
        self.suspended = False
        """Whether times that pass wait until the case is resumed."""
        self.alarms: list[Alarm] = []
        """Timers that are set, and those that rang and that nobody has taken notice of yet."""
        self._waiting: list[asyncio.Future[None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    def ring(self) -> None:
        """Let all waits look at their condition again."""
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def heard(self) -> None:
        """Return at the next ring."""
        if self._loop is None:
            # Asked once: it is a system call each time, and a case waits hundreds of times.
            self._loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = self._loop.create_future()
        self._waiting.append(future)
        await future


async def turn() -> None:
    """Return when everything else that can run at this instant has run once."""
    ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(_come, ready)
    await ready


def _come(ready: asyncio.Future[None]) -> None:
    # Who waited may have been withdrawn in the same turn.
    if not ready.done():
        ready.set_result(None)


class Alarm:
    """A timer that rings the bell once. It is set again from its deadline after a restart."""

    def __init__(
        self, effects: Effects, bell: Bell, at: datetime, summary: str, *, always: bool
    ) -> None:
        self.at = at
        self.always = always
        """Whether it counts in a suspended case as well."""
        self.rung = bell.suspended and not always and effects.now() >= at
        """It has passed while the case was suspended before a snapshot: nobody sets it again."""
        self._bell = bell
        bell.alarms.append(self)
        self._task: asyncio.Task[None] | None = None
        if not self.rung:
            self._task = asyncio.get_running_loop().create_task(self._run(effects, bell, summary))

    async def _run(self, effects: Effects, bell: Bell, summary: str) -> None:
        await effects.sleep_until(self.at, summary)
        self.rung = True
        bell.ring()

    def cancel(self) -> None:
        """Withdraw the timer. Called once, also after it rang."""
        self._bell.alarms.remove(self)
        if self._task is not None:
            self._task.cancel()


def _has_come(
    effects: Effects, bell: Bell, alarm: Alarm | None, deadline: datetime, *, always: bool
) -> bool:
    if bell.suspended and not always:
        return False
    rung = alarm is not None and alarm.rung
    if not rung and effects.now() < deadline:
        # A timer that rang a fraction too early has rung all the same.
        return False
    # After an outage many times have passed at once: what the first one leads to may take back what
    # waits for the next.
    return not (
        bell.in_order
        and any(each.at < deadline and (each.always or not bell.suspended) for each in bell.alarms)
    )


async def wait_until(
    effects: Effects,
    bell: Bell,
    condition: Callable[[], bool],
    deadline: datetime | None = None,
    summary: str = "",
    *,
    always: bool = False,
) -> bool:
    """Wait for a condition, at most until the deadline.

    Where both come at one instant, the condition wins: it is looked at before the time.
    In a suspended case a deadline that passes counts when it is resumed, or at once with `always`.

    Returns:
        True when the condition holds, False when the deadline has passed.
    """
    alarm: Alarm | None = None
    try:
        while True:
            if condition():
                return True
            if deadline is not None and _has_come(effects, bell, alarm, deadline, always=always):
                return False
            if deadline is not None and alarm is None:
                alarm = Alarm(effects, bell, deadline, summary, always=always)
            await bell.heard()
    except GeneratorExit:
        # The case is let go of: there is nobody any more who could look.
        alarm = None
        raise
    finally:
        if alarm is not None:
            alarm.cancel()
            if bell.in_order and any(each.rung for each in bell.alarms):
                # Whoever waits for a later time that has passed as well looks now.
                bell.ring()
