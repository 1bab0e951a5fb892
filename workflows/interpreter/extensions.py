"""Extensions: tasks before and after a task, and instead of it where `before` ends with `exit`.

What they give does not flow on: a task behaves as if it had none, unless it is bypassed. The
standard's own example logs around every task, and the answers of the log must not become data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from language.plan import Extension, Task
from workflows.interpreter.errors import CaseError
from workflows.interpreter.scope import Point

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun
    from workflows.interpreter.frames import Frame
    from workflows.interpreter.scope import Scope


async def run_extended(
    run: CaseRun, task: Task, frame: Frame, given: Any, scope: Scope
) -> tuple[Any, str | None]:
    """Run a task with its extensions, each in the order in which it is declared.

    Returns:
        The raw output and a flow directive where one was decided: by the task itself, by `end` in
        an extension, or none where `exit` in `before` has bypassed the task.
    """
    place = frame.child("extended")
    for index, extension in enumerate(task.extensions):
        if not _applies(run, task, extension, place, index, given, scope):
            continue
        output, then = await _run(
            run, extension.before, place, f"before{index}", given, scope, task
        )
        if then == "end":
            return output, "end"
        if then == "exit":
            return output, None
    if "output" not in place:
        given_back, directive = await run.body(task, frame.child("body"), frame["n"], given, scope)
        place["output"] = given_back
        place["then"] = directive
    output = place["output"]
    for index, extension in enumerate(task.extensions):
        if place[f"applies{index}"]:
            last, then = await _run(
                run, extension.after, place, f"after{index}", output, scope, task, output
            )
            if then == "end":
                return last, "end"
    return output, place["then"]


def _applies(
    run: CaseRun,
    task: Task,
    extension: Extension,
    place: Frame,
    index: int,
    given: Any,
    scope: Scope,
) -> bool:
    """Whether an extension belongs around this task, decided once, before the task."""
    key = f"applies{index}"
    if key not in place:
        place[key] = extension.when is None or _holds(run, task, extension, given, scope)
    applies: bool = place[key]
    return applies


def _holds(run: CaseRun, task: Task, extension: Extension, given: Any, scope: Scope) -> bool:
    """Whether the condition holds; one that cannot be evaluated for this task does not.

    Conditions look into definitions of tasks of many forms: both examples of the standard ask an
    endpoint for its `uri` and whether it starts with a text, of which one always fails in jq.
    """
    assert extension.when is not None
    point = Point.inside(run, task, _described(run, task, scope, given), given)
    try:
        return point.holds(extension.when, given)
    except CaseError as error:
        said = run.state.flow.setdefault("unclear", [])
        if extension.name not in said:
            said.append(extension.name)
            run.note(
                "extension",
                f"{extension.name} is left out at {task.name}: {error.error['detail']}",
                task=task.name,
            )
        return False


async def _run(
    run: CaseRun,
    tasks: tuple[Task, ...],
    place: Frame,
    key: str,
    given: Any,
    scope: Scope,
    task: Task,
    output: Any = None,
) -> tuple[Any, str]:
    """Run tasks of an extension, once; with `exit` where they ended with it."""
    if not tasks:
        return given, "continue"
    part = place.child(key)
    inner = _described(run, task, scope, given, output)
    last, _ = await run.sequence(tasks, part, given, inner)
    return last, part.get("then", "continue")


def _described(run: CaseRun, task: Task, scope: Scope, given: Any, output: Any = None) -> Scope:
    """To an extension, `$task` is the task around which it stands, with the keys of its definition."""
    point = Point.inside(run, task, scope, given)
    described = point.describe(output)
    return scope.named(task={**(task.definition or {}), **described})
