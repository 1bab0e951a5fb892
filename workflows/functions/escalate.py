"""`escalate`: a ladder of the organization, beside the case."""

from __future__ import annotations

from typing import Any

from workflows.functions.call import FunctionCall
from workflows.interpreter.bell import wait_until
from workflows.interpreter.errors import CaseError


async def run(call: FunctionCall) -> Any:
    """Start the ladder and go on, or with `wait` when somebody has taken it or nobody will."""
    run = call.run
    arguments = call.arguments
    escalations = run.escalations

    async def start() -> str | None:
        return await escalations.start(
            call.task.name,
            arguments["ladder"],
            until=arguments.get("until"),
            severity=arguments.get("severity") or run.state.record.get("priority"),
            reason=arguments.get("reason"),
            level=arguments.get("level"),
        )

    if "case" not in call.frame:
        run.trace(action="escalate", task=call.task.name)
    case = await call.frame.once("case", start)
    if case is not None and arguments.get("wait"):
        run.waiting(call.task, f"waits for the ladder {arguments['ladder']}", call.scope)
        await wait_until(run.effects, run.bell, lambda: not escalations.is_running(case))
        problem = escalations.problem(case)
        if problem is not None:
            raise CaseError.of("configuration", f"escalate: {problem}", call.task.path)
    return escalations.result(case)
