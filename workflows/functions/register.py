"""`register.add`, `register.update`: the register is kept outside, and the case notes what it did."""

from __future__ import annotations

from typing import Any

from service.register import said_of
from workflows.functions.call import FunctionCall


async def add(call: FunctionCall) -> Any:
    """Enter an improvement. A case without an owner of its own for it gives the entry none."""
    result = await call.act(arguments=_asked(call))
    _note(call, result["id"], f"{call.arguments['title']}: {result['status']}")
    return result


async def update(call: FunctionCall) -> Any:
    """Change an entry, and judge what was measured."""
    result = await call.act(arguments=_asked(call))
    shown = said_of({**result, "result": call.arguments.get("result")})
    text = f"{result['id']}: {result['status']}{f', {shown}' if shown else ''}"
    _note(call, result["id"], text)
    return result


def _asked(call: FunctionCall) -> dict[str, Any]:
    return {**call.arguments, "run": call.run.state.first_run}


def _note(call: FunctionCall, entry: str, text: str) -> None:
    # A drill's history says already what it would have done.
    if "told" in call.frame or call.run.is_drill:
        return
    call.frame["told"] = True
    call.run.note(
        "improvement",
        text,
        reason=call.arguments.get("reason"),
        task=call.task.name,
        entry=entry,
    )
