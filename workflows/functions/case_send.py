"""`case.send`: deliver an event to another case."""

from __future__ import annotations

from typing import Any

from workflows.functions.call import FunctionCall


async def run(call: FunctionCall) -> Any:
    """Returns `state` delivered, buffered, reopened or refused, and the reason of a refusal."""
    return await call.act(arguments={**call.arguments, "id": call.key})
