"""`ladder`: the next step of a ladder, told to the case that it is for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.functions.call import FunctionCall
from workflows.interpreter.errors import CaseError
from workflows.interpreter.escalations import MOVED

LONGEST_REASON = 500


def _act(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The first act."""
    return {"name": "start", **{name: arguments.get(name) for name in ("severity", "level")}}


def _happened(last: Mapping[str, Any]) -> dict[str, Any]:
    """What the last answer means for the ladder; a raise has severity and level in its answer."""
    answer = last.get("answer")
    said = answer if isinstance(answer, Mapping) else {}
    raised = last.get("outcome") == "raised"
    severity, level = (said.get("severity"), said.get("level")) if raised else (None, None)
    return {
        "name": last.get("outcome") or "no-answer",
        "by": last.get("by"),
        "severity": severity if isinstance(severity, str) else None,
        "level": level if isinstance(level, int) else None,
        "told": last.get("told"),
    }


async def run(call: FunctionCall) -> Any:
    """Whom to ask now; a case of which this one is a part hears how far it has come."""
    run = call.run
    arguments = call.arguments
    before = arguments.get("before")
    try:
        step = await _advance(call, before)
    except CaseError as error:
        await _tell(call, "failed", {"state": "failed", "reason": str(error)[:LONGEST_REASON]})
        raise

    if "noted" not in call.frame:
        call.frame["noted"] = True
        for each in step["skipped"]:
            run.note("passed over", f"level {each['level']}: {each['reason']}", task=call.task.name)
        people = ", ".join(step["people"])
        run.note(
            "ladder",
            f"{step['ladder']} {step['state']}, round {step['round']} level {step['level']}: {people}",
            by=step["by"],
            task=call.task.name,
        )
    told = {
        name: step[name]
        for name in ("ladder", "state", "level", "round", "by", "at", "people", "reassign",
                     "skipped", "severity")
    }  # fmt: skip
    await _tell(call, "sent", told)
    return step


async def _advance(call: FunctionCall, before: Any) -> Any:
    """The next step, from the organization in force."""
    arguments, run = call.arguments, call.run
    return await call.read(
        "ladder.advance",
        {
            "ladder": arguments["ladder"],
            "before": before,
            "act": _act(arguments) if before is None else _happened(arguments.get("last") or {}),
            "about": arguments.get("about") or {},
            "at": run.now_text(),
        },
    )


async def _tell(call: FunctionCall, once: str, data: Mapping[str, Any]) -> None:
    """Tell the case of which this one is a part how far the ladder has come."""
    run = call.run
    whole = run.state.record.get("partOf")
    if not whole or once in call.frame:
        return
    event = {
        "id": call.key if once == "sent" else f"{call.key}:{once}",
        "type": MOVED,
        "data": {"ladderCase": run.state.id, **data},
    }
    await run.send(whole, event)
    call.frame[once] = True
