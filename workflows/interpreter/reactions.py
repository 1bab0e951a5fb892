"""Reactions and clock thresholds: tasks beside the flow, in order of arrival.

Each works on one event after the other; a reaction with `atMost` on so many at the same time.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from language.plan import ReactionRules, Task
from service.instants import read_instant, write_instant
from workflows.interpreter.bell import wait_until
from workflows.interpreter.deadline import begin, withdraw
from workflows.interpreter.errors import CaseError
from workflows.interpreter.events import triggered
from workflows.interpreter.frames import Frame
from workflows.interpreter.scope import Scope
from workflows.interpreter.sequence import run_tasks

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun

QUEUE_LIMIT = 1000


class Reactions:
    """Runs what the definition says beside its flow. Pending runs are data of the state."""

    def __init__(self, run: CaseRun) -> None:
        self._run = run
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._closed = False

    def offer(self, event: dict[str, Any]) -> bool:
        """Begin every reaction that the event triggers.

        Returns:
            Whether any was.
        """
        if self._closed:
            return False
        reacted = False
        for rules in self._run.plan.rules.reactions:
            if rules.on is not None and triggered(rules.on, event):
                reacted = True
                self._run.passed(f"reaction:{rules.name}")
                if rules.tasks:
                    self.begin(rules.name, event)
                if rules.go_to is not None:
                    self._run.move_flow(rules.go_to, rules.name)
        return reacted

    def begin(self, lane: str, event: dict[str, Any]) -> None:
        """Append one run to its lane."""
        self._run.passed(lane)
        pending = self._run.state.reactions
        if len(pending) >= QUEUE_LIMIT:
            self._run.note("reaction", f"{lane}: not begun, too many wait")
            return
        since = self._run.now_text()
        entry: dict[str, Any] = {"lane": lane, "event": event, "since": since, "frame": {}}
        if self._at_most(lane) > 1:
            entry["n"] = max((each["n"] for each in pending if each["lane"] == lane), default=0) + 1
        pending.append(entry)
        self._start(lane)

    def last(self, event: dict[str, Any]) -> None:
        """Begin what an end of the case triggers; nothing moves the flow any more."""
        for rules in self._run.plan.rules.reactions:
            if rules.on is not None and rules.tasks and triggered(rules.on, event):
                self._run.passed(f"reaction:{rules.name}")
                self.begin(rules.name, event)

    def go_on(self) -> None:
        """Go on with what a snapshot of a case that ends holds; nothing else begins."""
        self._closed = True
        for entry in self._run.state.reactions:
            self._start(entry["lane"])

    def resume(self) -> None:
        """Go on with what a snapshot holds, and with the periodic reactions."""
        self._closed = False
        for entry in self._run.state.reactions:
            self._start(entry["lane"])
        for rules in self._run.plan.rules.reactions:
            if rules.every is not None:
                self._lanes[f"every:{rules.name}"] = begin(self._run, self._periodic(rules))

    async def finish(self, deadline_seconds: float) -> None:
        """Let begun runs come to their end before the case closes, but not for ever."""
        run = self._run
        for name in [name for name in self._lanes if name.startswith("every:")]:
            await withdraw(self._lanes.pop(name))
        if run.state.reactions:
            deadline = run.later(deadline_seconds)
            done = await wait_until(
                run.effects, run.bell, lambda: not run.state.reactions, deadline, "last notices"
            )
            if not done:
                for entry in run.state.reactions:
                    run.note("reaction", f"{entry['lane']}: given up when the case closed")
        await self.drop()

    async def drop(self) -> None:
        """Withdraw everything."""
        self._closed = self._run.level >= 16
        lanes = list(self._lanes.values())
        self._lanes.clear()
        await withdraw(*lanes)
        self._run.state.reactions.clear()

    def _start(self, lane: str) -> None:
        at_most = self._at_most(lane)
        if at_most > 1:
            self._start_side_by_side(lane, at_most)
            return
        running = self._lanes.get(lane)
        if running is None or running.done():
            self._lanes[lane] = begin(self._run, self._lane(lane))

    async def _lane(self, lane: str) -> None:
        run = self._run
        while True:
            entry = next((each for each in run.state.reactions if each["lane"] == lane), None)
            if entry is None:
                return
            await self._go_through(entry)

    def _start_side_by_side(self, lane: str, at_most: int) -> None:
        """Begin the oldest of a lane that are not under way; after a snapshot, what was before."""
        under_way = [each for each in self._run.state.reactions if each["lane"] == lane][:at_most]
        for entry in under_way:
            name = f"{lane}#{entry['n']}"
            if name not in self._lanes:
                self._lanes[name] = begin(self._run, self._one(name, entry))

    async def _one(self, name: str, entry: dict[str, Any]) -> None:
        await self._go_through(entry)
        self._lanes.pop(name, None)
        self._start(entry["lane"])

    async def _go_through(self, entry: dict[str, Any]) -> None:
        """One run of a lane, from its frame to its end."""
        run, lane = self._run, entry["lane"]
        scope = Scope(beside=True, lane=entry.get("n"))
        try:
            await run_tasks(run, self._tasks(lane), Frame(entry["frame"]), entry["event"], scope)
        except CaseError as error:
            # Reached only when an operator gives it up: a failing reaction is held.
            run.note("reaction", f"{lane}: {error}")
        run.state.reactions.remove(entry)
        run.changed()

    def _at_most(self, lane: str) -> int:
        for reaction in self._run.plan.rules.reactions:
            if reaction.name == lane:
                return reaction.at_most
        return 1

    def _tasks(self, lane: str) -> tuple[Task, ...]:
        rules = self._run.plan.rules
        if lane.startswith("clock:"):
            _, clock, threshold = lane.split(":", 2)
            for each in rules.clocks:
                if each.name == clock:
                    for point in each.at:
                        if point.name == threshold:
                            return point.tasks
        for reaction in rules.reactions:
            if reaction.name == lane:
                return reaction.tasks
        return ()

    async def _periodic(self, rules: ReactionRules) -> None:
        """`every: {businessDays: 5, while: {phase: open}}`: begin the tasks again and again."""
        run = self._run
        every = dict(rules.every)
        during = every.pop("while", None)
        memory = run.state.every
        while True:
            if rules.name not in memory:
                due = await run.due_at(every, f"{rules.name}: next time")
                memory[rules.name] = write_instant(due)
            await wait_until(
                run.effects, run.bell, lambda: False, read_instant(memory[rules.name]), rules.name
            )
            memory.pop(rules.name)
            if during is None or _holds(run, during):
                run.passed(f"reaction:{rules.name}")
                self.begin(rules.name, {"type": "time", "time": run.now_text(), "data": {}})


def _holds(run: CaseRun, during: dict[str, Any]) -> bool:
    if "status" in during:
        return bool(run.state.record.get("status") == during["status"])
    return bool(run.phase == during.get("phase"))
