"""Which function of the catalog is carried out how."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from workflows.functions import (
    approval,
    booking,
    case_link,
    case_send,
    case_start,
    case_update,
    checklist,
    clock,
    decide,
    escalate,
    http,
    ladder,
    log,
    mail,
    maintenance,
    openapi,
    register,
    status,
    ticket,
    undo,
    wait_for,
    work_item,
    work_item_moves,
)
from workflows.functions.call import FunctionCall


async def act(call: FunctionCall) -> Any:
    """A function that is one activity and nothing else."""
    return await call.act()


FUNCTIONS: Mapping[str, Callable[[FunctionCall], Awaitable[Any]]] = {
    "approval": approval.run,
    "calendar.book": booking.book,
    "calendar.release": booking.release,
    "case.find": act,
    "case.link": case_link.run,
    "case.send": case_send.run,
    "case.start": case_start.run,
    "case.update": case_update.run,
    "checklist": checklist.run,
    "clock": clock.run,
    "conflict.check": act,
    "decide": decide.run,
    "escalate": escalate.run,
    "http": http.run,
    "ladder": ladder.run,
    "log": log.run,
    "mail.reply": mail.run,
    "mail.send": mail.run,
    "maintenance.check": maintenance.run,
    "notify": act,
    "openapi": openapi.run,
    "register.add": register.add,
    "register.update": register.update,
    "report.kpi": act,
    "status": status.run,
    "ticket.close": ticket.run,
    "ticket.comment": act,
    "ticket.create": ticket.run,
    "ticket.find": act,
    "ticket.link": act,
    "ticket.update": ticket.run,
    "undo": undo.run,
    "wait-for": wait_for.run,
    "work-item": work_item.run,
    "work-item.reassign": work_item_moves.reassign,
    "work-item.withdraw": work_item_moves.withdraw,
}

REVERSES: Mapping[str, Callable[[FunctionCall, Any], Awaitable[None]]] = {
    "checklist": checklist.reverse,
}
"""Functions that undo their own result, which is the second argument: `undo: reverse-items`. What
they need for it beside the flow they open themselves; an error waits for an operator."""
