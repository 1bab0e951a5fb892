"""`clock`: act on a clock from the flow."""

from __future__ import annotations

from typing import Any

from workflows.functions.call import FunctionCall
from workflows.interpreter.errors import CaseError


async def run(call: FunctionCall) -> Any:
    """Start, pause, resume, stop, cancel or retarget; returns the clock's reading."""
    clocks = call.run.clocks
    name = call.arguments["name"]
    if not clocks.knows(name) and name in call.run.membership.clock_names():
        membership = call.run.membership
        if "told" not in call.frame:
            asked = {**call.arguments, "name": name}
            call.frame["told"] = membership.tell({"clock": asked})
        await membership.seen(call.frame["told"])
        return {"name": name, "state": "idle", **membership.clocks().get(name, {})}
    if not clocks.knows(name):
        raise CaseError.of("configuration", f"there is no clock {name!r}", call.task.path)
    if "asked" not in call.frame:
        call.frame["asked"] = clocks.ask(name, call.arguments["act"], call.arguments)
    await clocks.handled(call.frame["asked"])
    return clocks.reading(name)
