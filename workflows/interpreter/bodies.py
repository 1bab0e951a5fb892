"""Which body belongs to which task type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

from language.plan import (
    Call,
    Do,
    Emit,
    For,
    Fork,
    Listen,
    Raise,
    RunWorkflow,
    Set,
    Switch,
    Task,
    Try,
    Wait,
)
from workflows.interpreter.tasks import (
    call,
    do,
    emit,
    for_each,
    fork,
    listen,
    listen_before_routers,
    raise_error,
    run_workflow,
    set_value,
    switch,
    try_catch,
    wait,
)

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun
    from workflows.interpreter.frames import Frame
    from workflows.interpreter.scope import Scope


async def run_body(
    run: CaseRun, task: Task, frame: Frame, n: int, given: Any, scope: Scope
) -> tuple[Any, str | None]:
    """Run the body of a task from its frame's place.

    Returns:
        The raw output, and a flow directive where the body decides one.
    """
    match task:
        case Call():
            return await call.run(run, task, frame, n, given, scope)
        case Do():
            return await do.run(run, task, frame, given, scope)
        case Set():
            return set_value.run(run, task, given, scope)
        case Switch():
            return switch.run(run, task, given, scope)
        case For():
            return await for_each.run(run, task, frame, given, scope)
        case Fork():
            return await fork.run(run, task, frame, given, scope)
        case Try():
            return await try_catch.run(run, task, frame, given, scope)
        case Raise():
            return raise_error.run(run, task, given, scope)
        case Wait():
            return await wait.run(run, task, frame, given, scope)
        case RunWorkflow():
            return await run_workflow.run(run, task, frame, n, given, scope)
        case Listen():
            if run.level < 4:
                return await listen_before_routers.run(run, task, frame, given, scope)
            return await listen.run(run, task, frame, n, given, scope)
        case Emit():
            return await emit.run(run, task, frame, n, given, scope)
        case _:
            assert_never(task)  # type: ignore[arg-type]
