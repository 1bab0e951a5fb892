"""`run: workflow`: another definition as a part of this case."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from language.plan import RunWorkflow
from workflows.effects import CaseStart
from workflows.interpreter.bell import wait_until
from workflows.interpreter.deadline import begin
from workflows.interpreter.errors import CaseError
from workflows.interpreter.scope import Point
from workflows.interpreter.sizes import too_large

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun
    from workflows.interpreter.frames import Frame
    from workflows.interpreter.scope import Scope


FIRST_LOOK = timedelta(minutes=1)
"""Until a part whose end nobody may tell is asked for a second time; each time twice as long."""

LONGEST_PAUSE = timedelta(hours=6)
LONGEST_PART = 240
"""Of an id; a workflow's has at most 255 on PostgreSQL, and a number may follow."""


async def run(
    run: CaseRun, task: RunWorkflow, frame: Frame, n: int, given: Any, scope: Scope
) -> tuple[Any, str | None]:
    """Start the part and wait for its end.

    The part's id follows from this case, the task and how often it began, so a restart finds it.

    Raises:
        CaseError: the error with which the part failed, or `runtime` when it was cancelled.
    """
    if "case" not in frame:
        point = Point.inside(run, task, scope, given)
        frame["input"] = point.evaluate(task.value, given)
        problem = too_large("the input of the part", frame["input"]) if run.level >= 13 else None
        if problem is not None:
            raise CaseError.of("runtime", problem, task.path, title="TooLarge")
        frame["case"] = _part_id(run, task, n)
    child: str = frame["case"]
    version = None if task.version == "latest" else task.version
    link = {"kind": "part", "case": run.state.id, "task": task.path}
    start = CaseStart(task.workflow, version, child, frame["input"], link, summary=task.name)
    if run.level < 8:
        await frame.once("started", lambda: run.start_case(start))
        if not task.wait:
            return given, None
    elif not task.wait:
        await frame.once("started", lambda: run.start_case(start))
        return given, None
    children = run.state.children
    # Before it starts: a fast part may tell its end together with its beginning.
    children.setdefault(child, {})
    looking: asyncio.Task[None] | None = None
    try:
        if run.level >= 8:
            known = "started" in frame
            started = await frame.once("started", lambda: run.start_case(start))
            if known or not started:
                # Nobody tells this run of a part that was terminated: it was started by another.
                looking = begin(run, look_after(run, child))
        run.waiting(task, f"waits for {child}", scope)
        await wait_until(run.effects, run.bell, lambda: "as" in children[child])
    except asyncio.CancelledError:
        if not run.dropped and task.on_cancel == "cancel":
            run.cancel_part(child)
        raise
    finally:
        if looking is not None:
            looking.cancel()
    ended = children.pop(child)
    if ended["as"] == "completed":
        return ended.get("output"), None
    error = ended.get("error")
    if ended["as"] == "failed" and isinstance(error, dict):
        raise CaseError({**error, "instance": task.path})
    raise CaseError.of("runtime", f"{child} ended as {ended['as']}", task.path)


async def look_after(run: CaseRun, child: str) -> None:
    """Ask from time to time whether the part has ended, in case nobody can tell."""
    children = run.state.children
    pause = FIRST_LOOK
    while "as" not in children.get(child, {"as": "gone"}):
        ended = await run.part_ended(child)
        if ended is not None:
            data = {"case": child, **ended}
            run.react({"id": f"end:{child}", "type": "case.finished", "data": data})
            run.changed()
            return
        await wait_until(
            run.effects,
            run.bell,
            lambda: "as" in children.get(child, {"as": "gone"}),
            run.now() + pause,
            f"looks after {child}",
            always=True,
        )
        pause = min(2 * pause, LONGEST_PAUSE)


def _part_id(run: CaseRun, task: RunWorkflow, n: int) -> str:
    """An id that no other part has: not of another case, of another task, or of an earlier attempt.

    An action is repeated under its key, so that it happens once; a part that has failed is over, and
    a retry needs another one.
    """
    if run.level < 2:
        return f"{task.workflow}:{run.state.key}/{task.name}" + (f"#{n}" if n > 1 else "")
    base = f"{task.workflow}:{run.state.id}/{task.name}"
    if len(base) > LONGEST_PART:
        base = f"{base[: LONGEST_PART - 17]}~{hashlib.sha256(base.encode()).hexdigest()[:16]}"
    count = run.state.parts.get(base, 0) + 1
    run.state.parts[base] = count
    return base if count == 1 else f"{base}#{count}"
