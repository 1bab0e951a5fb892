"""Racing a part of the flow against a deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from workflows.interpreter.bell import wait_until
from workflows.interpreter.errors import CaseError

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun

T = TypeVar("T")


def begin(run: CaseRun, part: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Start a part of the flow beside others; its end rings the bell.

    A part may fail with a `CaseError`, which is for whoever waits for it. Anything else is a bug
    and is kept as such: a part that nobody waits for must not vanish without a trace.
    """
    task = asyncio.get_running_loop().create_task(part)
    run.parts[:] = [each for each in run.parts if not each.done()]
    run.parts.append(task)

    def ended(task: asyncio.Task[T]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, CaseError) and run.bug is None:
            run.bug = error
        run.bell.ring()

    task.add_done_callback(ended)
    return task


async def withdraw(*tasks: asyncio.Task[Any]) -> None:
    """Cancel parts of the flow and wait until they have let go of what they waited for."""
    for task in tasks:
        task.cancel()
    if not tasks:
        return
    await asyncio.gather(*tasks, return_exceptions=True)


async def within(
    run: CaseRun,
    deadline: datetime,
    part: Coroutine[Any, Any, T],
    summary: str,
    late: Exception,
) -> T:
    """The result of a part that may take until the deadline.

    Raises:
        Exception: `late`, when the deadline passed first.
    """
    task = begin(run, part)
    try:
        in_time = await wait_until(
            run.effects, run.bell, task.done, deadline, f"time limit of {summary}"
        )
    except asyncio.CancelledError:
        # Not in a `finally`: where the whole case is let go of, nothing can be waited for any more.
        if not task.done():
            await withdraw(task)
        raise
    if not task.done():
        await withdraw(task)
    if not in_time:
        raise late
    return task.result()
