"""Which tasks can be undone, and how it is known whether they were done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from language.plan import Task
from workflows.effects import Action, ActionFailed
from workflows.interpreter.bell import wait_until
from workflows.interpreter.deadline import begin, withdraw

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun

REVERSE_ITEMS = "reverse-items"
"""`metadata.undo` of a checklist: the function says itself how its result is undone."""

TO_ITS_END = timedelta(seconds=40)
"""How long an action that is withdrawn may take to say whether it was done."""


def is_undoable(task: Task) -> bool:
    """Whether a task says how it is undone."""
    return bool(task.undo) or task.metadata.get("undo") == REVERSE_ITEMS


async def to_its_end(run: CaseRun, action: Action, late: Callable[[Any], None]) -> Any:
    """Carry out an action that can be undone; one that is withdrawn is let come to its end.

    Cut short, nobody knew whether it was done. `late` gets the result where it was.

    Raises:
        ActionFailed: as `CaseRun.act`.
    """

    async def attempt() -> tuple[Any, ActionFailed | None]:
        # A part of the case that fails with anything but a `CaseError` counts as a bug.
        try:
            return await run.act(action), None
        except ActionFailed as error:
            return None, error

    part = begin(run, attempt())
    try:
        result, error = await asyncio.shield(part)
    except asyncio.CancelledError:
        if run.dropped or part.cancelled():
            raise
        await wait_until(
            run.effects,
            run.bell,
            part.done,
            run.now() + TO_ITS_END,
            "lets the action end",
            always=True,
        )
        if not part.done():
            await withdraw(part)
        elif not part.cancelled():
            result, error = part.result()
            if error is None:
                late(result)
        raise
    if error is not None:
        raise error
    return result
