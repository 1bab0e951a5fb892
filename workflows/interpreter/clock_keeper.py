"""Keeps the clocks of a case: what happens moves them, their thresholds begin reactions.

Transitions wait in a queue of the state, in order of arrival, each with the time at which it
happened; the deadline arithmetic is a read whose result is in the history.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from language.plan import ClockRules, Threshold
from service import clocks
from service.clocks import ClockState
from service.instants import read_instant, write_instant
from workflows.effects import ActionFailed
from workflows.interpreter.bell import wait_until
from workflows.interpreter.deadline import begin
from workflows.interpreter.events import triggered
from workflows.interpreter.scope import Point

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun

_Found = tuple[ClockState, Any, dict[str, Any] | None]
"""A clock after an act, the facts its target was set with, what it shows then: None where unchanged."""


class ClockKeeper:
    """All clocks of one case."""

    def __init__(self, run: CaseRun) -> None:
        self._run = run
        self._rules = {rules.name: rules for rules in run.plan.rules.clocks}
        self._worker: asyncio.Task[None] | None = None
        self.closed = False
        """Whether the case ends: nothing moves its clocks any more."""
        self._clocks: dict[str, ClockState] = {}
        """What `_clock` has read."""
        self._ahead: list[tuple[datetime, str, str]] | None = None
        """What `_points` found, until a clock changes."""

    def knows(self, name: str) -> bool:
        """Whether the definition declares this clock."""
        return name in self._rules

    def is_open(self, name: str) -> bool:
        """Whether a clock has begun and has neither stopped nor been cancelled."""
        return name in self._run.state.clocks and self._clock(name).is_open

    def resume(self) -> None:
        """Begin, or go on with what a snapshot holds."""
        self.closed = False
        if self._rules:
            self._worker = begin(self._run, self._work())

    def offer(self, event: dict[str, Any]) -> None:
        """Queue what an event means for the clocks."""
        acts = {rules.name: list(_meant(rules, event)) for rules in self._run.plan.rules.clocks}
        if (self._run.state.suspended or {}).get("pauseClocks"):
            acts = {name: _asleep(of_it) for name, of_it in acts.items()}
        at = self._run.now_text()
        if self._run.level < 16:
            for name, of_it in acts.items():
                for act in of_it:
                    self._queue(name, act, at)
            return
        # The first act of each clock, then the second: what stands side by side is read together.
        for number in range(max(map(len, acts.values()), default=0)):
            for name, of_it in acts.items():
                if number < len(of_it):
                    self._queue(name, of_it[number], at)

    def sleep(self) -> None:
        """The case is suspended, and its clocks with it."""
        for name in self._rules:
            self._queue(name, "sleep", self._run.now_text())

    def wake(self) -> None:
        """It goes on."""
        for name in self._rules:
            self._queue(name, "wake", self._run.now_text())

    def facts_changed(self) -> None:
        """A fact of the case changed: targets that depend on it are looked at again."""
        for name in self._rules:
            self._queue(name, "facts", self._run.now_text())

    def ask(self, name: str, act: str, arguments: Mapping[str, Any]) -> int:
        """Queue an act of the flow; the number is for `handled`."""
        more = {
            each: arguments[each] for each in ("target", "calendar", "reason") if each in arguments
        }
        return self._queue(name, act, self._run.now_text(), **more)

    def recalculate(self, name: str, request: Mapping[str, Any]) -> None:
        """Queue that an operator wants a deadline counted anew, as the organization is now.

        `decide` in the request: the target is decided anew as well.
        """
        more = {each: request.get(each) for each in ("by", "reason", "decide")}
        self._queue(name, "recalculate", self._run.now_text(), request=request["id"], **more)

    async def handled(self, number: int) -> None:
        """Return when a queued act has been carried out."""
        run = self._run
        await wait_until(
            run.effects,
            run.bell,
            lambda: all(each["n"] != number for each in run.state.clock_queue),
        )

    async def settled(self) -> None:
        """Return when nothing is queued."""
        run = self._run
        if self._worker is None:
            return
        await wait_until(run.effects, run.bell, lambda: not run.state.clock_queue)

    def deadline(self, name: str) -> datetime | None:
        """The clock's deadline, or None while it has none."""
        text = self.reading(name).get("deadline")
        return read_instant(text) if text else None

    def reading(self, name: str) -> dict[str, Any]:
        """What `$case.clocks` shows of a clock."""
        shown: dict[str, Any] = self._run.state.clocks.get(name, {}).get("shown", {})
        if not self.knows(name):
            shown = self._run.membership.clocks().get(name, {})
        return {"name": name, "state": "idle", **shown}

    def kept(self) -> list[dict[str, Any]]:
        """What each clock has counted, for those who explain it and for the records."""
        found = []
        for name in self._run.state.clocks:
            kept = self._run.state.clocks[name]
            if self._clock(name).segments:
                found.append({**kept["state"], "digests": kept.get("digests") or {}})
        return found

    def close(self) -> None:
        """The case ends: what still runs was neither met nor breached."""
        self.closed = True
        if self._worker is not None:
            self._worker.cancel()
        run = self._run
        run.state.clock_queue.clear()
        for name, kept in run.state.clocks.items():
            before = self._clock(name)
            after = clocks.cancel(before, run.now_text())
            if after != before:
                shown = {**kept.get("shown", {}), "state": "cancelled", "deadline": None}
                self._keep(after, shown=shown, byEnd=True)
                run.note("clock", f"{name}: cancelled")

    def _begun_again(self, name: str, entry: Mapping[str, Any]) -> ClockState:
        """A clock before an act; one that only the case's end has cancelled can start again."""
        state = self._clock(name)
        kept = self._run.state.clocks.get(name, {})
        if entry["act"] == "start" and kept.get("byEnd"):
            return replace(state, cancelled=False)
        return state

    # --- the worker -----------------------------------------------------------------------------

    def _queue(self, name: str, act: str, at: str, **more: Any) -> int:
        state = self._run.state
        if self.closed:
            return 0
        number = state.clock_queue[-1]["n"] + 1 if state.clock_queue else 1
        state.clock_queue.append({"n": number, "clock": name, "act": act, "at": at, **more})
        self._run.bell.ring()
        return number

    async def _work(self) -> None:
        run = self._run
        while True:
            while run.state.clock_queue:
                entries = self._together()
                # What was reached until this happened is told first, late or not.
                self._fire(read_instant(entries[0]["at"]))
                found = await self._found_out(entries)
                for entry, (after, asked, shown) in zip(entries, found, strict=True):
                    if entry is not entries[0]:
                        self._fire(read_instant(entry["at"]))
                    moved = self._carry_out(entry, after, asked, shown)
                    run.state.clock_queue.pop(0)
                    # Most acts change nothing: only those that wait for the queue look again.
                    run.changed() if moved else run.bell.ring()
            await wait_until(
                run.effects,
                run.bell,
                lambda: bool(run.state.clock_queue),
                *self._next(),
                always=True,
            )
            if not run.state.clock_queue:
                self._fire(run.now())

    def _together(self) -> list[Mapping[str, Any]]:
        """The first of the queue, with those behind it that mean other clocks at the same instant."""
        queue = self._run.state.clock_queue
        together: list[Mapping[str, Any]] = [queue[0]]
        if self._run.level < 16:
            return together
        for entry in queue[1:]:
            known = {each["clock"] for each in together}
            if entry["at"] != queue[0]["at"] or entry["clock"] in known:
                break
            together.append(entry)
        return together

    async def _found_out(self, entries: Sequence[Mapping[str, Any]]) -> Sequence[_Found]:
        """What each entry makes of its clock; what must be read for them is read side by side."""
        if len(entries) == 1:
            return [await self._find_out(entries[0])]
        return await asyncio.gather(*map(self._find_out, entries))

    async def _find_out(self, entry: Mapping[str, Any]) -> _Found:
        rules = self._rules[entry["clock"]]
        kept = self._run.state.clocks.get(rules.name)
        before = self._begun_again(rules.name, entry)
        after, asked = await self._moved(rules, before, entry, kept.get("asked") if kept else None)
        anew = entry["act"] == "recalculate" and before.is_open
        if after == before and not anew and entry["act"] != "migrated":
            return after, asked, None
        return after, asked, await self._read(rules, after, anew=anew)

    def _carry_out(
        self, entry: Mapping[str, Any], after: ClockState, asked: Any, shown: dict[str, Any] | None
    ) -> bool:
        """Do what the entry says; whether the clock is another one now."""
        run = self._run
        name = entry["clock"]
        before = self._clock(name)
        if entry["act"] == "wake" and name in run.state.clocks:
            run.state.clocks[name].pop("asleep", None)
        if shown is None:
            kept = run.state.clocks.get(name)
            if kept:
                kept["asked"] = asked
            return False
        anew = entry["act"] == "recalculate"
        if anew and shown.get("unread"):
            # The clock keeps the deadline that it has; why it cannot be read is in the timeline.
            return False
        was = run.state.clocks.get(name, {}).get("shown", {})
        self._keep(after, shown=shown, asked=asked, digests=self._digests(name, shown, anew=anew))
        if entry["act"] == "sleep":
            run.state.clocks[name]["asleep"] = True
        retargeted = before.version and after.version > before.version
        ends = after.activity == "stopped" and before.activity != "stopped"
        if anew:
            run.note(
                "clock", f"{name}: recalculated: {was.get('deadline')} -> {shown['deadline']}",
                was=was.get("deadline"), deadline=shown["deadline"], by=entry.get("by"),
                reason=entry.get("reason"), request=entry["request"],
                wasDigest=was.get("digest"), digest=shown.get("digest"),
            )  # fmt: skip
        elif after.state != before.state or after.round != before.round or retargeted or ends:
            what = "retargeted" if retargeted else after.state
            run.note(
                "clock", f"{name}: {what}",
                deadline=shown["deadline"], reason=entry.get("reason"),
                **({"clock": name, "ended": after.state, "elapsed": shown["elapsed"]} if ends else {}),
            )  # fmt: skip
        if shown["breached"] and after.breached_at is None:
            self._breach(name, shown["breachedAt"] or entry["at"])
        run.recorder.keep()
        return True

    async def _moved(
        self, rules: ClockRules, state: ClockState, entry: Mapping[str, Any], asked: Any
    ) -> tuple[ClockState, Any]:
        """The clock after an act, and with which facts its target was set (`asked`, until now)."""
        at = entry["at"]
        match entry["act"]:
            case "start" if state.activity is None:
                asking = self._asking(rules)
                target = entry["target"] if "target" in entry else await self._target(rules, asking)
                calendar = entry.get("calendar") or self._calendar(rules)
                after = clocks.start(state, at, target, calendar)
            case "facts" if state.is_open:
                asking = self._asking(rules)
                if asking == asked:
                    # Other facts than the target's: nothing is decided anew, and a target that
                    # the flow has set stays.
                    return state, asked
                after = clocks.retarget(state, at, await self._target(rules, asking))
            case "retarget":
                asking = self._asking(rules)
                after = clocks.retarget(state, at, entry.get("target"), entry.get("calendar"))
            case "recalculate" if state.is_open and entry.get("decide"):
                asking = self._asking(rules)
                after = clocks.retarget(state, at, await self._target(rules, asking))
            case "sleep":
                return clocks.pause(state, at) if state.is_running else state, asked
            case "wake":
                asleep = self._run.state.clocks.get(rules.name, {}).get("asleep", False)
                goes_on = asleep and not self._rests(rules)
                return clocks.resume(state, at) if goes_on else state, asked
            case act:
                return _moved_by(act, state, at, rules), asked
        # Without a target it is asked again at the next change, whichever it is.
        return after, None if after.target is None else asking

    def _rests(self, rules: ClockRules) -> bool:
        """Whether the clock pauses in the status in which the case is."""
        run = self._run
        status = run.state.record.get("status")
        known = run.plan.rules.statuses.get(status or "")
        data = {"to": status, "toPhase": known.phase if known else None}
        return any(
            triggered(each, {"type": "status.changed", "data": data}) for each in rules.paused_in
        )

    def _asking(self, rules: ClockRules) -> Any:
        """The target as the facts are now: a duration, or a table and the facts it decides by."""
        point = Point(self._run, instance=f"/document/metadata/clocks/{rules.name}")
        return point.evaluate(rules.target, None)

    async def _target(self, rules: ClockRules, asking: Any) -> Any:
        """The target that `_asking` means; None where the facts do not decide one yet."""
        run = self._run
        if not isinstance(asking, dict) or "table" not in asking:
            return asking
        facts = asking.get("facts") or {}
        if any(fact is None for fact in facts.values()):
            return None
        try:
            result = await run.read(
                "table.decide",
                {"table": asking["table"], "facts": facts},
                f"target of {rules.name}",
            )
        except ActionFailed as error:
            run.note("clock", f"{rules.name}: no target: {error.detail}")
            return None
        return result.get(asking["output"])

    def _digests(self, name: str, shown: Mapping[str, Any], *, anew: bool) -> dict[str, str]:
        """Which calendars the clock keeps: those that it was read with first, or anew."""
        kept: dict[str, str] = dict(self._run.state.clocks.get(name, {}).get("digests") or {})
        calendar, digest = shown.get("calendar"), shown.get("digest")
        if self._run.level < 16 or not calendar or not digest:
            return kept
        if kept.get(calendar, digest) != digest and not anew:
            self._run.note(
                "clock",
                f"{name}: the calendar {calendar} as it was is not kept any more; "
                "it counts in the one of now",
            )
        return {**kept, calendar: digest}

    async def _read(
        self, rules: ClockRules, state: ClockState, *, anew: bool = False
    ) -> dict[str, Any]:
        run = self._run
        shown: dict[str, Any] = {
            "name": rules.name,
            "state": state.state,
            "target": state.target,
            "deadline": None,
            "elapsed": 0,
            "remaining": None,
            "breached": state.breached_at is not None,
            "breachedAt": state.breached_at,
            "points": {},
        }
        if state.target is None:
            return shown
        kept = run.state.clocks.get(rules.name, {}).get("digests")
        try:
            reading = await run.read(
                "clock.read",
                {
                    "clock": state.to_json(),
                    "calendar": state.calendar,
                    "now": run.now_text(),
                    "thresholds": {each.name: _threshold(each) for each in rules.at},
                    **({"kept": kept} if kept and not anew else {}),
                },
                f"clock {rules.name}",
            )
        except ActionFailed as error:
            run.note("clock", f"{rules.name}: cannot be read: {error.detail}")
            return {**shown, "unread": True}
        shown["deadline"] = reading["deadline"]
        shown["elapsed"] = reading["elapsedSeconds"]
        shown["remaining"] = reading["remainingSeconds"]
        shown["breached"] = reading["breached"]
        shown["breachedAt"] = reading.get("breachedAt")
        shown["points"] = reading["thresholds"]
        shown["digest"] = reading.get("digest")
        if run.level >= 16:
            shown["calendar"] = reading.get("calendar")
        return shown

    def _calendar(self, rules: ClockRules) -> str | None:
        return rules.calendar or self._run.plan.rules.calendar

    def _keep(self, clock: ClockState, **more: Any) -> None:
        """Keep a clock as it is now, and what else has changed of it: `shown`, `asked`."""
        kept = self._run.state.clocks.setdefault(clock.name, {})
        kept.pop("byEnd", None)
        kept.update(state=clock.to_json(), **more)
        self._clocks[clock.name] = clock
        self._ahead = None

    def _clock(self, name: str) -> ClockState:
        """A clock as it is kept; one that has never moved is idle."""
        found = self._clocks.get(name)
        if found is None:
            kept = self._run.state.clocks.get(name)
            found = ClockState.from_json(kept["state"]) if kept else ClockState(name=name)
            self._clocks[name] = found
        return found

    def _points(self) -> list[tuple[datetime, str, str]]:
        """Thresholds and deadlines that have not been passed yet: (when, clock, threshold)."""
        if self._ahead is None:
            self._ahead = self._found()
        return self._ahead

    def _found(self) -> list[tuple[datetime, str, str]]:
        found: list[tuple[datetime, str, str]] = []
        for name, kept in self._run.state.clocks.items():
            state = self._clock(name)
            if not state.is_open:
                continue
            for threshold, at in kept["shown"]["points"].items():
                if at is not None and not clocks.has_fired(state, threshold):
                    found.append((read_instant(at), name, threshold))
            deadline = kept["shown"]["deadline"]
            if deadline is not None and state.breached_at is None:
                found.append((read_instant(deadline), name, ""))
        return sorted(found)

    def _next(self) -> tuple[datetime | None, str]:
        """When the next of them comes, and what it is in words."""
        points = self._points()
        if not points:
            return None, ""
        at, name, threshold = points[0]
        return at, f"clock {name} {_said(threshold) or 'deadline'}"

    def _fire(self, until: datetime) -> None:
        """Tell what has been reached until an instant."""
        run = self._run
        now = run.now()
        reached = [each for each in self._points() if each[0] <= until]
        for at, name, threshold in reached:
            if not threshold:
                self._breach(name, write_instant(at))
                continue
            state = clocks.fire(self._clock(name), threshold, at, now)
            self._keep(state)
            late = state.fired[-1]["late"]
            run.note("threshold", f"{name} {_said(threshold)}" + (" (late)" if late else ""))
            run.trace(threshold=name, name=threshold)
            run.reactions.begin(
                f"clock:{name}:{threshold}",
                {
                    "id": "",
                    "type": "clock.threshold",
                    "time": run.now_text(),
                    "data": {"clock": name, "threshold": threshold, "late": late},
                },
            )
        if reached:
            run.changed()

    def _breach(self, name: str, at: str) -> None:
        """The target has passed, as is told once for each round."""
        run = self._run
        kept = run.state.clocks[name]
        state = clocks.breach(self._clock(name), at)
        shown = {**kept["shown"], "state": state.state, "breached": True, "breachedAt": at}
        self._keep(state, shown=shown)
        run.note("breached", name, clock=name)
        run.trace(breaches=name)
        run.events.happened("clock.breached", {"clock": name})
        run.recorder.keep()


def _meant(rules: ClockRules, event: dict[str, Any]) -> Iterator[str]:
    """What an event asks of a clock, in order."""
    if any(triggered(each, event) for each in rules.until):
        yield "stop"
        return
    if any(triggered(each, event) for each in rules.runs_from):
        yield "start"
    if any(triggered(each, event) for each in rules.restarts_on):
        yield "restart"
    if rules.paused_in and event["type"] == "status.changed":
        yield "pause" if any(triggered(each, event) for each in rules.paused_in) else "resume"


def _asleep(acts: list[str]) -> list[str]:
    """What the acts of an event come to while the clocks of the case are paused with it."""
    kept = [act for act in acts if act != "resume"]
    return [*kept, "sleep"] if any(act in ("start", "restart") for act in kept) else kept


def _moved_by(act: str, state: ClockState, at: str, rules: ClockRules) -> ClockState:
    """The clock after an act that leaves its target alone."""
    match act:
        case "start":
            return clocks.reopen(state, at, rules.on_reopen)
        case "pause":
            return clocks.pause(state, at)
        case "resume":
            return clocks.resume(state, at)
        case "stop":
            return clocks.stop(state, at)
        case "cancel":
            return clocks.cancel(state, at)
        case "restart":
            return clocks.restart(state, at)
        case _:
            return state


def _threshold(threshold: Threshold) -> dict[str, Any]:
    if threshold.elapsed_percent is not None:
        return {"elapsedPercent": threshold.elapsed_percent}
    return {"remaining": threshold.remaining}


def _said(threshold: str) -> str:
    """The threshold as it is written; the number before it only keeps two equal ones apart."""
    number, _, written = threshold.partition("-")
    return written if number.isdigit() and written else threshold
