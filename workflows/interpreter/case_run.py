"""One case: its flow, what runs beside it, its doors, and its end."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from language.plan import Plan, Task
from service.forms import check
from service.instants import read_instant, write_instant
from workflows.effects import Action, CaseStart
from workflows.interpreter import case_data
from workflows.interpreter.bell import Bell, wait_until
from workflows.interpreter.bodies import run_body
from workflows.interpreter.clock_keeper import ClockKeeper
from workflows.interpreter.deadline import begin, withdraw
from workflows.interpreter.due import due_at, elapsed
from workflows.interpreter.errors import CaseError
from workflows.interpreter.events import Events, triggered
from workflows.interpreter.frames import Frame
from workflows.interpreter.reactions import Reactions
from workflows.interpreter.recorder import Recorder
from workflows.interpreter.scope import Point, Scope
from workflows.interpreter.sequence import index_of, run_tasks
from workflows.interpreter.state import REMEMBERED_IDS, TIMELINE_LENGTH, CaseState
from workflows.interpreter.task import keeps_result
from workflows.interpreter.view import shown

if TYPE_CHECKING:
    from workflows.effects import Effects

LAST_NOTICES_SECONDS = 3600.0
"""How long begun reactions may take after the flow's end."""

BUSY_LIMIT = 10_000
"""Tasks that may run without waiting for anything: more is an endless loop."""


class CaseRun:
    """Interprets a plan for one case. All it remembers is in `state`."""

    def __init__(self, plan: Plan, digest: str, effects: Effects, state: CaseState) -> None:
        self.plan = plan
        self.digest = digest
        self.effects = effects
        self.state = state
        self.bell = Bell()
        self.events = Events(self)
        self.reactions = Reactions(self)
        self.clocks = ClockKeeper(self)
        self.recorder = Recorder(self)
        self.in_flight = 0
        """Actions and reads that have begun and not ended: no snapshot while there are any."""
        self.stopping = False
        """Whether a snapshot is wanted: no new action begins."""
        self.dropped = False
        """Whether another run goes on from this one's snapshot: nothing is ended here."""
        self.observers: list[Callable[[dict[str, Any]], None]] = []
        """Called with every traced step: how a rehearsal sees what happened."""
        self.parts: list[asyncio.Task[Any]] = []
        """What runs beside the main coroutine."""
        self.at: str = ""
        """What the case does or waits for, in words."""
        self._busy = 0
        self._flow: asyncio.Task[tuple[Any, str]] | None = None

    # --- life -----------------------------------------------------------------------------------

    async def run(self) -> Any:
        """Walk the flow to its end, from wherever the state stands.

        Returns:
            The workflow's transformed output.

        Raises:
            CaseError: the case failed; `state.ended` says so as well.
            asyncio.CancelledError: the case was cancelled.
        """
        try:
            output = await self._main()
        except CaseError as error:
            await self._end("failed", error=error.error)
            raise
        except asyncio.CancelledError:
            if self.dropped:
                raise
            if self.state.cancel is None:
                self.state.cancel = {"reason": "cancelled", "by": None}
            await asyncio.shield(self._end("cancelled"))
            raise
        return output

    async def _main(self) -> Any:
        state = self.state
        if "begun" not in state.flow:
            self._begin()
        self.clocks.resume()
        self.reactions.resume()
        self.recorder.resume()
        timeout = self.plan.timeout
        if timeout is not None and "deadline" not in state.flow:
            span = elapsed(Point(self).evaluate(timeout, state.transformed), "/")
            state.flow["deadline"] = write_instant(self.now() + span)
        while True:
            self._flow = begin(self, self._walk())
            deadline = state.flow.get("deadline")
            try:
                in_time = await wait_until(
                    self.effects,
                    self.bell,
                    self._flow_settled,
                    read_instant(deadline) if deadline else None,
                    "time limit of the case",
                )
            except asyncio.CancelledError:
                await withdraw(self._flow)
                raise
            if state.cancel is not None:
                await withdraw(self._flow)
                raise asyncio.CancelledError(state.cancel["reason"])
            if not in_time:
                await withdraw(self._flow)
                raise CaseError.of("timeout", "the case took longer than allowed", "/")
            if state.go_to is not None:
                await withdraw(self._flow)
                self._moved(state.go_to)
                continue
            raw, _ = self._flow.result()
            break
        output = Point(self, output=raw).evaluate(self.plan.output.value, raw)
        self._check(self.plan.output.schema, output, "output")
        state.output = output
        await self._end("completed")
        return output

    def _begin(self) -> None:
        state = self.state
        rules = self.plan.rules
        self._check(self.plan.input.schema, state.input, "input")
        state.transformed = Point(self).evaluate(self.plan.input.value, state.input)
        if rules.statuses:
            state.record["status"] = next(iter(rules.statuses))
        if rules.start.record is not None:
            record = Point(self).evaluate(rules.start.record, state.input)
            state.record.update(
                {name: value for name, value in record.items() if name in case_data.FIELDS}
            )
        state.flow["begun"] = True
        self.note("started", f"{self.plan.name} {self.plan.version}")
        if rules.statuses:
            status = state.record["status"]
            self.trace(status=status)
            phase = rules.statuses[status].phase
            self.events.happened(
                "status.changed", {"from": None, "to": status, "toPhase": phase, "reason": None}
            )
        self.recorder.keep()

    def _flow_settled(self) -> bool:
        assert self._flow is not None
        return self._flow.done() or self.state.go_to is not None or self.state.cancel is not None

    async def _walk(self) -> tuple[Any, str]:
        return await run_tasks(
            self, self.plan.tasks, Frame(self.state.flow).child("tasks"), self.state.transformed,
            Scope(),
        )  # fmt: skip

    def _moved(self, name: str) -> None:
        state = self.state
        raw = state.flow.get("tasks", {}).get("raw", state.transformed)
        state.flow["tasks"] = {"at": index_of(self.plan.tasks, name, "/do"), "raw": raw}
        state.held.clear()
        state.go_to = None
        self.note("moved", f"the flow goes on at {name}", task=name)

    async def _end(self, how: str, error: Mapping[str, Any] | None = None) -> None:
        state = self.state
        if how != "cancelled":
            await self.clocks.settled()
            await self.reactions.finish(LAST_NOTICES_SECONDS)
        else:
            await self.reactions.drop()
        self.clocks.close()
        self._withdraw_items(how)
        state.held.clear()
        state.buffer.clear()
        ended: dict[str, Any] = {"as": how, "at": self.now_text()}
        if error is not None:
            ended["error"] = dict(error)
        if how == "cancelled" and state.cancel is not None:
            ended["reason"] = state.cancel["reason"]
            ended["by"] = state.cancel.get("by")
        state.ended = ended
        self.note(how, (error or {}).get("detail") or ended.get("reason") or "")
        self.at = ""
        self.changed()
        await self.recorder.close()
        parent = state.record.get("partOf")
        if parent:
            data = {"case": state.id, "as": how, "output": state.output, "error": error}
            await self.send(
                parent, {"id": f"end:{state.id}", "type": "case.finished", "data": data}
            )

    def _withdraw_items(self, how: str) -> None:
        for item in self.state.items.values():
            if item["state"] in ("open", "claimed"):
                item["state"] = "withdrawn"
                item["history"].append(
                    {"at": self.now_text(), "act": "withdrawn", "by": None, "reason": f"case {how}"}
                )
                self.recorder.item(item)

    def _check(self, schema: Any, value: Any, what: str) -> None:
        if schema is None:
            return
        problems = check(schema, value)
        if problems:
            detail = "; ".join(f"{each.pointer or '/'}: {each.message}" for each in problems)
            raise CaseError.of("validation", f"{what} does not fit its schema: {detail}", "/")

    # --- what walkers ask for -------------------------------------------------------------------

    def now(self) -> datetime:
        """The case's time."""
        return self.effects.now()

    def now_text(self) -> str:
        """The case's time as the data holds it."""
        return write_instant(self.effects.now())

    def later(self, seconds: float) -> datetime:
        """So many seconds from now."""
        return self.effects.now() + timedelta(seconds=seconds)

    @property
    def phase(self) -> str:
        """open, waiting, resolved, closed, held or cancelled."""
        return case_data.phase(self)

    def body(
        self, task: Task, frame: Frame, n: int, given: Any, scope: Scope
    ) -> Coroutine[Any, Any, tuple[Any, str | None]]:
        """The body of a task, to be awaited."""
        return run_body(self, task, frame, n, given, scope)

    def holds(self, scope: Scope) -> bool:
        """Whether an error that nothing catches keeps the case waiting here."""
        return scope.beside or self.plan.rules.on_error == "hold"

    def step(self, task: Task) -> None:
        """A task begins. Ends a definition that runs in a circle without waiting.

        Raises:
            CaseError: type `runtime`, after very many tasks without any wait.
        """
        self._busy += 1
        if self._busy > BUSY_LIMIT:
            raise CaseError.of(
                "runtime",
                f"{BUSY_LIMIT} tasks ran without waiting for anything: the flow goes in a circle",
                task.path,
            )
        self.at = task.name

    def waiting(self, task: Task, what: str) -> None:
        """Say what the case waits for."""
        self._busy = 0
        self.at = f"{task.name}: {what}"
        self.changed()

    def occurrence(self, path: str) -> int:
        """Count a task as begun once more."""
        n = self.state.occurrences.get(path, 0) + 1
        self.state.occurrences[path] = n
        return n

    def occurrences_under(self, path: str) -> dict[str, int]:
        """Counts of all tasks inside a task."""
        inside = path + "/"
        return {p: n for p, n in self.state.occurrences.items() if p.startswith(inside)}

    def reset_occurrences(self, path: str, counts: dict[str, int]) -> None:
        """Set the counts inside a task back to what they were."""
        inside = path + "/"
        for each in [p for p in self.state.occurrences if p.startswith(inside)]:
            del self.state.occurrences[each]
        self.state.occurrences.update(counts)

    def finished(self, task: Task, output: Any) -> None:
        """Keep the result of a function or of another definition."""
        if keeps_result(task):
            self.state.results[task.name] = output
            self.state.runs[task.name] = self.state.runs.get(task.name, 0) + 1

    def skipped(self, task: Task) -> None:
        """A task whose condition did not hold has no result any more."""
        if keeps_result(task):
            self.state.results[task.name] = None

    def document(self) -> dict[str, Any]:
        """What expressions see as the workflow's definition."""
        plan = self.plan
        return {
            "document": {
                "dsl": plan.dsl,
                "namespace": plan.namespace,
                "name": plan.name,
                "version": plan.version,
            }
        }

    def fraction(self, seed: str) -> float:
        """A number in [0, 1) that follows from the case and the place: jitter without chance."""
        digest = hashlib.sha256(f"{self.state.first_run}:{seed}".encode()).digest()
        return int.from_bytes(digest[:6], "big") / 2**48

    async def act(self, action: Action) -> Any:
        """Carry out an action.

        Raises:
            ActionFailed: as `Effects.act`.
        """
        return await self._inside(self.effects.act(action))

    async def read(self, name: str, arguments: Mapping[str, Any], summary: str) -> Any:
        """Carry out a safe read.

        Raises:
            ActionFailed: as `Effects.read`.
        """
        return await self._inside(self.effects.read(name, arguments, summary))

    async def start_case(self, start: CaseStart) -> bool:
        """Start another case; False where it runs or ran already."""
        started: bool = await self._inside(self.effects.start_case(start))
        return started

    async def record(self, payload: Mapping[str, Any]) -> None:
        """Keep a projection of the case outside of it."""
        await self._inside(self.effects.record(payload))

    async def send(self, case: str, event: Mapping[str, Any]) -> str:
        """Deliver an event to another case."""
        state: str = await self._inside(self.effects.send(case, event))
        return state

    def cancel_part(self, case: str) -> None:
        """Ask a part of this case to end; its end is not waited for."""
        begin(self, self._inside(self.effects.cancel_case(case, "no longer needed")))

    async def _inside(self, effect: Coroutine[Any, Any, Any]) -> Any:
        self._busy = 0
        if self.stopping:
            effect.close()
            await self.may_begin()
        self.in_flight += 1
        try:
            result = await effect
        finally:
            self.in_flight -= 1
            self.bell.ring()
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            # The action ended before its cancel reached it: the flow is withdrawn all the same.
            raise asyncio.CancelledError
        return result

    async def may_begin(self) -> None:
        """Return where an action may begin; never, once a snapshot is wanted.

        What would begin now begins in the run that the snapshot starts.
        """
        if self.stopping:
            await asyncio.get_running_loop().create_future()

    async def due_at(self, value: Any, summary: str, calendar: str | None = None) -> datetime:
        """The instant that a due time means: a duration, `{at: time}` or `{clock: name}`.

        Raises:
            CaseError: the value cannot be understood, or the clock has no deadline.
        """
        return await due_at(self, value, summary, calendar)

    # --- what happens ---------------------------------------------------------------------------

    def changed(self) -> None:
        """Something may be different: wake what waits and show where the case stands."""
        self.bell.ring()
        self.effects.publish(shown(self))

    def note(self, kind: str, text: str, **facts: Any) -> None:
        """Write a line of the case's timeline and of its audit."""
        line = {"at": self.now_text(), "kind": kind, "text": text}
        line.update({name: value for name, value in facts.items() if value is not None})
        self.state.timeline.append(line)
        del self.state.timeline[:-TIMELINE_LENGTH]
        self.recorder.audit(line)

    def trace(self, **facts: Any) -> None:
        """Say what happened to whoever observes this run; nothing is kept."""
        for observer in self.observers:
            observer({"at": self.now_text(), **facts})

    def react(self, event: dict[str, Any]) -> bool:
        """Offer an event to what is declared beside the flow."""
        if event["type"] == "case.finished":
            data = event["data"]
            if data["case"] in self.state.children:
                self.state.children[data["case"]] = {
                    "as": data["as"],
                    "output": data.get("output"),
                    "error": data.get("error"),
                }
                return True
        self.clocks.offer(event)
        return self.reactions.offer(event)

    def move_flow(self, task: str, reason: str) -> None:
        """Withdraw what the flow waits for and let it go on at a top-level task."""
        self.state.go_to = task
        self.note("reaction", f"{reason}: go to {task}")
        self.changed()

    def triggers(self, trigger: Any, event: dict[str, Any]) -> bool:
        """Whether an event is the one that a trigger names."""
        return triggered(trigger, event)

    # --- snapshot -------------------------------------------------------------------------------

    async def settle(self) -> None:
        """Stop beginning actions and wait for those in flight; then a snapshot is legal."""
        self.stopping = True
        await wait_until(self.effects, self.bell, lambda: self.in_flight == 0)

    def snapshot(self) -> dict[str, Any]:
        """The whole state as JSON.

        Raises:
            RuntimeError: an action is in flight.
        """
        if self.in_flight:
            raise RuntimeError("no snapshot while an action is in flight")
        return self.state.to_json()

    def drop(self) -> None:
        """Let go of everything: another run goes on from a snapshot."""
        self.dropped = True
        for part in self.parts:
            part.cancel()

    def remember(self, command: str, result: Any) -> None:
        """Keep the first result of an answer or command id."""
        answered = self.state.answered
        answered[command] = result
        while len(answered) > REMEMBERED_IDS:
            del answered[next(iter(answered))]
