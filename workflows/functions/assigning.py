"""Whom a work item goes to: the read that assigns, and what is kept of its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from service.assignment import parts
from service.instants import write_instant
from service.standing import fixed
from service.work_items import Receivers
from workflows.functions.call import FunctionCall
from workflows.interpreter.case_data import case_data

_PEOPLE = ("requester", "owner", "assignees", "watchers", "group")


async def assign(
    call: FunctionCall,
    spec: Any,
    step: str,
    item: str,
    *,
    task: str | None = None,
    until: datetime | None = None,
) -> Any:
    """The assignment of an item; whose turn it was is kept by case, item and step."""
    run = call.run
    data = case_data(run)
    name = task or call.task.name
    arguments: dict[str, Any] = {
        "assign": spec,
        "case": {name: data[name] for name in _PEOPLE},
        "at": run.now_text(),
        "previous": _previous(call, name),
        "about": {
            "case": run.state.id,
            "run": run.state.first_run,
            "item": item,
            "step": step,
            "definition": run.plan.name,
            "task": name,
            "at": run.now_text(),
        },
    }
    if until is not None:
        arguments["until"] = write_instant(until)
    return await call.read("people.assign", arguments, step)


def receivers(call: FunctionCall, spec: Any, assigned: Mapping[str, Any]) -> Receivers:
    """Who gets the item, as it was just assigned: those who were asked, and who stands in."""
    data = case_data(call.run)
    meant = fixed(parts(spec)[0], data)
    if assigned.get("who") is not None:
        meant += fixed(assigned["who"], data)
    person = assigned.get("person")
    return Receivers(
        meant=tuple(meant),
        groups=tuple(assigned.get("groups") or ()),
        people=(person,) if person else tuple(assigned.get("people") or ()),
    )


def without(spec: Any, barred: Sequence[Any]) -> Any:
    """Who gets it, but none of these."""
    if not barred:
        return spec
    who, options = parts(spec)
    given = options.get("exclude") or []
    exclude = [*(given if isinstance(given, list) else [given]), *barred]
    return {**options, "who": who, "exclude": exclude}


def turn_of(assigned: Mapping[str, Any], step: str, at: str) -> tuple[Mapping[str, Any], ...]:
    """Whose turn it was, where a strategy has chosen somebody by the records."""
    if assigned.get("turn") is None:
        return ()
    return ({"step": step, "person": assigned["person"], "number": assigned["turn"], "at": at},)


def _previous(call: FunctionCall, task: str) -> str | None:
    """Who answered this task the last time, else who answered an item of this case last."""
    result = call.run.state.results.get(task)
    by = result.get("by") if isinstance(result, dict) else None
    if isinstance(by, str):
        return by
    if call.run.level < 16:
        return None
    answered = [each for each in call.run.state.items.values() if each["state"] == "done"]
    last = max(answered, key=lambda each: str(each["closedAt"]), default=None)
    return None if last is None else last["by"]
