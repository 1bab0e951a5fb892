"""`work-item`: what a person is asked to do, from opening to its answer."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from service.instants import read_instant, write_instant
from service.work_items import WorkItem, expire, reassign, withdraw
from workflows.functions.call import FunctionCall
from workflows.functions.reminders import Reminders
from workflows.interpreter.bell import wait_until
from workflows.interpreter.case_data import case_data
from workflows.interpreter.errors import CaseError
from workflows.interpreter.events import matches

OPEN = ("open", "claimed")


async def run(call: FunctionCall) -> Any:
    """Open the item, wait for its answer, follow `onDue`.

    Returns:
        The vocabulary's result; fields of acts by people are null where time decided.
    """
    item_id = f"{call.task.name}" + (f"#{call.n}" if call.n > 1 else "")
    if "item" not in call.frame:
        opened = await _open(call, item_id)
        if opened is not None:
            return opened
    try:
        return await _wait(call, item_id)
    except CaseError:
        raise
    except asyncio.CancelledError:
        _let_go(call, item_id, "no longer needed")
        raise


async def _open(call: FunctionCall, item_id: str) -> Any:
    run = call.run
    arguments = call.arguments
    assigned = await _assign(call, arguments["assign"], "assigned")
    due = await run.due_at(arguments["due"], f"due time of {call.summary}")
    if assigned["outcome"] == "no-assignee":
        run.note("no-assignee", f"{call.task.name}: {assigned.get('reason', '')}")
        return {
            "outcome": "no-assignee",
            "answer": None,
            "by": None,
            "onBehalfOf": None,
            "at": run.now_text(),
            "effort": None,
            "item": item_id,
            "late": False,
        }
    person = assigned.get("person")
    item = WorkItem(
        id=item_id,
        task=call.task.name,
        title=str(arguments["title"]),
        description=arguments.get("description"),
        form=arguments.get("form"),
        prefill=arguments.get("prefill") or {},
        outcomes=arguments["outcomes"],
        groups=tuple(assigned.get("groups") or ()),
        people=(person,) if person else tuple(assigned.get("people") or ()),
        owns=bool(arguments.get("owns")),
        opened_at=run.now_text(),
        due_at=write_instant(due),
    ).to_json()
    run.state.items[item_id] = item
    run.state.record["assignees"] = list(item["people"])
    call.frame["item"] = item_id
    call.frame["dueSteps"] = 0
    who = person or ", ".join([*item["groups"], *item["people"]])
    run.note("opened", f"{item['title']} for {who}", task=call.task.name, item=item_id)
    run.trace(opens=item_id, person=person, groups=item["groups"])
    run.recorder.item(item)
    run.events.happened("item.opened", {"item": item_id, "task": call.task.name})
    return None


async def _assign(call: FunctionCall, assign: Any, step: str) -> Any:
    run = call.run
    data = case_data(run)
    case = {name: data[name] for name in ("requester", "owner", "assignees", "watchers", "group")}
    return await call.read(
        "people.assign",
        {
            "assign": assign,
            "case": case,
            "at": run.now_text(),
            "load": {},
            "previous": _previous(call),
        },
        step,
    )


def _previous(call: FunctionCall) -> str | None:
    """Who answered this task the last time."""
    result = call.run.state.results.get(call.task.name)
    by = result.get("by") if isinstance(result, dict) else None
    return by if isinstance(by, str) else None


async def _wait(call: FunctionCall, item_id: str) -> Any:
    run = call.run
    item = run.state.items[item_id]
    run.waiting(call.task, f"waits for {item['title']}")
    await _announce(call, item, "opened", "announced")

    async def remind(step: str, spec: dict[str, Any]) -> Any:
        return await _announce(call, run.state.items[item_id], "reminder", step, spec)

    def settled() -> bool:
        return run.state.items[item_id]["state"] not in OPEN or _answered_by_event(call, item_id)

    async with Reminders(call, call.arguments.get("remind"), default_to=None, send=remind):
        with run.events.interest():
            while True:
                came = await wait_until(
                    run.effects,
                    run.bell,
                    settled,
                    _next_due(call, item_id),
                    f"due: {item['title']}",
                )
                if came:
                    break
                await _on_due(call, item_id)
    return _result(call, item_id)


def _next_due(call: FunctionCall, item_id: str) -> datetime | None:
    """When the next step of `onDue` comes; None when all have been taken."""
    at = call.frame.get("stepDue")
    if at is None and call.frame["dueSteps"] == 0:
        at = call.run.state.items[item_id]["dueAt"]
    return None if at is None else read_instant(at)


async def _on_due(call: FunctionCall, item_id: str) -> None:
    run = call.run
    steps = call.arguments["onDue"]
    steps = steps if isinstance(steps, list) else [steps]
    index: int = call.frame["dueSteps"]
    if index == 0 and not call.frame.get("overdue"):
        call.frame["overdue"] = True
        run.note("overdue", run.state.items[item_id]["title"], item=item_id)
        run.events.happened("item.overdue", {"item": item_id, "task": call.task.name})
    step = steps[index]
    after = step.get("after") if isinstance(step, dict) else None
    if after is not None and call.frame.get("counted") != index:
        call.frame["stepDue"] = write_instant(await run.due_at(after, f"onDue of {call.summary}"))
        call.frame["counted"] = index
        return
    await _due_step(call, item_id, step, index)
    call.frame["dueSteps"] = index + 1
    call.frame.drop("stepDue")
    if index + 1 < len(steps) and run.state.items[item_id]["state"] in OPEN:
        following = steps[index + 1]
        span = following.get("after") if isinstance(following, dict) else None
        if span is None:
            call.frame["stepDue"] = run.now_text()
        else:
            call.frame["stepDue"] = write_instant(
                await run.due_at(span, f"onDue of {call.summary}")
            )
            call.frame["counted"] = index + 1


async def _due_step(call: FunctionCall, item_id: str, step: Any, index: int) -> None:
    run = call.run
    item = run.state.items[item_id]
    if step == "keep":
        return
    if step == "fail":
        _let_go(call, item_id, "not answered in time")
        raise CaseError.of("timeout", f"{item['title']} was not answered in time", call.task.path)
    if "answer" in step:
        closed = expire(WorkItem.from_json(item), run.now_text(), step["answer"]).to_json()
        closed["answer"] = step.get("values")
        _store(call, closed)
        return
    if "reassign" in step:
        assigned = await _assign(call, step["reassign"], f"reassigned{index}")
        if assigned["outcome"] == "no-assignee":
            run.note("no-assignee", f"{item['title']} stays: {assigned.get('reason', '')}")
            return
        person = assigned.get("person")
        moved = reassign(
            WorkItem.from_json(item),
            at=run.now_text(),
            by=None,
            groups=tuple(assigned.get("groups") or ()),
            people=(person,) if person else tuple(assigned.get("people") or ()),
            reason="not answered in time",
        ).to_json()
        run.state.record["assignees"] = list(moved["people"])
        run.trace(reassigns=item_id, to=list(moved["people"]))
        _store(call, moved)
        await _announce(call, moved, "reassigned", f"announced{index}")
        return
    raise CaseError.of("configuration", f"onDue cannot be {step!r} in this version", call.task.path)


def _answered_by_event(call: FunctionCall, item_id: str) -> bool:
    run = call.run
    for rule in call.arguments.get("answeredBy") or []:
        wanted, match = rule["event"], rule.get("match") or {}

        def fits(each: dict[str, Any], wanted: str = wanted, match: Any = match) -> bool:
            return bool(each["type"] == wanted) and matches(match, each.get("data"))

        event = run.events.take(fits)
        if event is None:
            continue
        item = WorkItem.from_json(run.state.items[item_id])
        closed = expire(item, run.now_text(), rule["outcome"]).to_json()
        data = event.get("data")
        closed["answer"] = data if isinstance(data, dict) else None
        _store(call, closed)
        return True
    return False


def _store(call: FunctionCall, item: dict[str, Any]) -> None:
    call.run.state.items[item["id"]] = item
    call.run.recorder.item(item)
    call.run.changed()


def _let_go(call: FunctionCall, item_id: str, reason: str) -> None:
    item = call.run.state.items.get(item_id)
    if item is not None and item["state"] in OPEN:
        gone = withdraw(WorkItem.from_json(item), at=call.run.now_text(), by=None, reason=reason)
        _store(call, gone.to_json())
        call.run.trace(withdraws=item_id, reason=reason)
        call.run.note("withdrawn", f"{item['title']}: {reason}", item=item_id)


async def _announce(
    call: FunctionCall,
    item: dict[str, Any],
    kind: str,
    step: str,
    spec: dict[str, Any] | None = None,
) -> Any:
    """Tell the people; that nobody could be told is noted and never stops the work."""
    arguments: dict[str, Any] = {
        "item": item,
        "kind": kind,
        "to": {"groups": item["groups"], "people": item["people"]},
    }
    for name in ("message", "text", "values"):
        if spec and name in spec:
            arguments[name] = spec[name]
    if spec and "to" in spec:
        arguments["who"] = spec["to"]
    try:
        return await call.act(
            step, "work-item.announce", arguments, summary=f"{kind}: {item['title']}"
        )
    except CaseError as error:
        call.frame[step] = None
        call.run.note("notice", f"{item['title']}: nobody told: {error}", item=item["id"])
        return None


def _result(call: FunctionCall, item_id: str) -> Any:
    run = call.run
    item = run.state.items[item_id]
    answered = item["state"] == "done"
    if item["outcome"] is None:
        raise CaseError.of("runtime", f"{item['title']} was withdrawn", call.task.path)
    if answered and item.get("owns"):
        run.state.record["owner"] = item["person"]
    late = item["dueAt"] is not None and run.now() > read_instant(item["dueAt"])
    return {
        "outcome": item["outcome"],
        "answer": item["answer"],
        "by": item.get("by") if answered else None,
        "onBehalfOf": item.get("onBehalfOf") if answered else None,
        "at": run.now_text(),
        "effort": (item["answer"] or {}).get("effort")
        if isinstance(item["answer"], dict)
        else None,
        "item": item_id,
        "late": late,
    }
