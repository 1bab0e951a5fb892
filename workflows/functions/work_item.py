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
from service.work_items import OPEN, WorkItem
from workflows.functions.assigning import assign, receivers, turn_of, without
from workflows.functions.call import FunctionCall
from workflows.functions.reminders import Reminders
from workflows.interpreter.bell import wait_until
from workflows.interpreter.case_data import case_data
from workflows.interpreter.deadline import begin
from workflows.interpreter.errors import CaseError
from workflows.interpreter.events import matches
from workflows.interpreter.held_notices import keep_told

WITHDRAWN = "withdrawn"
"""The outcome of an item that `work-item.withdraw` has taken back."""


async def run(call: FunctionCall) -> Any:
    """Open the item, wait for its answer, follow `onDue`.

    Returns:
        The vocabulary's result; fields of acts by people are null where time decided.
    """
    item_id = f"{call.task.name}" + (f"#{call.n}" if call.n > 1 else "")
    # A migration may have given the task another name: people know the item by the first one.
    item_id = call.frame.get("item", item_id)
    if "item" not in call.frame:
        opened = await _open(call, item_id)
        if opened is not None:
            return opened
    try:
        result = await _wait(call, item_id)
    except CaseError:
        call.run.escalations.item_closed(item_id, "not answered in time")
        raise
    except asyncio.CancelledError:
        cancel = call.run.state.cancel
        why = "no longer needed"
        if cancel is not None:
            # What a late answer is refused with.
            why = f"the case was cancelled: {cancel['reason']}"
        _let_go(call, item_id, why)
        call.run.escalations.item_closed(item_id, why)
        raise
    call.run.escalations.item_closed(item_id, f"answered: {result['outcome']}")
    return result


async def _open(call: FunctionCall, item_id: str) -> Any:
    run = call.run
    arguments = call.arguments
    wanted = arguments["assign"]
    if run.level < 16:
        assigned = await assign(call, wanted, "assigned", item_id)
        due = await run.due_at(arguments["due"], f"due time of {call.summary}")
    else:
        due = await _due(call)
        assigned = await assign(call, wanted, "assigned", item_id, until=due)
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
            **({"told": []} if run.level >= 16 else {}),
        }
    to = receivers(call, wanted, assigned)
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
        files=tuple(arguments.get("files") or ()),
        exclude=tuple(fixed(parts(wanted)[1].get("exclude") or [], data)),
        groups=to.groups,
        people=to.people,
        owns=bool(arguments.get("owns")),
        clock=arguments.get("clock") if run.level >= 16 else None,
        turns=turn_of(assigned, "assigned", run.now_text()),
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
    run.note(
        "opened",
        f"{item['title']} for {who}",
        task=call.task.name,
        item=item_id,
        reason=assigned.get("reason"),
    )
    run.trace(opens=item_id, person=person, groups=item["groups"])
    run.recorder.item(item)
    if made.clock is not None:
        if not run.clocks.knows(made.clock):
            raise CaseError.of("configuration", f"there is no clock {made.clock!r}", call.task.path)
        run.clocks.ask(made.clock, "start", {})
    run.events.happened("item.opened", {"item": item_id, "task": call.task.name})
    return None


async def _due(call: FunctionCall) -> datetime:
    """By when the item must be done, asked once."""
    if "due" not in call.frame:
        at = await _after(call, call.arguments["due"], f"due time of {call.summary}")
        call.frame["due"] = write_instant(at)
    return read_instant(call.frame["due"])


async def _after(call: FunctionCall, value: Any, summary: str) -> datetime:
    """When something of the item is due, in the working time of the group that it is for."""
    return await call.run.due_at(value, summary, _group(call))


def _group(call: FunctionCall) -> str | None:
    """The group that the item is for, whoever of it gets it."""
    if call.run.level < 16:
        return None
    who, _ = parts(call.arguments["assign"])
    for each in who if isinstance(who, list) else [who]:
        if isinstance(each, Mapping) and isinstance(each.get("group"), str):
            group: str = each["group"]
            return group
    return None


def _outcomes(outcomes: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """The outcomes as the item holds them: who may choose one is fixed."""
    return {
        name: {**rules, "by": fixed(rules["by"], data)} if rules and rules.get("by") else rules
        for name, rules in outcomes.items()
    }


async def _wait(call: FunctionCall, item_id: str) -> Any:
    run = call.run
    item = run.state.items[item_id]
    run.waiting(call.task, f"waits for {item['title']}", call.scope)

    def settled() -> bool:
        return run.state.items[item_id]["state"] not in OPEN or _answered_by_event(call, item_id)

    # What an early event has answered already is announced to nobody.
    if run.level < 16 or "announced" in call.frame or not settled():
        await _announce(call, item, "opened", "announced")

    async def remind(step: str, spec: dict[str, Any]) -> Any:
        _note(call, item_id, "reminded")
        return await _announce(call, run.state.items[item_id], "reminder", step, spec)

    handing = begin(run, _tell_of_moves(call, item_id))
    try:
        async with Reminders(
            call, call.arguments.get("remind"), default_to=None, send=remind, group=_group(call)
        ):
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
    await _stop_clock(call, item_id)
    return _result(call, item_id)


async def _tell_of_moves(call: FunctionCall, item_id: str) -> None:
    """Tell both sides whenever the item was given to others."""
    run = call.run

    def moves() -> list[Mapping[str, Any]]:
        return [line for line in run.state.items[item_id]["history"] if _is_told(line)]

    def untold() -> bool:
        return len(moves()) > int(call.frame.get("handed", 0))

    while True:
        await wait_until(run.effects, run.bell, untold)
        number = call.frame.get("handed", 0)
        item = run.state.items[item_id]
        line = moves()[number]
        if line["act"] == "reassigned":
            await _announce(call, item, "reassigned", f"handed{number + 1}")
            before = line["from"]
            if isinstance(before, str) and item["people"] != [before]:
                spec = {"to": {"person": before}}
                await _announce(call, item, "withdrawn", f"taken{number + 1}", spec)
        else:
            await _tell_of_delegation(call, item, line, number + 1)
        call.frame["handed"] = number + 1


def _is_told(line: Mapping[str, Any]) -> bool:
    """Whether a line of an item's history is one by which somebody gets it or loses it."""
    match line["act"]:
        case "reassigned":
            # A step of `onDue` tells by itself.
            return line["by"] is not None or line.get("tell") is True
        case "delegated":
            return True
        case "released":
            # Who did it for somebody gives it back to that person.
            return line.get("to") is not None
        case _:
            return False


async def _tell_of_delegation(
    call: FunctionCall, item: dict[str, Any], line: Mapping[str, Any], number: int
) -> None:
    """Tell who does it now, who did it until then, and who has it where somebody else decided."""
    if line["act"] == "released":
        spec = {"to": {"person": line["to"]}}
        await _announce(call, item, "reassigned", f"handed{number}", spec)
        return
    owner, receiver, before = line["from"], line["to"], line.get("was")
    if receiver != owner:
        spec = {"to": {"person": receiver}}
        await _announce(call, item, "delegated", f"handed{number}", spec)
    if before is not None and before != receiver:
        spec = {"to": {"person": before}}
        await _announce(call, item, "withdrawn", f"taken{number}", spec)
    if owner != line["by"] and receiver != owner:
        spec = {"to": {"person": owner}}
        await _announce(call, item, "lent", f"lent{number}", spec)


def _next_due(call: FunctionCall, item_id: str) -> datetime | None:
    """When the next step of `onDue` comes; None when all have been taken."""
    at = call.frame.get("stepDue")
    steps = call.arguments["onDue"]
    left = len(steps) if isinstance(steps, list) and call.run.level >= 16 else 1
    if at is None and call.frame["dueSteps"] < left:
        # Also where a snapshot came before the time of the next step was counted: it is counted now.
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
        call.frame["stepDue"] = write_instant(await _after(call, after, f"onDue of {call.summary}"))
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
                await _after(call, span, f"onDue of {call.summary}")
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
        if run.level >= 16:
            run.note("expired", f"{item['title']}: {step['answer']}, as nobody answered in time",
                     item=item_id)  # fmt: skip
        run.withdrawals.tell(item)
        return
    if "reassign" in step:
        await _pass_on(call, item_id, step["reassign"], index)
        return
    if "escalate" in step and run.level >= 16:
        await run.escalations.start(
            call.task.name,
            step["escalate"],
            severity=run.state.record.get("priority"),
            item=item_id,
            title=item["title"],
        )
        return
    raise CaseError.of("configuration", f"onDue cannot be {step!r} in this version", call.task.path)


async def _pass_on(call: FunctionCall, item_id: str, spec: Any, index: int) -> None:
    """Give an item that nobody has answered to others, but not to whoever had it until now."""
    run = call.run
    item = run.state.items[item_id]
    name = f"reassigned{index}"
    if f"passedOn{index}" in call.frame:
        # A snapshot came before the notices: whoever has claimed it since keeps it.
        await _tell_of_passing_on(call, item_id, index)
        return
    if run.level >= 16:
        spec_now = without(spec, [*item["exclude"], *({"person": each} for each in _had(item))])
        assigned = await assign(call, spec_now, name, item_id)
        # Somebody may have answered, or claimed it, while people were looked up.
        item = run.state.items[item_id]
        if item["state"] not in OPEN:
            return
    else:
        assigned = await assign(call, spec, name, item_id)
    if assigned["outcome"] == "no-assignee":
        run.note("no-assignee", f"{item['title']} stays: {assigned.get('reason', '')}")
        return
    moved = work_items.reassign(
        WorkItem.from_json(item),
        receivers(call, spec, assigned),
        run.now_text(),
        by=None,
        reason=_why(assigned),
        turns=turn_of(assigned, name, run.now_text()),
    )
    run.note(
        "reassigned", f"{item['title']}: {_why(assigned)}", item=item_id, to=list(moved.people)
    )
    run.state.record["assignees"] = list(moved.people)
    run.trace(reassigns=item_id, to=list(moved.people))
    _store(call, moved)
    call.frame[f"passedOn{index}"] = {"from": item["person"]}
    await _tell_of_passing_on(call, item_id, index)


async def _tell_of_passing_on(call: FunctionCall, item_id: str, index: int) -> None:
    """Tell who has an item now that nobody answered in time, and whoever had claimed it before."""
    item = call.run.state.items[item_id]
    await _announce(call, item, "reassigned", f"announced{index}")
    before = call.frame[f"passedOn{index}"]["from"]
    if call.run.level >= 16 and before is not None and before not in item["people"]:
        spec = {"to": {"person": before}}
        await _announce(call, item, "withdrawn", f"taken-in-time{index}", spec)


def _had(item: Mapping[str, Any]) -> list[str]:
    """Who had an item and did not answer: the claimer, or the only one it was given to."""
    if item["person"] is not None:
        return [item["person"]]
    return list(item["people"]) if len(item["people"]) == 1 else []


def _why(assigned: Mapping[str, Any]) -> str:
    return f"not answered in time: {assigned.get('reason', '')}".removesuffix(": ")


def _answered_by_event(call: FunctionCall, item_id: str) -> bool:
    run = call.run
    for rule in call.arguments.get("answeredBy") or []:
        wanted, match = rule["event"], rule.get("match") or {}

        def fits(each: dict[str, Any], wanted: str = wanted, match: Any = match) -> bool:
            return bool(each["type"] == wanted) and matches(match, each.get("data"))

        event = run.events.take(fits)
        if event is None:
            continue
        before = run.state.items[item_id]
        data = event.get("data")
        _store(
            call,
            work_items.expire(
                WorkItem.from_json(before),
                run.now_text(),
                rule["outcome"],
                _taken(data, rule.get("take")) if isinstance(data, dict) else None,
                f"{event['type']} answered it",
            ),
        )
        if run.level >= 16:
            run.note("answered", f"{before['title']}: {rule['outcome']}, by {event['type']}",
                     item=item_id, via="event")  # fmt: skip
        run.withdrawals.tell(before)
        return True
    return False


def _taken(data: Mapping[str, Any], take: Any) -> dict[str, Any]:
    """What of an event's data becomes the answer: all, some fields, or fields by other names."""
    if isinstance(take, list):
        return {str(name): data[name] for name in take if name in data}
    if isinstance(take, Mapping):
        return {name: data[of] for name, of in take.items() if of in data}
    return dict(data)


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
        call.run.withdrawals.tell(item)
        clock = item.get("clock")
        if clock is not None and not _runs_on(call, clock):
            call.run.clocks.ask(clock, "stop", {})


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
    if kind == "opened":
        arguments.update(call.arguments.get("notice") or {})
    for name in ("message", "text", "values"):
        if spec and name in spec:
            arguments[name] = spec[name]
    if spec and "to" in spec:
        arguments["who"] = spec["to"]
    try:
        result = await call.act(
            step, "work-item.announce", arguments, summary=f"{kind}: {item['title']}"
        )
        keep_told(call.run, item["id"], result)
        return result
    except CaseError as error:
        call.frame[step] = None
        call.run.note("notice", f"{item['title']}: nobody told: {error}", item=item["id"])
        return None


def _runs_on(call: FunctionCall, clock: str) -> bool:
    """Whether an open item runs on a clock."""
    items = call.run.state.items.values()
    return any(each.get("clock") == clock and each["state"] in OPEN for each in items)


async def _stop_clock(call: FunctionCall, item_id: str) -> None:
    """Let the item's clock stop, unless another open item runs on it as well."""
    clock = call.run.state.items[item_id].get("clock")
    if clock is None:
        return
    if "stopped" not in call.frame:
        runs = _runs_on(call, clock)
        call.frame["stopped"] = None if runs else call.run.clocks.ask(clock, "stop", {})
    if call.frame["stopped"] is not None:
        # What follows reads whether it was met.
        await call.run.clocks.handled(call.frame["stopped"])


def _result(call: FunctionCall, item_id: str) -> Any:
    run = call.run
    item = run.state.items[item_id]
    answered = item["state"] == "done"
    outcome = item["outcome"]
    if outcome is None:
        if run.level < 16:
            raise CaseError.of("runtime", f"{item['title']} was withdrawn", call.task.path)
        outcome = WITHDRAWN
    if answered and item.get("owns"):
        run.state.record["owner"] = item["person"]
    values = item["answer"] if isinstance(item["answer"], dict) else {}
    effort = item.get("effort")
    return {
        "outcome": outcome,
        "answer": item["answer"],
        "by": item.get("by") if answered else None,
        "onBehalfOf": item.get("onBehalfOf") if answered else None,
        "at": item["closedAt"] or run.now_text(),
        "effort": values.get("effort") if effort is None else effort,
        "item": item_id,
        "late": WorkItem.from_json(item).late,
        **({"told": list(item.get("told") or ())} if run.level >= 16 else {}),
    }
