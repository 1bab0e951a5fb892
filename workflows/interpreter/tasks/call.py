"""`call`: a function of the catalog decides, waits, acts or reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from language.functions import CATALOG
from language.plan import Call, Literal, MapTemplate
from service.forms import check
from workflows.functions.call import FunctionCall
from workflows.functions.registry import FUNCTIONS, REVERSES
from workflows.interpreter.errors import CaseError
from workflows.interpreter.hold import hold
from workflows.interpreter.scope import Point
from workflows.interpreter.secrets import evaluate_but_secrets, hides

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun
    from workflows.interpreter.frames import Frame
    from workflows.interpreter.scope import Scope


async def run(
    run: CaseRun, task: Call, frame: Frame, n: int, given: Any, scope: Scope
) -> tuple[Any, str | None]:
    """Evaluate the arguments once, check them, and carry the function out.

    Raises:
        CaseError: type `validation` for arguments that do not fit, or the function's own.
    """
    descriptor = CATALOG[task.function]
    if "arguments" not in frame:
        point = Point.inside(run, task, scope, given)
        deferred = None
        if task.secrets:
            arguments, deferred = evaluate_but_secrets(point, task.arguments, given)
            frame["deferred"] = deferred
        else:
            arguments = point.evaluate(task.arguments, given)
        problems = _problems(task, descriptor.arguments, arguments, deferred)
        if problems:
            detail = "; ".join(problems)
            raise CaseError.of("validation", f"{task.function} of {task.name}: {detail}", task.path)
        frame["arguments"] = arguments
        if not descriptor.is_action:
            run.trace(action=task.function, task=task.name, message=arguments.get("message"), to=[])
    call = FunctionCall(
        run, task, descriptor, frame, frame["arguments"], n, given, scope, frame.get("deferred")
    )
    return await FUNCTIONS[task.function](call), None


async def reverse(
    run: CaseRun, task: Call, frame: Frame, n: int, result: Any, scope: Scope
) -> None:
    """Let the function of a task undo its own result; where it cannot, an operator decides.

    Raises:
        CaseError: the operator gives it up.
    """
    # A place of its own: nothing of the undo has the key of what it undoes.
    undoing = replace(task, path=f"{task.path}/metadata/undo")
    call = FunctionCall(run, undoing, CATALOG[task.function], frame, {}, n, result, scope)
    error: CaseError | None = None
    held = run.state.held.get(scope.place_of(undoing))
    if held is not None:
        error = CaseError(held["error"])
    while True:
        try:
            if error is not None:
                raise error
            await REVERSES[task.function](call, result)
        except CaseError as raised:
            error = None
            decision = await hold(run, undoing, frame, raised, scope)
            if decision["act"] == "skip":
                return
        else:
            return


def _problems(
    task: Call, schema: Mapping[str, Any], arguments: Any, deferred: Mapping[str, Any] | None
) -> list[str]:
    """What does not fit. What is written in the definition was checked when it was published.

    An argument that secrets are a part of is checked in the activity, which knows them.
    """
    if not isinstance(task.arguments, MapTemplate):
        return _said("", schema, arguments)
    found: list[str] = []
    for name, template in task.arguments.entries:
        if not isinstance(template, Literal) and not hides(deferred, name):
            known = schema["properties"].get(name)
            found += _said(f"/{name}", known, arguments[name]) if known is not None else []
    return found


def _said(place: str, schema: Mapping[str, Any], value: Any) -> list[str]:
    problems = check(schema, value, ours=True)
    return [f"{place}{each.pointer}".rstrip("/") + f": {each.message}" for each in problems]
