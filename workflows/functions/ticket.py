"""`ticket.create`, `ticket.update`, `ticket.close`: the case's record keeps its ticket."""

from __future__ import annotations

from typing import Any

from workflows.functions.call import FunctionCall


async def run(call: FunctionCall) -> Any:
    """Act, and remember the ticket as `$case.ticket` where it is this case's own."""
    run = call.run
    result = await call.act()
    own = run.state.record.get("ticket")
    mine = call.task.function == "ticket.create" or (
        isinstance(own, dict) and own.get("id") == result.get("id")
    )
    if mine and own != result:
        run.state.record["ticket"] = result
        run.note("ticket", f"{result.get('id')} {result.get('status') or ''}", task=call.task.name)
        run.recorder.keep()
        run.changed()
    return result
