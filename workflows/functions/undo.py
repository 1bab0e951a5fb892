"""`undo`: what has finished since a task began is undone, the newest first."""

from __future__ import annotations

from typing import Any

from workflows.functions.call import FunctionCall


async def run(call: FunctionCall) -> Any:
    """Undo, and wait for its end. Where the flow is moved on meanwhile, the undos go on beside it."""
    run = call.run
    back_to, reason = call.arguments["backTo"], call.arguments["reason"]
    if "asked" not in call.frame:
        call.frame["asked"] = True
        run.note("undo", f"back to {back_to}: {reason}", task=call.task.name, reason=reason)
        run.undoing.ask(back_to, call.key)
    run.waiting(call.task, f"undoes back to {back_to}", call.scope)

    async def settled() -> Any:
        return await run.undoing.settled(call.key)

    undone = await call.frame.once("undone", settled)
    return {
        "complete": all(each["state"] != "failed" for each in undone),
        "undone": undone,
    }
