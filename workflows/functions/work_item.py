"""`work-item`: what a person is asked to do, from opening to its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from service import work_items
from service.assignment import parts
from service.instants import read_instant, write_instant
from service.standing import fixed
from service.work_items import OPEN, Receivers, WorkItem
from workflows.functions.call import FunctionCall
from workflows.functions.reminders import Reminders
from workflows.interpreter.bell import wait_until
from workflows.interpreter.case_data import case_data
from workflows.interpreter.deadline import begin
from workflows.interpreter.errors import CaseError
from workflows.interpreter.events import matches


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
    to = _receivers(call, arguments["assign"], assigned)
    data = case_data(run)
    made = WorkItem(
        id=item_id,
        task=call.task.name,
        title=str(arguments["title"]),
        description=arguments.get("description"),
        form=arguments.get("form"),
        prefill=arguments.get("prefill") or {},
        outcomes=_outcomes(arguments["outcomes"], data),
        meant=to.meant,
        exclude=tuple(fixed(parts(arguments["assign"])[1].get("exclude") or [], data)),
        groups=to.groups,
        people=to.people,
        owns=bool(arguments.get("owns")),
        opened_at=run.now_text(),
        due_at=write_instant(due),
    )
    item = work_items.opened(made, assigned.get("reason")).to_json()
    run.state.items[item_id] = item
    run.state.record["assignees"] = list(item["people"])
    call.frame["item"] = item_id
    call.frame["dueSteps"] = 0
    person = assigned.get("person")
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


def _receivers(call: FunctionCall, assign: Any, assigned: Mapping[str, Any]) -> Receivers:
    """Who gets the item, as it was just assigned: those who were asked, and who stands in."""
    data = case_data(call.run)
    meant = fixed(parts(assign)[0], data)
    if assigned.get("who") is not None:
        meant += fixed(assigned["who"], data)
    person = assigned.get("person")
    return Receivers(
        meant=tuple(meant),
        groups=tuple(assigned.get("groups") or ()),
        people=(person,) if person else tuple(assigned.get("people") or ()),
    )


def _outcomes(outcomes: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """The outcomes as the item holds them: who may choose one is fixed."""
    return {
        name: {**rules, "by": fixed(rules["by"], data)} if rules and rules.get("by") else rules
        for name, rules in outcomes.items()
    }


def _previous(call: FunctionCall) -> str | None:
    """Who answered this task the last time."""
    result = call.run.state.results.get(call.task.name)
    by = result.get("by") if isinstance(result, dict) else None
    return by if isinstance(by, str) else None


async def _wait(call: FunctionCall, item_id: str) -> Any:
    run = call.run
    item = run.state.items[item_id]
    run.waiting(call.task, f"waits for {item['title']}", call.scope)
    await _announce(call, item, "opened", "announced")

    async def remind(step: str, spec: dict[str, Any]) -> Any:
        _note(call, item_id, "reminded")
        return await _announce(call, run.state.items[item_id], "reminder", step, spec)

    def settled() -> bool:
        return run.state.items[item_id]["state"] not in OPEN or _answered_by_event(call, item_id)

    handing = begin(run, _tell_of_reassignments(call, item_id))
    try:
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
    finally:
        # Not waited for: it has nothing to let go of, and a turn of the loop would be one more
        # moment at which the case shows itself.
        handing.cancel()
    return _result(call, item_id)


async def _tell_of_reassignments(call: FunctionCall, item_id: str) -> None:
    """Tell both sides whenever somebody has given the item to others."""
    run = call.run

    def moves() -> list[Mapping[str, Any]]:
        return [
            line
            for line in run.state.items[item_id]["history"]
            if line["act"] == "reassigned" and line["by"] is not None
        ]

    def untold() -> bool:
        return len(moves()) > int(call.frame.get("handed", 0))

    while True:
        await wait_until(run.effects, run.bell, untold)
        number = call.frame.get("handed", 0)
        item = run.state.items[item_id]
        await _announce(call, item, "reassigned", f"handed{number + 1}")
        before = moves()[number]["from"]
        if isinstance(before, str) and item["people"] != [before]:
            spec = {"to": {"person": before}}
            await _announce(call, item, "withdrawn", f"taken{number + 1}", spec)
        call.frame["handed"] = number + 1


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
        _note(call, item_id, "overdue")
        run.note("overdue", run.state.items[item_id]["title"], item=item_id)
        run.trace(overdue=item_id)
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
        closed = work_items.expire(
            WorkItem.from_json(item), run.now_text(), step["answer"], step.get("values"),
            "nobody answered in time",
        )  # fmt: skip
        _store(call, closed)
        return
    if "reassign" in step:
        assigned = await _assign(call, step["reassign"], f"reassigned{index}")
        if assigned["outcome"] == "no-assignee":
            run.note("no-assignee", f"{item['title']} stays: {assigned.get('reason', '')}")
            return
        moved = work_items.reassign(
            WorkItem.from_json(item),
            _receivers(call, step["reassign"], assigned),
            run.now_text(),
            by=None,
            reason="not answered in time",
        )
        run.state.record["assignees"] = list(moved.people)
        run.trace(reassigns=item_id, to=list(moved.people))
        _store(call, moved)
        await _announce(call, moved.to_json(), "reassigned", f"announced{index}")
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
        data = event.get("data")
        _store(
            call,
            work_items.expire(
                item,
                run.now_text(),
                rule["outcome"],
                data if isinstance(data, dict) else None,
                f"{event['type']} answered it",
            ),
        )
        return True
    return False


def _note(call: FunctionCall, item_id: str, act: str) -> None:
    """A line in the item's own history."""
    item = WorkItem.from_json(call.run.state.items[item_id])
    call.run.state.items[item_id] = work_items.noted(item, call.run.now_text(), act).to_json()


def _store(call: FunctionCall, item: WorkItem) -> None:
    data = item.to_json()
    call.run.state.items[item.id] = data
    call.run.recorder.item(data)
    call.run.changed()


def _let_go(call: FunctionCall, item_id: str, reason: str) -> None:
    item = call.run.state.items.get(item_id)
    if item is not None and item["state"] in OPEN:
        _store(call, work_items.withdraw(WorkItem.from_json(item), call.run.now_text(), reason))
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
    return {
        "outcome": item["outcome"],
        "answer": item["answer"],
        "by": item.get("by") if answered else None,
        "onBehalfOf": item.get("onBehalfOf") if answered else None,
        "at": item["closedAt"] or run.now_text(),
        "effort": (item["answer"] or {}).get("effort")
        if isinstance(item["answer"], dict)
        else None,
        "item": item_id,
        "late": WorkItem.from_json(item).late,
    }
