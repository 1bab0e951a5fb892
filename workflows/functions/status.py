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
    of_root = None if to in statuses else run.membership.status_of_root(to)
    if to not in statuses and of_root is None:
        known = ", ".join([*statuses, *run.membership.statuses()]) or "none"
        raise CaseError.of(
            "configuration", f"there is no status {to!r}; known: {known}", call.task.path
        )
    before = run.state.record.get("status")
    reason = call.arguments.get("reason")
    at = run.now_text()
    phase = statuses[to].phase if of_root is None else of_root
    if of_root is not None and statuses:
        # The matter's status, and none of this case's own.
        run.membership.status(to, phase, reason)
        run.note("status", f"{to} for the matter" + (f": {reason}" if reason else ""))
        await mirror(call, {"status": to})
        return {"from": before, "to": to, "at": at}
    run.state.record["status"] = to
    if before != to:
        run.trace(status=to, reason=reason)
        run.note(
            "status",
            f"{before or '-'} -> {to}" + (f": {reason}" if reason else ""),
            to=to,
            phase=phase,
        )
        run.events.happened(
            "status.changed",
            {"from": before, "to": to, "toPhase": run.phase_of(phase), "reason": reason},
        )
        run.membership.status(to, phase, reason)
        run.recorder.keep()
    await mirror(call, {"status": to})
    return {"from": before, "to": to, "at": at}


async def mirror(call: FunctionCall, changed: dict[str, Any]) -> None:
    """Write changed fields through to the ticket, where `metadata.ticket.mirror` says so."""
    wanted = {
        name: value
        for name, value in changed.items()
        if name in call.run.plan.rules.ticket_mirror or name in call.run.membership.mirror()
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
