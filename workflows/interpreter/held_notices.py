"""Notices that a delivery window holds back: told when it opens, beside the flow.

Quiet hours delay the delivery and nothing else, so the task that tells goes on at once. What is held
stands in the state; each notice has a key of its own, so a restart tells nobody twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from service import work_items
from service.instants import read_instant
from service.work_items import OPEN, WorkItem
from workflows.effects import Action, ActionFailed
from workflows.interpreter.bell import wait_until
from workflows.interpreter.deadline import begin, withdraw

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun


class HeldNotices:
    """What the case still has to tell, and to whom."""

    def __init__(self, run: CaseRun) -> None:
        self._run = run
        self._beside: dict[str, asyncio.Task[None]] = {}

    def hold(self, action: Action, task: str, result: Any, item: str | None = None) -> None:
        """Keep what a notice says is held: one entry for each time at which a window opens.

        `item` is the work item that is told of: once it is closed, or given to others, nobody has
        to hear of it.
        """
        times: dict[str, list[str]] = {}
        for each in deliveries(result):
            # A stub of a rehearsal may say less.
            if each.get("state") == "held" and each.get("person") and each.get("at"):
                times.setdefault(str(each["at"]), []).append(str(each["person"]))
        for number, at in enumerate(sorted(times), 1):
            people = times[at]
            arguments = {
                name: value
                for name, value in action.arguments.items()
                if name not in ("to", "who", "window", "urgent")
            }
            if action.function == "notify":
                arguments["to"] = [{"person": each} for each in people]
            else:
                arguments |= {"to": action.arguments["to"], "who": [{"person": p} for p in people]}
            entry = {
                "at": at, "people": people, "task": task, "item": item,
                "function": action.function, "key": f"{action.key}:later{number}",
                "path": f"{action.path}:later{number}", "summary": action.summary,
                "patience": action.patience_seconds, "case": dict(action.case),
                # Its time has come: no window holds it a second time. And it is the same notice: an
                # earlier attempt, before the window closed, may have told some of these people.
                "arguments": {**arguments, "urgent": True, "once": action.key},
            }  # fmt: skip
            self._run.state.held_notices.append(entry)
            self._run.note(
                "held back", f"{task}: {', '.join(people)} told at {at}", task=task, item=item
            )
            self._run.trace(holdsBack=task, to=people, until=at)
            self._start(entry)

    def resume(self) -> None:
        """Go on with what a snapshot holds."""
        for entry in self._run.state.held_notices:
            self._start(entry)

    async def finish(self, how: str) -> None:
        """Tell the rest before the case is gone; a case that was cancelled or failed tells nothing."""
        run = self._run
        if how == "completed":
            await wait_until(
                run.effects,
                run.bell,
                lambda: not run.state.held_notices or run.state.cancel is not None,
            )
        await self.drop()

    async def drop(self) -> None:
        """Tell nobody any more, and say so."""
        run = self._run
        beside = list(self._beside.values())
        self._beside.clear()
        await withdraw(*beside)
        for entry in run.state.held_notices:
            run.note("notice", f"{entry['task']}: {', '.join(entry['people'])} not told: case over")
        run.state.held_notices.clear()

    def _start(self, entry: dict[str, Any]) -> None:
        key = entry["key"]
        running = self._beside.get(key)
        if running is None or running.done():
            self._beside[key] = begin(self._run, self._deliver(entry))

    async def _deliver(self, entry: dict[str, Any]) -> None:
        run = self._run
        if not await wait_until(
            run.effects,
            run.bell,
            lambda: not self._is_wanted(entry),
            read_instant(entry["at"]),
            f"held back: {entry['summary']}"[:120],
        ):
            await self._tell(entry)
        else:
            run.note("notice", f"{entry['task']}: {', '.join(entry['people'])} need not be told")
        if entry in run.state.held_notices:
            run.state.held_notices.remove(entry)
        run.changed()

    async def _tell(self, entry: Mapping[str, Any]) -> None:
        run = self._run
        action = Action(
            function=entry["function"],
            key=entry["key"],
            arguments=entry["arguments"],
            case=entry["case"],
            path=entry["path"],
            summary=entry["summary"],
            patience_seconds=entry["patience"],
        )
        try:
            result = await run.act(action)
        except ActionFailed as error:
            run.note("notice", f"{entry['task']}: {', '.join(entry['people'])} not told: {error}")
            return
        told = [str(each["person"]) for each in deliveries(result) if each.get("state") == "sent"]
        run.trace(tells=entry["task"], message=entry["arguments"].get("message"), to=told)
        run.note("told", f"{entry['task']}: {', '.join(told)}", task=entry["task"])
        keep_told(run, entry["item"], result)

    def _is_wanted(self, entry: Mapping[str, Any]) -> bool:
        if entry["item"] is None:
            return True
        item = self._run.state.items[entry["item"]]
        # Whom it was given to since has heard of that; it is not for those any more who are left.
        moved = any(line["act"] == "reassigned" for line in item["history"])
        return item["state"] in OPEN and not (moved and self._run.level >= 16)


def deliveries(result: Any) -> Sequence[Mapping[str, Any]]:
    """The deliveries that a notice or an announcement gives."""
    found = result.get("deliveries") if isinstance(result, Mapping) else None
    return [each for each in found or () if isinstance(each, Mapping)]


def keep_told(run: CaseRun, item: str | None, result: Any) -> None:
    """Remember who really knows of a work item."""
    if item is None:
        return
    people = [
        str(each["person"])
        for each in deliveries(result)
        if each.get("state", "sent") == "sent" and each.get("person") is not None
    ]
    found = WorkItem.from_json(run.state.items[item])
    run.state.items[item] = work_items.told(found, people).to_json()
