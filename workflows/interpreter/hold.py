"""A task that nothing catches keeps its case waiting for an operator."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from service.instants import write_instant
from workflows.interpreter import operating
from workflows.interpreter.bell import wait_until
from workflows.interpreter.errors import CaseError

if TYPE_CHECKING:
    from language.plan import Task
    from workflows.interpreter.case_run import CaseRun
    from workflows.interpreter.frames import Frame
    from workflows.interpreter.scope import Scope


async def hold(
    run: CaseRun, task: Task, frame: Frame, error: CaseError, scope: Scope
) -> dict[str, Any]:
    """Wait until an operator says what to do with a failed task. Clocks run on meanwhile.

    Returns:
        The operator's decision with `act` `retry` or `skip` (and `value`).

    Raises:
        CaseError: the error itself, when the operator lets the case fail.
    """
    held = run.state.held
    place = scope.place_of(task)
    if place not in held:
        held[place] = {
            "task": task.name,
            "error": error.error,
            "since": write_instant(run.now()),
            "beside": scope.beside and scope.undo is None,
        }
        if scope.undo is not None:
            held[place]["undo"] = scope.undo
        operating.opened(run, place, held[place])
        run.note("held", f"{task.name}: {error.error.get('detail') or error}", task=task.name)
        run.trace(holds=task.name, reason=error.error.get("title"))
        run.changed()
    try:
        await wait_until(run.effects, run.bell, lambda: "decision" in held[place])
    except asyncio.CancelledError:
        # The flow is moved or the case ends: nobody has to decide any more.
        if not run.dropped:
            held.pop(place, None)
            operating.closed(run, place, None)
        raise
    decision: dict[str, Any] = held.pop(place)["decision"]
    operating.closed(run, place, decision)
    if scope.undo is not None:
        run.undoing.decided(scope.undo, decision["act"])
    run.note(
        "released",
        f"{task.name}: {decision['act']}"
        + (f", {decision['reason']}" if decision.get("reason") else ""),
        by=decision.get("by"),
        task=task.name,
        reason=decision.get("reason"),
    )
    run.changed()
    if decision["act"] == "fail":
        raise CaseError(error.error, final=True) from error
    return decision
