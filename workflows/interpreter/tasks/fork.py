"""`fork`: branches side by side; with `compete` the first to end wins."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from language.plan import Fork, Task
from workflows.interpreter.bell import wait_until
from workflows.interpreter.deadline import begin, withdraw
from workflows.interpreter.frames import Frame
from workflows.interpreter.task import run_task

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun
    from workflows.interpreter.scope import Scope


async def run(
    run: CaseRun, task: Fork, frame: Frame, given: Any, scope: Scope
) -> tuple[Any, str | None]:
    """Run the branches from their frames' places.

    Returns:
        The outputs in declared order, or the winner's output. `end` in a branch ends the
        workflow when all branches have ended (at once where they compete).

    Raises:
        CaseError: of the first branch, in declared order, that failed; the others are withdrawn.
    """
    parts: list[asyncio.Task[None]] = []
    branches = [frame.child(f"branch{index}") for index in range(len(task.branches))]
    try:
        for branch, place in zip(task.branches, branches, strict=True):
            parts.append(begin(run, _branch(run, branch, place, given, scope.branch())))

        def settled() -> bool:
            done = [part.done() for part in parts]
            failed = any(part.done() and part.exception() is not None for part in parts)
            return failed or (any(done) if task.compete else all(done))

        await wait_until(run.effects, run.bell, settled)
    except asyncio.CancelledError:
        # Not in a `finally`: where the whole case is let go of, nothing can be waited for any more.
        await withdraw(*(part for part in parts if not part.done()))
        raise
    await withdraw(*(part for part in parts if not part.done()))
    for part in parts:
        if part.done() and not part.cancelled() and (failure := part.exception()) is not None:
            if not task.compete or not any("done" in place for place in branches):
                raise failure
    if task.compete:
        winner = next(place for place in branches if "done" in place)
        return winner["done"], "end" if winner.get("then") == "end" else None
    ends = any(place.get("then") == "end" for place in branches)
    return [place["done"] for place in branches], "end" if ends else None


async def _branch(run: CaseRun, branch: Task, place: Frame, given: Any, scope: Scope) -> None:
    if "done" in place:
        return
    output, then = await run_task(run, branch, place.child("task"), given, scope)
    place.drop("task")
    place["then"] = then
    place["done"] = output
