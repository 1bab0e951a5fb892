"""Ladders that run beside the case: started by `escalate` or by an overdue work item.

A ladder is a case of its own, a part of this one (`definitions/escalation-ladder`). This case tells
it what changes here, and hears from it how far it has come. What is to be told stands in the state
until it is, in order and under ids of its own, so a restart tells nothing twice.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from language.functions.escalation import DEFINITION
from language.plan import Trigger
from service import work_items
from service.ladders import higher
from service.work_items import OPEN, Receivers, WorkItem
from workflows.effects import CaseStart
from workflows.interpreter.bell import wait_until
from workflows.interpreter.case_data import case_data
from workflows.interpreter.deadline import begin
from workflows.interpreter.events import triggered
from workflows.interpreter.tasks.run_workflow import look_after

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun

MOVED = "escalation.moved"
"""What a ladder tells the case of which it is a part."""
RAISED, ENDS, ABOUT = "escalation.raised", "escalation.stopped", "escalation.about"
"""What a case tells its ladder."""
CHANGED = "escalation.changed"
"""What reactions of the case may wait for: {ladder, state, level, by, people}."""

RUNNING, ACKNOWLEDGED, EXHAUSTED, STOPPED = "running", "acknowledged", "exhausted", "stopped"
ACTIVE = (RUNNING, ACKNOWLEDGED)
"""Somebody is asked, or has taken it."""
_STATES: Mapping[str, str] = {
    "asking": RUNNING,
    "acknowledged": ACKNOWLEDGED,
    "handled": ACKNOWLEDGED,
    "exhausted": EXHAUSTED,
    "stopped": STOPPED,
}
_LONGEST_ID = 240
_PEOPLE = ("requester", "owner", "assignees", "watchers", "group")


class Escalations:
    """The ladders of one case. Everything about them is data of the state."""

    def __init__(self, run: CaseRun) -> None:
        self._run = run
        self._beside: dict[str, asyncio.Task[None]] = {}

    # --- asked for by functions -----------------------------------------------------------------

    async def start(
        self,
        task: str,
        ladder: str,
        *,
        until: Mapping[str, Any] | None = None,
        severity: str | None = None,
        reason: str | None = None,
        level: int | None = None,
        item: str | None = None,
        title: str | None = None,
    ) -> str | None:
        """Start a ladder, or raise the one that runs; the ladder's case, None where `until` holds.

        `item` is the work item that is escalated: whoever takes it on the ladder gets it.
        """
        run = self._run
        if until is not None and self._holds(until):
            run.note("escalation", f"{ladder}: not started, what it is for has come", task=task)
            return None
        running = self._running(ladder, item)
        if running is not None:
            self._join(running, until)
            self._again(running, severity, level, reason)
            return running
        case = self._new_id(ladder)
        about = self._about()
        run.state.escalations[case] = {
            "ladder": ladder, "item": item, "task": task, "until": until, "severity": severity,
            "triggers": 1, "state": RUNNING, "level": None, "by": None, "at": run.now_text(),
            "about": about, "tell": [], "told": 0,
            "input": {
                "ladder": ladder,
                "case": run.state.id,
                "definition": run.plan.name,
                "subject": run.state.record.get("subject") or run.state.id,
                "title": title,
                "ticket": run.state.record.get("ticket"),
                "severity": severity,
                "reason": reason,
                "level": level,
                "about": about,
            },
        }  # fmt: skip
        run.state.children[case] = {}
        run.note(
            "escalated", f"{ladder}{_said(severity, reason)}", task=task, item=item, ladder=case
        )
        run.trace(escalates=ladder, state="started", severity=severity)
        self._go_on(case)
        return case

    def result(self, case: str | None) -> dict[str, Any]:
        """What `escalate` gives for a ladder."""
        if case is None:
            at = self._run.now_text()
            return {"case": None, "state": STOPPED, "level": None, "by": None, "at": at}
        entry = self._run.state.escalations[case]
        return {"case": case, **{name: entry[name] for name in ("state", "level", "by", "at")}}

    def is_running(self, case: str) -> bool:
        """Whether nobody has taken it yet."""
        return bool(self._run.state.escalations[case]["state"] == RUNNING)

    def problem(self, case: str) -> str | None:
        """Why a ladder asks nobody, where it cannot be climbed; None where it can."""
        found: str | None = self._run.state.escalations[case].get("problem")
        return found

    def of_item(self, item: str) -> bool:
        """Whether a work item was ever escalated."""
        return any(each["item"] == item for each in self._run.state.escalations.values())

    def item_closed(self, item: str, reason: str) -> None:
        """Nobody has to be asked for this work item any more."""
        for case, entry in self._run.state.escalations.items():
            if entry["item"] == item and _is_live(entry):
                self._stop(case, reason)

    # --- what happens ---------------------------------------------------------------------------

    def offer(self, event: Mapping[str, Any]) -> bool:
        """Take what a ladder tells; True where the event was for nobody else."""
        escalations = self._run.state.escalations
        if not escalations:
            return False
        data = event.get("data")
        if event["type"] == MOVED and not event.get("source"):
            case = data.get("ladderCase") if isinstance(data, Mapping) else None
            if isinstance(data, Mapping) and isinstance(case, str) and case in escalations:
                self._moved(case, data)
                return True
            return False
        for case, entry in escalations.items():
            if not _is_live(entry):
                continue
            causes = _causes(entry)
            left = [each for each in causes if not each or not triggered(Trigger(**each), event)]
            if not left:
                self._stop(case, f"{event['type']} came")
            elif len(left) < len(causes):
                entry["until"], entry["also"] = left[0], left[1:]
                self._run.note(
                    "escalation", f"{entry['ladder']} goes on: it was called for more than this"
                )
        return False

    def part_ended(self, case: str) -> bool:
        """A part of the case has ended; True where it was a ladder."""
        entry = self._run.state.escalations.get(case)
        if entry is None:
            return False
        ended = self._run.state.children.pop(case)
        live = _is_live(entry)
        entry["over"] = True
        output = ended.get("output")
        if ended.get("as") == "completed" and isinstance(output, Mapping):
            if live:
                self._moved(case, {**output, "ended": True})
        elif live:
            error = ended.get("error")
            detail = error.get("detail") if isinstance(error, Mapping) else None
            entry["problem"] = str(detail or f"it ended as {ended.get('as')}")
            self._change(case, STOPPED, entry["level"], entry["by"], reason=entry["problem"])
        return True

    def resume(self) -> None:
        """Go on with what a snapshot holds."""
        for case in self._run.state.escalations:
            self._go_on(case, again=True)

    async def close(self, how: str) -> None:
        """The case ends: ladders that run are stopped, and told so before the case is gone."""
        run = self._run
        for case, entry in run.state.escalations.items():
            if _is_live(entry):
                self._stop(case, f"the case ended as {how}")
        await wait_until(
            run.effects,
            run.bell,
            lambda: not any(each["tell"] for each in run.state.escalations.values()),
        )

    # --- inside ---------------------------------------------------------------------------------

    def _running(self, ladder: str, item: str | None) -> str | None:
        for case, entry in self._run.state.escalations.items():
            if (entry["ladder"], entry["item"]) == (ladder, item) and _is_live(entry):
                return case
        return None

    def _join(self, case: str, until: Mapping[str, Any] | None) -> None:
        """Keep until when a later call needs the ladder: it goes on until all have what they want."""
        entry = self._run.state.escalations[case]
        if self._run.level >= 16 and until not in _causes(entry):
            entry.setdefault("also", []).append(until)

    def _again(
        self, case: str, severity: str | None, level: int | None, reason: str | None
    ) -> None:
        run = self._run
        entry = run.state.escalations[case]
        entry["triggers"] += 1
        graver = higher(severity, entry["severity"])
        further = level is not None and level > (entry["level"] or 1)
        if entry["state"] == EXHAUSTED or (not graver and not further):
            # Where everybody was asked, somebody with a name has it.
            run.note("escalation", f"{entry['ladder']}: counted, {entry['triggers']} times now")
            return
        if graver:
            entry["severity"] = severity
        run.note("escalation", f"{entry['ladder']} raised{_said(severity, reason)}", ladder=case)
        run.trace(escalates=entry["ladder"], state="raised", severity=entry["severity"])
        self._tell(case, RAISED, {"severity": entry["severity"], "level": level, "reason": reason})

    def _stop(self, case: str, reason: str) -> None:
        entry = self._run.state.escalations[case]
        self._tell(case, ENDS, {"reason": reason})
        # What the ladder has to say from now on is what became of it before it heard of this.
        entry["stopped"] = True
        state = EXHAUSTED if entry["state"] == EXHAUSTED else STOPPED
        self._change(case, state, entry["level"], entry["by"], reason=reason)

    def _tell(self, case: str, kind: str, data: dict[str, Any]) -> None:
        entry = self._run.state.escalations[case]
        entry["told"] += 1
        entry["tell"].append({"id": f"{case}:{entry['told']}", "type": kind, "data": data})
        self._go_on(case)
        self._run.bell.ring()

    def _moved(self, case: str, data: Mapping[str, Any]) -> None:
        entry = self._run.state.escalations[case]
        if data.get("state") == "failed" and "stopped" not in entry:
            # Its own case is held for an operator, and goes on from there.
            entry["problem"] = str(data.get("reason"))
            self._change(case, STOPPED, entry["level"], entry["by"], reason=entry["problem"])
            return
        state = _STATES.get(str(data.get("state")))
        if state is None or "stopped" in entry:
            return
        entry.pop("problem", None)
        by = data.get("by") if isinstance(data.get("by"), str) else None
        level = data.get("level") if type(data.get("level")) is int else None
        if data.get("ended") and (entry["state"], entry["level"], entry["by"]) == (
            state,
            level,
            by,
        ):
            return
        self._change(case, state, level, by, people=data.get("people"), skipped=data.get("skipped"))
        if entry["item"] is not None:
            self._hand_over(entry, state, by, data.get("reassign"))

    def _change(
        self,
        case: str,
        state: str,
        level: int | None,
        by: str | None,
        people: Any = None,
        skipped: Any = None,
        reason: str | None = None,
    ) -> None:
        run = self._run
        entry = run.state.escalations[case]
        entry.update(state=state, level=level, by=by, at=run.now_text())
        ladder = entry["ladder"]
        people = _names(people)
        names = ", ".join(people)
        for each in skipped if isinstance(skipped, list) else ():
            if isinstance(each, Mapping):
                run.note("escalation", f"{ladder} level {each.get('level')}: {each.get('reason')}")
        said = f"level {level}: {names}" if state == RUNNING else f"{state} at level {level}"
        run.note(
            "escalation", f"{ladder} {said}" + (f": {reason}" if reason else ""), by=by, ladder=case
        )
        run.trace(escalates=ladder, state=state, level=level, by=by, to=people, reason=reason)
        self._renew_result(case)
        run.events.happened(
            CHANGED,
            {"ladder": ladder, "case": case, "state": state, "level": level, "by": by,
             "people": people, "failed": "problem" in entry},
        )  # fmt: skip
        run.changed()

    def _renew_result(self, case: str) -> None:
        """`$case.results.<task>` says where the ladder is, and not where it was when it began."""
        results = self._run.state.results
        for name, result in results.items():
            if isinstance(result, dict) and result.get("case") == case and "level" in result:
                results[name] = self.result(case)

    def _hand_over(self, entry: Mapping[str, Any], state: str, by: str | None, to: Any) -> None:
        """Give the escalated work item to whom a level names, or to the person who took it."""
        run = self._run
        data = run.state.items.get(entry["item"])
        if data is None or data["state"] not in OPEN:
            return
        item = WorkItem.from_json(data)
        ladder = entry["ladder"]
        if state in (ACKNOWLEDGED, EXHAUSTED) and by is not None:
            if by == item.person or (item.person is None and item.people == (by,)):
                return
            receivers = Receivers(meant=({"person": by},), groups=(), people=(by,))
            reason = f"taken on the ladder {ladder}"
        elif state == RUNNING and isinstance(to, Mapping) and _names(to.get("people")):
            people = tuple(_names(to["people"]))
            if people == item.people and item.person is None:
                return
            meant = to.get("who") or [{"person": each} for each in people]
            receivers = Receivers(
                meant=tuple(meant if isinstance(meant, list) else [meant]),
                groups=tuple(_names(to.get("groups"))),
                people=people,
            )
            reason = f"level of the ladder {ladder}"
        else:
            return
        moved = work_items.reassign(
            item, receivers, run.now_text(), by=None, reason=reason, tell=True, ladder=ladder
        )
        run.state.items[item.id] = moved.to_json()
        run.state.record["assignees"] = list(moved.people)
        run.trace(reassigns=item.id, to=list(moved.people))
        run.note("reassigned", f"{item.title}: {reason}", by=by, item=item.id)
        run.recorder.item(run.state.items[item.id])
        run.changed()

    def _holds(self, until: Mapping[str, Any]) -> bool:
        run = self._run
        if until.get("status") is not None:
            return bool(run.state.record.get("status") == until["status"])
        return until.get("phase") is not None and run.phase == until["phase"]

    def _about(self) -> dict[str, Any]:
        """What a ladder knows of the case: whom `assignees` and the like mean now."""
        data = case_data(self._run)
        return {name: data[name] for name in _PEOPLE} | {
            "calendar": self._run.plan.rules.calendar,
            "priority": data["priority"],
        }

    def _new_id(self, ladder: str) -> str:
        """An id that follows from the case and the ladder; the second of its kind has a number."""
        base = f"{DEFINITION}:{self._run.state.id}/{ladder}"
        if len(base) > _LONGEST_ID:
            digest = hashlib.sha256(base.encode()).hexdigest()[:16]
            base = f"{base[: _LONGEST_ID - 17]}~{digest}"
        count = self._run.state.parts.get(base, 0) + 1
        self._run.state.parts[base] = count
        return base if count == 1 else f"{base}#{count}"

    def _go_on(self, case: str, *, again: bool = False) -> None:
        entry = self._run.state.escalations[case]
        beside = self._beside.get(case)
        needed = _is_live(entry) or entry["tell"]
        if needed and (beside is None or beside.done()):
            self._beside[case] = begin(self._run, self._follow(case, again))

    async def _follow(self, case: str, again: bool) -> None:
        """Start a ladder's case, and tell it what changes here, until it is over."""
        run = self._run
        entry = run.state.escalations[case]
        looking: asyncio.Task[None] | None = None
        if "started" not in entry:
            link = {"kind": "part", "case": run.state.id, "task": entry["task"]}
            start = CaseStart(
                DEFINITION, None, case, entry["input"], link, summary=f"escalate: {entry['ladder']}"
            )
            started = await run.start_case(start)
            entry["started"] = True
            again = again or not started
        if again and case in run.state.children:
            # Nobody tells this run of a part that was terminated: it was started by another one.
            looking = begin(run, look_after(run, case))
        try:
            while _is_live(entry) or entry["tell"]:
                if _is_live(entry) and self._about() != entry["about"]:
                    entry["about"] = self._about()
                    self._tell(case, ABOUT, {"about": entry["about"]})
                while entry["tell"]:
                    await run.send(case, entry["tell"][0])
                    entry["tell"].pop(0)
                    run.bell.ring()
                await wait_until(
                    run.effects,
                    run.bell,
                    lambda: entry["tell"] or not _is_live(entry) or self._about() != entry["about"],
                )
        finally:
            if looking is not None:
                looking.cancel()


def _causes(entry: Mapping[str, Any]) -> list[Any]:
    """Until when each call needs a ladder; None is until somebody has taken it or the case ends."""
    return [entry["until"], *entry.get("also", ())]


def _is_live(entry: Mapping[str, Any]) -> bool:
    """Whether the ladder's case goes on: somebody may still be asked, or have its last task."""
    return "over" not in entry and "stopped" not in entry


def _names(value: Any) -> list[str]:
    """A list of texts; nothing where it is none: a signal may carry anything."""
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _said(severity: str | None, reason: str | None) -> str:
    return (f" {severity}" if severity else "") + (f": {reason}" if reason else "")
