"""`status`: say where the case stands; clocks and reactions follow it."""

from __future__ import annotations

from typing import Any

from workflows.functions.call import FunctionCall
from workflows.interpreter.errors import CaseError


async def run(call: FunctionCall) -> Any:
    """Set the status; setting the same one again changes nothing but the reason."""
    run = call.run
    to = call.arguments["to"]
    statuses = run.plan.rules.statuses
    if to not in statuses:
        known = ", ".join(statuses) or "none"
        raise CaseError.of(
            "configuration", f"there is no status {to!r}; known: {known}", call.task.path
        )
    before = run.state.record.get("status")
    reason = call.arguments.get("reason")
    at = run.now_text()
    run.state.record["status"] = to
    if before != to:
        run.trace(status=to, reason=reason)
        run.note("status", f"{before or '-'} -> {to}" + (f": {reason}" if reason else ""))
        run.events.happened(
            "status.changed",
            {"from": before, "to": to, "toPhase": statuses[to].phase, "reason": reason},
        )
        run.recorder.keep()
    await mirror(call, {"status": to})
    return {"from": before, "to": to, "at": at}


async def mirror(call: FunctionCall, changed: dict[str, Any]) -> None:
    """Write changed fields through to the ticket, where `metadata.ticket.mirror` says so."""
    wanted = {
        name: value for name, value in changed.items() if name in call.run.plan.rules.ticket_mirror
    }
    ticket = call.run.state.record.get("ticket")
    if not wanted or not ticket:
        return
    await call.act(
        "mirror",
        "ticket.update",
        {"ticket": ticket, "set": wanted},
        summary=f"ticket follows {call.task.name}",
    )
