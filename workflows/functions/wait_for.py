"""`wait-for`: an event or a time, with reminders."""

from __future__ import annotations

from typing import Any

from service.instants import read_instant, write_instant
from workflows.functions.call import FunctionCall
from workflows.functions.reminders import Reminders
from workflows.interpreter.bell import wait_until
from workflows.interpreter.events import matches


async def run(call: FunctionCall) -> Any:
    """Returns `outcome` received, timed-out or reached.

    An event that came before this task and that nobody took counts; an event and the time at one
    instant count as received.
    """
    run = call.run
    arguments = call.arguments
    frame = call.frame
    wanted = arguments.get("event")
    match = arguments.get("match") or {}
    if "begun" not in frame:
        frame["reach"] = None
        frame["due"] = None
        for name in ("at", "after"):
            if arguments.get(name) is not None:
                value = {"at": arguments["at"]} if name == "at" else arguments["after"]
                frame["reach"] = write_instant(await run.due_at(value, call.summary))
        if arguments.get("due") is not None:
            frame["due"] = write_instant(await run.due_at(arguments["due"], call.summary))
        frame["begun"] = True
    times = [frame[name] for name in ("reach", "due") if frame[name] is not None]
    deadline = read_instant(min(times)) if times else None

    def received() -> bool:
        if "event" not in frame and wanted is not None:
            event = run.events.take(
                lambda each: each["type"] == wanted and matches(match, each.get("data"))
            )
            if event is not None:
                frame["event"] = event
        return "event" in frame

    run.waiting(call.task, f"waits for {wanted or 'a time'}", call.scope)
    async with Reminders(call, call.arguments.get("remind"), default_to="requester"):
        with run.events.interest():
            came = await wait_until(run.effects, run.bell, received, deadline, call.summary)
    if came:
        event = frame["event"]
        run.note("received", f"{call.task.name}: {event['type']}", task=call.task.name)
        return {"outcome": "received", "event": event.get("data"), "at": run.now_text()}
    reached = frame["reach"] is not None and frame["reach"] == min(times)
    outcome = "reached" if reached else "timed-out"
    run.note(outcome, call.task.name, task=call.task.name)
    return {"outcome": outcome, "event": None, "at": run.now_text()}
