"""`maintenance.check`: whether assets are in a maintenance window, by the windows in force."""

from __future__ import annotations

from typing import Any

from workflows.functions.call import FunctionCall


async def run(call: FunctionCall) -> Any:
    """Returns `inside`, and then the window with the time until which it lasts."""
    arguments = {
        "assets": call.arguments["assets"],
        "at": call.arguments.get("at") or call.run.now_text(),
        "calendar": call.run.plan.rules.calendar,
    }
    result = await call.read("windows.maintenance", arguments)
    if "told" not in call.frame:
        call.frame["told"] = True
        if result["inside"]:
            until = result["until"]
            call.run.note(
                "maintenance",
                f"{call.task.name}: {result['window']} until {until}",
                task=call.task.name,
            )
    return result
