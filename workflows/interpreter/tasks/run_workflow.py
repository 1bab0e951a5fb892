"""`run: workflow`: another definition as a part of this case."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from language.plan import RunWorkflow
from workflows.effects import CaseStart
from workflows.interpreter.bell import wait_until
from workflows.interpreter.errors import CaseError
from workflows.interpreter.scope import Point

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun
    from workflows.interpreter.frames import Frame
    from workflows.interpreter.scope import Scope


async def run(
    run: CaseRun, task: RunWorkflow, frame: Frame, n: int, given: Any, scope: Scope
) -> tuple[Any, str | None]:
    """Start the part and wait for its end.

    The part's id follows from this case, the task and its occurrence, so a restart finds it.

    Raises:
        CaseError: the error with which the part failed, or `runtime` when it was cancelled.
    """
    if "case" not in frame:
        point = Point(run, scope, task.path, given, task=task, raw=given)
        frame["input"] = point.evaluate(task.value, given)
        frame["case"] = f"{task.workflow}:{run.state.key}/{task.name}" + (f"#{n}" if n > 1 else "")
    child: str = frame["case"]
    version = None if task.version == "latest" else task.version
    link = {"kind": "part", "case": run.state.id, "task": task.path}
    start = CaseStart(task.workflow, version, child, frame["input"], link, summary=task.name)
    await frame.once("started", lambda: run.start_case(start))
    if not task.wait:
        return given, None
    run.waiting(task, f"waits for {child}", scope)
    children = run.state.children
    children.setdefault(child, {})
    try:
        await wait_until(run.effects, run.bell, lambda: "as" in children[child])
    except asyncio.CancelledError:
        if task.on_cancel == "cancel":
            run.cancel_part(child)
        raise
    ended = children.pop(child)
    if ended["as"] == "completed":
        return ended.get("output"), None
    error = ended.get("error")
    if ended["as"] == "failed" and isinstance(error, dict):
        raise CaseError({**error, "instance": task.path})
    raise CaseError.of("runtime", f"{child} ended as {ended['as']}", task.path)
