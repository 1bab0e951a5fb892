"""Keeps the clocks of a case: what happens moves them, their thresholds begin reactions.

Transitions wait in a queue of the state, in order of arrival, each with the time at which it
happened; the deadline arithmetic is a read whose result is in the history.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from language.plan import ClockRules, Threshold
from service import clocks
from service.clocks import ClockState
from service.instants import read_instant
from workflows.effects import ActionFailed
from workflows.interpreter.bell import wait_until
from workflows.interpreter.deadline import begin
from workflows.interpreter.events import triggered
from workflows.interpreter.scope import Point

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun


class ClockKeeper:
    """All clocks of one case."""

    def __init__(self, run: CaseRun) -> None:
        self._run = run
        self._rules = {rules.name: rules for rules in run.plan.rules.clocks}
        self._worker: asyncio.Task[None] | None = None

    def knows(self, name: str) -> bool:
        """Whether the definition declares this clock."""
        return name in self._rules

    def resume(self) -> None:
        """Begin, or go on with what a snapshot holds."""
        if self._rules:
            self._worker = begin(self._run, self._work())

    def offer(self, event: dict[str, Any]) -> None:
        """Queue what an event means for the clocks."""
        at = self._run.now_text()
        for rules in self._run.plan.rules.clocks:
            if any(triggered(each, event) for each in rules.until):
                self._queue(rules.name, "stop", at)
                continue
            if any(triggered(each, event) for each in rules.runs_from):
                self._queue(rules.name, "start", at)
            if any(triggered(each, event) for each in rules.restarts_on):
                self._queue(rules.name, "restart", at)
            if rules.paused_in and event["type"] == "status.changed":
                paused = any(triggered(each, event) for each in rules.paused_in)
                self._queue(rules.name, "pause" if paused else "resume", at)

    def facts_changed(self) -> None:
        """A fact of the case changed: targets that depend on it are looked at again."""
        for name in self._rules:
            self._queue(name, "facts", self._run.now_text())

    def ask(self, name: str, act: str, arguments: Mapping[str, Any]) -> int:
        """Queue an act of the flow; the number is for `handled`."""
        return self._queue(name, act, self._run.now_text(), target=arguments.get("target"))

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
        return {"name": name, "state": "idle", **shown}

    def close(self) -> None:
        """The case ends: what still runs was neither met nor breached."""
        if self._worker is not None:
            self._worker.cancel()
        run = self._run
        run.state.clock_queue.clear()
        for name, kept in run.state.clocks.items():
            before = ClockState.from_json(kept["state"])
            after = clocks.cancel(before, run.now_text())
            if after != before:
                kept["state"] = after.to_json()
                kept["shown"] = {**kept.get("shown", {}), "state": "cancelled", "deadline": None}
                run.note("clock", f"{name}: cancelled")

    # --- the worker -----------------------------------------------------------------------------

    def _queue(self, name: str, act: str, at: str, **more: Any) -> int:
        state = self._run.state
        number = state.clock_queue[-1]["n"] + 1 if state.clock_queue else 1
        state.clock_queue.append({"n": number, "clock": name, "act": act, "at": at, **more})
        self._run.bell.ring()
        return number

    async def _work(self) -> None:
        run = self._run
        while True:
            while run.state.clock_queue:
                entry = run.state.clock_queue[0]
                await self._carry_out(entry)
                run.state.clock_queue.pop(0)
                run.changed()
            await wait_until(
                run.effects,
                run.bell,
                lambda: bool(run.state.clock_queue),
                self._next_point(),
                self._next_summary(),
            )
            self._fire()

    async def _carry_out(self, entry: Mapping[str, Any]) -> None:
        run = self._run
        rules = self._rules[entry["clock"]]
        kept = run.state.clocks.get(rules.name)
        before = ClockState.from_json(kept["state"]) if kept else ClockState(name=rules.name)
        after = await self._moved(rules, before, entry)
        if after == before:
            return
        shown = await self._read(rules, after)
        if shown["breached"] and not after.breached_at:
            after = clocks.breach(after, shown["deadline"] or entry["at"])
        if after.state in ("met", "breached"):
            after = ClockState.from_json(
                {**after.to_json(), "state": "breached" if after.breached_at else "met"}
            )
            shown["state"] = after.state
        run.state.clocks[rules.name] = {"state": after.to_json(), "shown": shown}
        if after.state != before.state or entry["act"] == "restart":
            run.note("clock", f"{rules.name}: {shown['state']}", deadline=shown.get("deadline"))
        run.recorder.keep()

    async def _moved(
        self, rules: ClockRules, state: ClockState, entry: Mapping[str, Any]
    ) -> ClockState:
        at = entry["at"]
        match entry["act"]:
            case "start" if state.state == "idle":
                return clocks.start(state, at, await self._target(rules), self._calendar(rules))
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
            case "retarget":
                return clocks.retarget(state, entry.get("target"))
            case _:
                if state.state in ("running", "paused"):
                    return clocks.retarget(state, await self._target(rules))
                return state

    async def _target(self, rules: ClockRules) -> Any:
        """The target now; None where the facts do not decide one yet."""
        run = self._run
        value = Point(run, instance=f"/document/metadata/clocks/{rules.name}").evaluate(
            rules.target, None
        )
        if not isinstance(value, dict) or "table" not in value:
            return value
        facts = value.get("facts") or {}
        if any(fact is None for fact in facts.values()):
            return None
        try:
            result = await run.read(
                "table.decide", {"table": value["table"], "facts": facts}, f"target of {rules.name}"
            )
        except ActionFailed as error:
            run.note("clock", f"{rules.name}: no target: {error.detail}")
            return None
        return result.get(value["output"])

    async def _read(self, rules: ClockRules, state: ClockState) -> dict[str, Any]:
        run = self._run
        shown: dict[str, Any] = {
            "name": rules.name,
            "state": state.state,
            "target": state.target,
            "deadline": None,
            "elapsed": 0,
            "remaining": None,
            "breached": bool(state.breached_at),
            "points": {},
        }
        if state.target is None:
            return shown
        try:
            reading = await run.read(
                "clock.read",
                {
                    "clock": state.to_json(),
                    "calendar": state.calendar,
                    "now": run.now_text(),
                    "thresholds": {each.name: _threshold(each) for each in rules.at},
                },
                f"clock {rules.name}",
            )
        except ActionFailed as error:
            run.note("clock", f"{rules.name}: cannot be read: {error.detail}")
            return shown
        shown["deadline"] = reading["deadline"]
        shown["elapsed"] = reading["elapsedSeconds"]
        shown["remaining"] = reading["remainingSeconds"]
        shown["breached"] = reading["breached"]
        shown["points"] = reading["thresholds"]
        shown["digest"] = reading.get("digest")
        if state.state == "running" and reading["breached"]:
            shown["state"] = "breached"
        return shown

    def _calendar(self, rules: ClockRules) -> str | None:
        return rules.calendar or self._run.plan.rules.calendar

    def _points(self) -> list[tuple[datetime, str, str]]:
        """Thresholds and deadlines that have not been passed yet: (when, clock, threshold)."""
        found: list[tuple[datetime, str, str]] = []
        for name, kept in self._run.state.clocks.items():
            if kept["state"]["state"] != "running":
                continue
            for threshold, at in kept["shown"]["points"].items():
                if at is not None and threshold not in kept["state"]["fired"]:
                    found.append((read_instant(at), name, threshold))
            deadline = kept["shown"]["deadline"]
            if deadline is not None and kept["state"]["breachedAt"] is None:
                found.append((read_instant(deadline), name, ""))
        return sorted(found)

    def _next_point(self) -> datetime | None:
        points = self._points()
        return points[0][0] if points else None

    def _next_summary(self) -> str:
        points = self._points()
        return f"clock {points[0][1]} {points[0][2] or 'deadline'}" if points else ""

    def _fire(self) -> None:
        run = self._run
        now = run.now()
        for at, name, threshold in self._points():
            if at > now:
                break
            kept = run.state.clocks[name]
            state = ClockState.from_json(kept["state"])
            if not threshold:
                kept["state"] = clocks.breach(state, run.now_text()).to_json()
                kept["shown"] = {**kept["shown"], "state": "breached", "breached": True}
                run.note("breached", name)
                run.trace(breaches=name)
                run.events.happened("clock.breached", {"clock": name})
                run.recorder.keep()
                continue
            late = (now - at).total_seconds() >= 1
            kept["state"] = clocks.fire(state, threshold, run.now_text()).to_json()
            run.note("threshold", f"{name} {threshold}" + (" (late)" if late else ""))
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
        run.changed()


def _threshold(threshold: Threshold) -> dict[str, Any]:
    if threshold.elapsed_percent is not None:
        return {"elapsedPercent": threshold.elapsed_percent}
    return {"remaining": threshold.remaining}
