"""A list of tasks in order, with the standard's flow directives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workflows.interpreter.errors import CaseError
from workflows.interpreter.task import run_task

if TYPE_CHECKING:
    from language.plan import Task
    from workflows.interpreter.case_run import CaseRun
    from workflows.interpreter.frames import Frame
    from workflows.interpreter.scope import Scope


async def run_tasks(
    run: CaseRun,
    tasks: tuple[Task, ...],
    frame: Frame,
    raw: Any,
    scope: Scope,
    *,
    steady: bool = False,
) -> tuple[Any, str]:
    """Run tasks from the frame's place; with `steady` each gets what the first one gets.

    Returns:
        The last transformed output, and `continue` or `end`: `exit` leaves this list only.
    """
    if "at" not in frame:
        frame["at"] = 0
        frame["raw"] = raw
    while frame["at"] < len(tasks):
        task = tasks[frame["at"]]
        run.step(task, scope)
        output, then = await run_task(run, task, frame.child("task"), frame["raw"], scope)
        frame.drop("task")
        if not steady:
            frame["raw"] = output
        if then == "continue":
            frame["at"] += 1
        elif then in ("exit", "end"):
            # Kept in the frame: a case that goes on from a snapshot must not run the task again.
            frame["at"] = len(tasks)
            frame["then"] = then
        else:
            frame["at"] = index_of(tasks, then, task.path)
    return frame["raw"], "end" if frame.get("then") == "end" else "continue"


def index_of(tasks: tuple[Task, ...], name: str, instance: str) -> int:
    """Place of the task with this name in the list."""
    for index, task in enumerate(tasks):
        if task.name == name:
            return index
    raise CaseError.of("configuration", f"there is no task {name!r} beside this one", instance)
