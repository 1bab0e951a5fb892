"""`mail.send`, `mail.reply`: correspondence that belongs to the case's thread."""

from __future__ import annotations

from typing import Any

from workflows.functions.call import FunctionCall


async def run(call: FunctionCall) -> Any:
    """Send, then let clocks and reactions know that a message went out.

    A mail that was left out on purpose (`skipped`: nobody to write to, or too many) was not sent.
    """
    run = call.run
    result = await call.act()
    if "told" not in call.frame:
        call.frame["told"] = True
        if result.get("skipped"):
            run.note("not-sent", f"{call.task.name}: {result['skipped']}", task=call.task.name)
            return result
        to = call.arguments.get("to", "requester")
        automatic = call.arguments.get("author") is None
        run.note(
            "sent",
            f"{call.task.name}: {call.arguments.get('subject') or call.arguments.get('message') or ''}",
            by=call.arguments.get("author"),
            task=call.task.name,
        )
        run.recorder.message(result.get("messageId"), "out", result.get("at"))
        sent = {
            "to": "customer" if to == "requester" else "other",
            "automatic": automatic,
            "task": call.task.name,
            "messageId": result.get("messageId"),
        }
        run.events.happened("message.sent", sent)
        if run.membership.is_member:
            run.membership.tell({"sent": {**sent, "at": result.get("at")}})
    return result
