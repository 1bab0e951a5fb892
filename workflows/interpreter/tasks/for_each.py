"""`for`: the tasks once per item, each round fed by the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from language.plan import For
from workflows.interpreter.errors import CaseError
from workflows.interpreter.scope import Point
from workflows.interpreter.sequence import run_tasks

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun
    from workflows.interpreter.frames import Frame
    from workflows.interpreter.scope import Scope


async def run(
    run: CaseRun, task: For, frame: Frame, given: Any, scope: Scope
) -> tuple[Any, str | None]:
    """Run the rounds from the frame's place.

    Raises:
        CaseError: type `validation` where `in` is not a list.
    """
    if "items" not in frame:
        point = Point.inside(run, task, scope, given)
        items = point.evaluate(task.items, given)
        if not isinstance(items, list):
            kind = "null" if items is None else type(items).__name__
            raise CaseError.of("validation", f"for.in must give a list, not {kind}", task.path)
        frame["items"] = items
        frame["index"] = 0
        frame["value"] = given
    while frame["index"] < len(frame["items"]):
        index = frame["index"]
        inner = scope.named(**{task.each: frame["items"][index], task.at: index})
        point = Point.inside(run, task, inner, frame["value"])
        if (
            "round" not in frame
            and task.while_ is not None
            and not point.holds(task.while_, frame["value"])
        ):
            break
        output, then = await run_tasks(run, task.tasks, frame.child("round"), frame["value"], inner)
        if then == "end":
            return output, "end"
        frame.drop("round")
        frame["value"] = output
        frame["index"] = index + 1
    return frame["value"], None
