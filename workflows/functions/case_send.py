"""`case.send`: deliver an event to another case."""

from __future__ import annotations

from typing import Any

from workflows.functions.call import FunctionCall
from workflows.interpreter.backstops import MOST_HOPS
from workflows.interpreter.errors import CaseError


async def run(call: FunctionCall) -> Any:
    """Returns `state` delivered, buffered, reopened or refused, and the reason of a refusal.

    Raises:
        CaseError: title `TooManyHops`: cases answer each other, and nobody is in between.
    """
    given = {**call.arguments, "id": call.key}
    if call.run.level >= 16:
        if "hops" not in call.frame:
            call.frame["hops"] = call.run.state.hops + 1
        given["hops"] = call.frame["hops"]
        if given["hops"] > MOST_HOPS:
            # Asked again by an operator, it counts from the beginning.
            call.run.state.hops = 0
            del call.frame.data["hops"]
            raise CaseError.of(
                "runtime",
                f"{given['event']} for {given['case']} is an answer to an answer, {MOST_HOPS} times "
                "over: two processes that answer each other",
                call.task.path,
                status=508,
                title="TooManyHops",
            )
    return await call.act(arguments=given)
