"""`work-item.reassign` and `work-item.withdraw`: what the process does with its open work items."""

from __future__ import annotations

from typing import Any

from service import work_items
from service.work_items import OPEN, WorkItem
from workflows.functions.assigning import assign, receivers, turn_of, without
from workflows.functions.call import FunctionCall


async def reassign(call: FunctionCall) -> Any:
    """Give the open items to others; those for whom nobody was found stay where they are."""
    run = call.run
    spec = call.arguments["to"]
    moved = call.frame.child("moved").data
    for name in _open_items(call):
        if name in moved:
            continue
        barred = run.state.items[name]["exclude"]
        step = f"to:{name}"
        task = run.state.items[name]["task"]
        assigned = await assign(call, without(spec, barred), step, name, task=task)
        item = WorkItem.from_json(run.state.items[name])
        if item.state not in OPEN:
            moved[name] = None
            continue
        if assigned["outcome"] == "no-assignee":
            run.note("no-assignee", f"{item.title} stays: {assigned.get('reason', '')}", item=name)
            moved[name] = None
            continue
        to = receivers(call, spec, assigned)
        after = work_items.reassign(
            item,
            to,
            run.now_text(),
            by=None,
            reason=call.arguments["reason"],
            turns=turn_of(assigned, step, run.now_text()),
            tell=True,
        )
        moved[name] = {
            "item": name,
            "task": item.task,
            "person": to.people[0] if len(to.people) == 1 else None,
            "people": list(to.people),
        }
        run.state.record["assignees"] = list(to.people)
        run.trace(reassigns=name, to=list(to.people))
        run.note(
            "reassigned",
            item.title,
            item=name,
            to=list(to.people),
            reason=call.arguments["reason"],
            why=assigned.get("reason"),
        )
        _keep(call, after)
    return {"items": [each for each in moved.values() if each is not None]}


async def withdraw(call: FunctionCall) -> Any:
    """Take the open items back; their tasks go on with the outcome `withdrawn`."""
    run = call.run
    reason = call.arguments["reason"]
    gone = []
    for name in _open_items(call):
        before = run.state.items[name]
        item = WorkItem.from_json(before)
        if item.state not in OPEN:
            continue
        _keep(call, work_items.withdraw(item, run.now_text(), reason))
        run.trace(withdraws=name, reason=reason)
        run.note("withdrawn", f"{item.title}: {reason}", item=name)
        run.withdrawals.tell(before)
        gone.append({"item": name, "task": item.task})
    return {"items": gone}


def _open_items(call: FunctionCall) -> list[str]:
    """The items that are meant, as they were when the call began."""
    if "items" not in call.frame:
        wanted = call.arguments.get("task")
        call.frame["items"] = [
            name
            for name, item in call.run.state.items.items()
            if item["state"] in OPEN and wanted in (None, item["task"]) and not item.get("approval")
        ]
    found: list[str] = call.frame["items"]
    return found


def _keep(call: FunctionCall, item: WorkItem) -> None:
    data = item.to_json()
    call.run.state.items[item.id] = data
    call.run.recorder.item(data)
    call.run.changed()
