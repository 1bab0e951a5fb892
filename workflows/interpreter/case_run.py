"""One case: its flow, what runs beside it, its doors, and its end."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, TypeGuard

from language.plan import Call, Plan, ReopenRules, Task
from service import work_items
from service.drill import is_done, is_drill, would
from service.forms import check
from service.instants import read_instant, write_instant
from service.work_items import WorkItem
from workflows.effects import Action, ActionFailed, CaseStart, View
from workflows.interpreter import backstops, bookings, case_data, chain
from workflows.interpreter.bell import Bell, wait_until
from workflows.interpreter.bodies import run_body
from workflows.interpreter.clock_keeper import ClockKeeper
from workflows.interpreter.deadline import begin, withdraw
from workflows.interpreter.due import due_at, elapsed
from workflows.interpreter.errors import CaseError
from workflows.interpreter.escalations import Escalations
from workflows.interpreter.events import Events, triggered
from workflows.interpreter.frames import Frame
from workflows.interpreter.held_notices import HeldNotices
from workflows.interpreter.lifecycle import Lifecycle
from workflows.interpreter.linking import Linking
from workflows.interpreter.matter import Matter
from workflows.interpreter.membership import Membership
from workflows.interpreter.migration import Given, Obstacle, migrate
from workflows.interpreter.reactions import Reactions
from workflows.interpreter.recorder import Recorder
from workflows.interpreter.scope import Point, Scope
from workflows.interpreter.sequence import index_of, run_tasks
from workflows.interpreter.sizes import LARGEST, LONGEST_TEXT, hold_to_size, shortened, too_large
from workflows.interpreter.state import REMEMBERED_IDS, TIMELINE_LENGTH, CaseState
from workflows.interpreter.subscribing import Subscribing
from workflows.interpreter.suspension import Suspension
from workflows.interpreter.task import keeps_result
from workflows.interpreter.tasks.call import reverse
from workflows.interpreter.tasks.run_workflow import look_after
from workflows.interpreter.undoing import Undoing
from workflows.interpreter.view import shown
from workflows.interpreter.withdrawals import Withdrawals

if TYPE_CHECKING:
    from workflows.effects import Effects

LAST_NOTICES_SECONDS = 3600.0
"""How long begun reactions may take after the flow's end."""

LONGEST_SUMMARY = 120

BUSY_LIMIT = 10_000
"""Tasks that may run without waiting for anything: more is an endless loop."""
STEPS_OF_A_TASK = 150
"""Steps of expressions that count as much as one task."""


class CaseRun:
    """Interprets a plan for one case. All it remembers is in `state`."""

    def __init__(self, plan: Plan, digest: str, effects: Effects, state: CaseState) -> None:
        self.plan = plan
        self.digest = digest
        self.effects = effects
        self.state = state
        self.bell = Bell(in_order=state.semantics >= 15)
        self.events = Events(self)
        self.reactions = Reactions(self)
        self.clocks = ClockKeeper(self)
        self.escalations = Escalations(self)
        self.held_notices = HeldNotices(self)
        self.recorder = Recorder(self)
        self.lifecycle = Lifecycle(self)
        self.subscribing = Subscribing(self)
        self.linking = Linking(self)
        self.matter = Matter(self)
        self.membership = Membership(self)
        self.undoing = Undoing(self)
        self.withdrawals = Withdrawals(self)
        self.suspension = Suspension(self)
        self._handed = 0
        """Bytes that the actions under way were given."""
        self.in_flight = 0
        """Actions and reads that have begun and not ended: no snapshot while there are any."""
        self.stopping = False
        """Whether a snapshot is wanted: no new action begins."""
        self.dropped = False
        """Whether another run goes on from this one's snapshot: nothing is ended here."""
        self.observers: list[Callable[[dict[str, Any]], None]] = []
        """Called with every traced step: how a rehearsal sees what happened."""
        self.counters: list[Callable[[str], None]] = []
        """Called with every place of the definition that is passed."""
        self.witnesses: list[Callable[[str, Task, Any], None]] = []
        """Called when a task is started (its input), skipped, completed (its output), faulted (the
        error) or cancelled."""
        self.sealed = False
        """Whether the end is being recorded and nothing follows it: no door takes anything."""
        self.bug: BaseException | None = None
        """Why the interpreter itself failed: whoever drives the case must raise it."""
        self.parts: list[asyncio.Task[Any]] = []
        """What runs beside the main coroutine."""
        self.doing: str = ""
        """Name of the flow's newest task."""
        self.waits: dict[str, tuple[str, str]] = {}
        """Path of a task that waits -> its name, and what it waits for in words."""
        self._busy = 0
        self._computed = 0
        self._instant: tuple[datetime | None, str] = (None, "")
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
        ending = self.state.flow.get("ending")
        if ending is None:
            ending = await self._until_end()
            if self.suspension.holds:
                # It was merged, say: what follows waits for times, and nobody can resume it then.
                self.suspension.end(None, "the case ends")
            self.state.flow["ending"] = ending
        else:
            self._resume_beside()
        await self._finish(ending["as"], ending["error"])
        if ending["as"] == "failed":
            raise CaseError(ending["error"])
        if ending["as"] == "cancelled":
            raise asyncio.CancelledError((self.state.cancel or {}).get("reason"))
        return self.state.output

    async def _until_end(self) -> dict[str, Any]:
        """Walk until it is known how the case ends; a snapshot later on does not walk again."""
        state = self.state
        try:
            await self._main()
        except CaseError as error:
            told = error.error if self.level < 13 else shortened(error.error)
            return {"as": "failed", "error": told}
        except asyncio.CancelledError:
            if self.dropped:
                raise
            if state.closed is None:
                if state.cancel is None:
                    state.cancel = {"reason": "cancelled", "by": None}
                return {"as": "cancelled", "error": None}
            # Only the time in which it could be reopened is cut short: what was done is done.
        return {"as": "completed", "error": None}

    async def _main(self) -> None:
        state = self.state
        if "begun" not in state.flow:
            self._begin()
        self._resume_beside()
        await self.membership.join()
        rules = self.plan.rules.reopen
        while True:
            if state.closed is None:
                await self._walk_through()
            if rules is None or state.merged is not None:
                return
            if state.closed is None:
                await self._close(rules)
            if not await self._reopened(rules):
                return

    def _resume_beside(self) -> None:
        if "letGo" in self.state.flow:
            self.clocks.closed = True
            self.reactions.go_on()
        elif self.state.closed is None:
            self.clocks.resume()
            self.reactions.resume()
        self.undoing.resume()
        self.suspension.resume()
        self.recorder.resume()
        self.lifecycle.resume()
        self.subscribing.resume()
        self.withdrawals.resume()
        self.escalations.resume()
        self.held_notices.resume()
        self.membership.resume()
        self.matter.resume()
        self.linking.resume()
        for case in self.state.unwanted:
            begin(self, self._cancel_part(case))

    async def _walk_through(self) -> None:
        """Walk the flow to its end, wherever reactions move it."""
        state = self.state
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
            if state.merged is not None:
                await withdraw(self._flow)
                state.output = {"mergedInto": state.merged["into"]}
                return
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
        problem = too_large("the output of the case", output) if self.level >= 13 else None
        if problem is not None:
            raise CaseError.of("runtime", problem, "/", title="TooLarge")
        state.output = output

    # --- after the flow -------------------------------------------------------------------------

    async def _close(self, rules: ReopenRules) -> None:
        """The flow is over, and for a while an event can let it go on."""
        state = self.state
        state.over = True
        until = write_instant(await self.due_at(rules.window, "until when it can be reopened"))
        await self._let_go("completed")
        state.closed = {"as": "completed", "at": self.now_text(), "until": until}
        self.lifecycle.case("completed")
        self.note("closed", f"can be reopened until {until}")
        self.changed()

    async def _reopened(self, rules: ReopenRules) -> bool:
        """Wait for an event that reopens the case; False where its time has passed."""
        state = self.state
        assert state.closed is not None
        await chain.go_on(self, "completed")
        if "told" not in state.closed:
            await self._tell_whole("completed", None)
            state.closed["told"] = True
        while True:
            asked = backstops.PLACE in state.held
            await wait_until(
                self.effects,
                self.bell,
                partial(self._may_go_on, asked=asked),
                # Somebody is asked whether it goes on: that is waited for.
                None if asked else read_instant(state.closed["until"]),
                "can be reopened",
            )
            over = any(each is not None for each in (state.reopened, state.cancel, state.merged))
            if over or (backstops.PLACE in state.held) is asked:
                break
        event = state.reopened
        if event is None:
            return False
        state.closed = state.reopened = None
        state.over = False
        state.flow["tasks"] = {"at": index_of(self.plan.tasks, rules.at, "/do"), "raw": event}
        state.flow.pop("deadline", None)
        self.lifecycle.case("resumed")
        if self.level >= 16:
            state.held.pop(backstops.PLACE, None)
            state.reopenings.append(self.now_text())
        self.note("reopened", f"{event['type']}: the flow goes on at {rules.at}", task=rules.at)
        self.trace(reopens=rules.at)
        self.clocks.resume()
        self.reactions.resume()
        self.subscribing.attend()
        self.react(event)
        self.changed()
        return True

    def _may_go_on(self, *, asked: bool) -> bool:
        """Whether a closed case goes on or ends, or an operator is, or is no longer, asked about it."""
        state = self.state
        if any(each is not None for each in (state.reopened, state.cancel, state.merged)):
            return True
        return backstops.decided(self) or (backstops.PLACE in state.held) is not asked

    def can_reopen(self, event: dict[str, Any]) -> bool:
        """Whether the flow is over and this event lets it go on."""
        rules = self.plan.rules.reopen
        wanted = rules.when if rules is not None and self.state.over else ()
        return any(triggered(each, event) for each in wanted)

    def reopen(self, event: dict[str, Any]) -> None:
        """Let the flow go on; the first event decides with what."""
        if self.state.reopened is None:
            self.state.reopened = event
        self.changed()

    async def _finish(self, how: str, error: Mapping[str, Any] | None) -> None:
        """Carry the end out, whatever is asked for meanwhile: it has begun."""
        ending = begin(self, self._end(how, error))
        while not ending.done():
            try:
                await asyncio.shield(ending)
            except asyncio.CancelledError:
                if self.dropped or ending.cancelled():
                    raise

    def _begin(self) -> None:
        state = self.state
        rules = self.plan.rules
        plan = self.plan
        self.lifecycle.case(
            "started",
            definition={"name": plan.name, "namespace": plan.namespace, "version": plan.version},
        )
        self._check(self.plan.input.schema, state.input, "input")
        state.transformed = Point(self).evaluate(self.plan.input.value, state.input)
        if rules.statuses:
            state.record["status"] = next(iter(rules.statuses))
        self.membership.begin()
        if rules.start.record is not None:
            record = Point(self).evaluate(rules.start.record, state.input)
            state.record.update(
                {name: value for name, value in record.items() if name in case_data.FIELDS}
            )
        state.flow["begun"] = True
        self.subscribing.attend()
        self.note("started", f"{self.plan.name} {self.plan.version}")
        chain.started(self)
        if rules.statuses:
            status = state.record["status"]
            self.trace(status=status)
            phase = rules.statuses[status].phase
            self.events.happened(
                "status.changed", {"from": None, "to": status, "toPhase": phase, "reason": None}
            )
        for name in ("message", "thread"):
            # The mail that brought the case, as intake and the cases started by it hand it on.
            brought = state.transformed.get(name) if isinstance(state.transformed, dict) else None
            if isinstance(brought, dict):
                self.recorder.message(brought.get("messageId"), "in", state.started_at)
        self.recorder.keep()
        self.changed()

    def _flow_settled(self) -> bool:
        assert self._flow is not None
        state = self.state
        # A suspended case does not come to its end either, and neither does one that undoes something.
        busy = self.suspension.holds or self.undoing.is_busy
        over = self._flow.done() and not busy
        moved = state.go_to is not None or state.cancel is not None
        return over or moved or state.merged is not None

    async def _walk(self) -> tuple[Any, str]:
        return await run_tasks(
            self, self.plan.tasks, Frame(self.state.flow).child("tasks"), self.state.transformed,
            Scope(),
        )  # fmt: skip

    def _moved(self, name: str) -> None:
        state = self.state
        raw = state.flow.get("tasks", {}).get("raw", state.transformed)
        state.flow["tasks"] = {"at": index_of(self.plan.tasks, name, "/do"), "raw": raw}
        self._release(lambda held: held.get("beside") or "undo" in held)
        state.go_to = None
        self.note("moved", f"the flow goes on at {name}", task=name)

    async def _end(self, how: str, error: Mapping[str, Any] | None = None) -> None:
        state = self.state
        if state.ended is None:
            closed = state.closed
            undone: list[dict[str, str]] = []
            if closed is None and self.level < 16:
                await self._let_go(how)
            elif closed is None:
                undone = await self._wind_up(how, error)
            await self.held_notices.drop()
            ended: dict[str, Any] = {"as": how, "at": closed["at"] if closed else self.now_text()}
            if state.merged is not None and how == "completed":
                ended["mergedInto"] = state.merged["into"]
            if undone:
                ended["undone"] = undone
            if error is not None:
                ended["error"] = dict(error)
            if how == "cancelled" and state.cancel is not None:
                ended["reason"] = state.cancel["reason"]
                ended["by"] = state.cancel.get("by")
            state.ended = ended
            if closed is None:
                phase = {"failed": "faulted"}.get(how, how)
                self.lifecycle.case(phase, **({"error": dict(error)} if error is not None else {}))
            self.note(how, (error or {}).get("detail") or ended.get("reason") or "")
            self.changed()
        await self.membership.close()
        await self.matter.close()
        await chain.go_on(self, how)
        await self.withdrawals.close()
        await self.lifecycle.close()
        await self.recorder.close()
        if state.closed is None:
            await self._tell_whole(how, error)

    async def _wind_up(self, how: str, error: Mapping[str, Any] | None) -> list[dict[str, str]]:
        """Let go of everything; where the case did not come to its own end, undo what was done.

        Returns:
            What became of the undos, in their order.
        """
        state = self.state
        flow = state.flow
        if "letGo" not in flow:
            if how == "completed" and self.undoing.is_busy:
                # It was merged into another one while it undid something.
                await wait_until(self.effects, self.bell, lambda: not self.undoing.is_busy)
            await self._let_go(how)
            flow["letGo"] = True
        if how == "completed":
            return []
        if "undone" not in flow:
            flow["undone"] = await self.undoing.everything()
            self.reactions.last(
                {
                    "id": "",
                    "type": f"case.{how}",
                    "time": self.now_text(),
                    "data": {**(state.cancel or {}), "error": error, "undone": flow["undone"]},
                }
            )
        await self.reactions.finish(LAST_NOTICES_SECONDS)
        undone: list[dict[str, str]] = flow["undone"]
        return undone

    async def _let_go(self, how: str) -> None:
        """Bring what runs beside the flow to its end."""
        state = self.state
        await self.subscribing.close()
        await self.escalations.close(how)
        if how != "cancelled":
            await self.clocks.settled()
            await self.reactions.finish(LAST_NOTICES_SECONDS)
        else:
            await self.reactions.drop()
        self.clocks.close()
        self._withdraw_items(how)
        bookings.give_back_all(self, f"the case ended as {how}")
        self._release(lambda held: "undo" in held)
        state.buffer.clear()
        await self.held_notices.finish(how)
        # The last reactions may have started one.
        await self.escalations.close(how)

    def _release(self, stays: Callable[[Mapping[str, Any]], object]) -> None:
        """Nobody has to decide any more about held tasks, but for those that go on all the same."""
        held = self.state.held
        for place in [place for place, each in held.items() if not stays(each)]:
            del held[place]

    async def _tell_whole(self, how: str, error: Mapping[str, Any] | None) -> None:
        """Tell the case of which this one is a part that it has ended."""
        state = self.state
        whole = state.record.get("partOf")
        if whole:
            data = {"case": state.id, "as": how, "output": state.output, "error": error}
            await self.send(whole, {"id": f"end:{state.id}", "type": "case.finished", "data": data})

    def _withdraw_items(self, how: str) -> None:
        why = f"the case ended as {how}"
        if how == "cancelled" and self.state.cancel is not None:
            why += f": {self.state.cancel['reason']}"
        for name, item in self.state.items.items():
            if item["state"] in work_items.OPEN and not self.undoing.asks(item["task"]):
                gone = work_items.withdraw(WorkItem.from_json(item), self.now_text(), why)
                self.state.items[name] = gone.to_json()
                self.recorder.item(self.state.items[name])
                self.withdrawals.tell(item)

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
        now = self.effects.now()
        if now != self._instant[0]:
            self._instant = (now, write_instant(now))
        return self._instant[1]

    def later(self, seconds: float) -> datetime:
        """So many seconds from now."""
        return self.effects.now() + timedelta(seconds=seconds)

    @property
    def is_drill(self) -> bool:
        """Whether the case is a drill: it writes nothing outside, and tells the drill list only."""
        return is_drill(self.state.id)

    @property
    def level(self) -> int:
        """Level of the interpreter's behavior that the case started with."""
        return self.state.semantics

    @property
    def phase(self) -> str:
        """open, waiting, resolved, closed, held or cancelled."""
        return case_data.phase(self)

    def phase_of(self, phase: str) -> str:
        """What a status of this phase means now: with what the case waits for, it waits."""
        return "waiting" if phase == "open" and self.state.waits_inside else phase

    def body(
        self, task: Task, frame: Frame, n: int, given: Any, scope: Scope
    ) -> Coroutine[Any, Any, tuple[Any, str | None]]:
        """The body of a task, to be awaited."""
        return run_body(self, task, frame, n, given, scope)

    def sequence(
        self, tasks: tuple[Task, ...], frame: Frame, given: Any, scope: Scope
    ) -> Coroutine[Any, Any, tuple[Any, str]]:
        """A list of tasks, to be awaited."""
        return run_tasks(self, tasks, frame, given, scope)

    def holds(self, scope: Scope) -> bool:
        """Whether an error that nothing catches keeps the case waiting here."""
        return scope.beside or self.plan.rules.on_error == "hold"

    def step(self, task: Task, scope: Scope) -> None:
        """A task begins. Ends a definition that runs in a circle without waiting.

        Raises:
            CaseError: type `runtime`, after very many tasks without any wait.
        """
        self._busy += 1
        if self._busy + self._computed // STEPS_OF_A_TASK > BUSY_LIMIT:
            circle = CaseError.of(
                "runtime",
                f"{BUSY_LIMIT} tasks, or as much computing, ran without waiting for anything: "
                "the flow goes in a circle",
                task.path,
            )
            circle.uncatchable = self.level >= 11
            raise circle
        if not scope.beside:
            self.doing = task.name

    def spent(self, steps: int) -> None:
        """Expressions were evaluated: counted until the case waits."""
        if self.level >= 10:
            self._computed += steps

    def waiting(self, task: Task, what: str, scope: Scope) -> None:
        """Say what the case waits for; `rested` takes it back."""
        self._busy = self._computed = 0
        if scope.beside:
            # What runs beside the flow does not hide where the flow stands.
            return
        self.waits[task.path] = (task.name, what)
        self.state.rested = True
        self.changed()

    def rested(self, task: Task) -> None:
        """A task is over and waits for nothing any more."""
        self.waits.pop(task.path, None)

    @property
    def at(self) -> str:
        """What the flow does or waits for, in words; empty after the end."""
        if self.state.ended is not None or self.state.closed is not None:
            return ""
        said = [f"{name}: {what}" for name, what in self.waits.values()]
        return "; ".join(said) or self.doing

    @property
    def steps(self) -> tuple[str, ...]:
        """Names of the tasks at which the flow stands."""
        if self.state.ended is not None or self.state.closed is not None:
            return ()
        names = tuple(dict.fromkeys(name for name, _ in self.waits.values()))
        return names or ((self.doing,) if self.doing else ())

    def occurrence(self, path: str) -> int:
        """Count a task as begun once more."""
        n = self.state.occurrences.get(path, 0) + 1
        if path in self.state.spent:
            n = max(n, self.state.spent[path] + 1)
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

    def key_of(self, path: str, n: int) -> str:
        """Idempotency key: first run, task path, occurrence. A migration changes none."""
        return f"{self.state.first_run}:{self.state.key_paths.get(path, path)}#{n}"

    def moves_to(self, new: Plan, given: Given) -> tuple[dict[str, Any], list[Obstacle]]:
        """The case's snapshot in another version of its definition, and what is in the way."""
        state = {**self.state.to_json(), "migratedAt": self.now_text()}
        return migrate(self.plan, new, state, given)

    def move(self, new: Plan, digest: str) -> dict[str, Any] | None:
        """Carry out the migration that was asked for, at a moment without actions.

        Returns:
            The snapshot that the new version goes on from; None where something is in the way now.
        """
        state = self.state
        asked = state.migrating
        assert asked is not None
        _, obstacles = self.moves_to(new, Given.from_json(asked["map"]))
        state.migrating = None
        told = {
            "id": asked["id"],
            "from": {"version": self.plan.version, "digest": self.digest},
            "to": {"version": new.version, "digest": digest},
        }
        if obstacles:
            state.migrated = {
                **told, "state": "refused", "obstacles": [each.to_json() for each in obstacles]
            }  # fmt: skip
            why = "; ".join(each.reason for each in obstacles)
            self.note("migration", f"not moved to {new.version}: {why}", by=asked["by"])
            self.changed()
            return None
        state.migrated = {**told, "state": "migrated", "obstacles": []}
        self.note(
            "migrated",
            f"{self.plan.version} -> {new.version}"
            + (f": {asked['reason']}" if asked.get("reason") else ""),
            by=asked["by"],
            reason=asked.get("reason"),
            fromDigest=self.digest,
            toDigest=digest,
        )
        state.outbox["row"] = True
        moved, _ = self.moves_to(new, Given.from_json(asked["map"]))
        return moved

    def not_moved(self, why: str) -> None:
        """What `move` has made of the case could not be gone on from."""
        told = self.state.migrated or {}
        obstacle = {"place": "/", "reason": why}
        self.state.migrated = {**told, "state": "refused", "obstacles": [obstacle]}
        self.note("migration", f"not moved after all: {why}")
        self.changed()

    def document(self) -> dict[str, Any]:
        """What expressions see as the workflow's definition."""
        plan = self.plan
        if plan.definition is not None:
            whole: dict[str, Any] = plan.definition
            return whole
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

    def is_alone(self, scope: Scope) -> bool:
        """Whether nothing is under way but the task of this scope, and nothing is waited for.

        Only of a case that only acts: what others see of a case is written beside it.
        """
        rules = self.plan.rules
        return self.level >= 6 and not (
            scope.beside
            or scope.forked
            or self.in_flight
            or self.bell.alarms
            or self.recorder.keeps
            or self.state.announces
            or rules.clocks
            or rules.reactions
        )

    async def act(self, action: Action) -> Any:
        """Carry out an action.

        Raises:
            ActionFailed: as `Effects.act`, or kind `TooLarge`.
        """
        if self.is_drill and not is_done(action.function, action.arguments):
            return await self._spared(action)
        return await self._carried_out(action)

    async def _spared(self, action: Action) -> Any:
        """An action of a drill that would write: its activity does nothing, and the history says what.

        Raises:
            ActionFailed: as `Effects.act`.
        """
        said = would(action.function, action.arguments)
        shown = replace(action, summary=f"drill, {said}"[:LONGEST_SUMMARY])
        result = await self._carried_out(shown)
        self.note("drill", said)
        return result

    async def _carried_out(self, action: Action) -> Any:
        if self.level < 13:
            return await self._inside(self.effects.act(action))
        handed = hold_to_size(f"what {action.function} gets", action.request(self.digest))
        if self.level >= 15:
            await self._room_for(handed)
        self._handed += handed
        try:
            return await self._inside(self.effects.act(action))
        finally:
            self._handed -= handed

    async def _room_for(self, handed: int) -> None:
        """Return when an action fits beside those under way: the server takes 4 MB from one task."""
        await wait_until(
            self.effects,
            self.bell,
            lambda: not self._handed or self._handed + handed <= LARGEST,
        )

    async def read(self, name: str, arguments: Mapping[str, Any], summary: str) -> Any:
        """Carry out a safe read.

        Raises:
            ActionFailed: as `Effects.read`, or kind `TooLarge`.
        """
        if self.level >= 13:
            hold_to_size(f"what {name} gets", arguments)
        return await self._inside(self.effects.read(name, arguments, summary))

    async def start_case(self, start: CaseStart) -> bool:
        """Start another case; False where it runs or ran already."""
        started: bool = await self._inside(self.effects.start_case(start))
        return started

    async def record(self, payload: Mapping[str, Any], *, last: bool) -> None:
        """Keep a projection of the case outside of it."""
        await self._inside(self.effects.record(payload, last=last))

    async def part_ended(self, case: str) -> Mapping[str, Any] | None:
        """How a part of this case has ended; None while it goes on."""
        ended: Mapping[str, Any] | None = await self._inside(self.effects.part_ended(case))
        return ended

    async def announce(self, events: Sequence[Mapping[str, Any]]) -> Sequence[str]:
        """Deliver lifecycle events.

        Raises:
            ActionFailed: as `Effects.announce`.
        """
        refused: Sequence[str] = await self._inside(self.effects.announce(events))
        return refused

    async def send(self, case: str, event: Mapping[str, Any]) -> str:
        """Deliver an event to another case."""
        state: str = await self._inside(self.effects.send(case, event))
        return state

    async def subscribe(self, subscription: Mapping[str, Any]) -> None:
        """Tell the routers of events what the case listens to.

        Raises:
            ActionFailed: as `Effects.subscribe`.
        """
        await self._inside(self.effects.subscribe(subscription))

    async def unsubscribe(self, subscription: Mapping[str, Any]) -> None:
        """Take a subscription back.

        Raises:
            ActionFailed: as `Effects.unsubscribe`.
        """
        await self._inside(self.effects.unsubscribe(subscription))

    @property
    def is_closing(self) -> bool:
        """Whether no task of the flow begins any more, unless an event reopens the case."""
        state = self.state
        over = state.over or state.closed is not None or state.merged is not None
        return over or state.ended is not None or self.is_ending

    @property
    def withdraws(self) -> bool:
        """Whether the case is cancelled, and its flow and reactions are about to be withdrawn."""
        state = self.state
        return (
            self.level >= 16
            and state.cancel is not None
            and not state.over
            and "letGo" not in state.flow
        )

    @property
    def is_ending(self) -> bool:
        """Whether it is clear how the case ends, and only that is carried out."""
        return self.state.cancel is not None or "ending" in self.state.flow

    def cancel(self, reason: str, by: str | None = None) -> bool:
        """Let the case end as cancelled; False where it ends already, however that is."""
        state = self.state
        if self.is_ending:
            return False
        state.cancel = {"reason": reason, "by": by}
        self.note("cancel", reason, by=by)
        if self.suspension.holds:
            # What is undone, and said at the end, begins now.
            self.suspension.end(by, reason)
        self.changed()
        return True

    def cancel_part(self, case: str) -> None:
        """Ask a part of this case to end; its end is waited for only where more is undone then."""
        if self.level >= 16 and case in self.state.children:
            self.state.children[case]["unwanted"] = True
        self.state.unwanted.append(case)
        begin(self, self._cancel_part(case))

    async def _cancel_part(self, case: str) -> None:
        await self._inside(self.effects.cancel_case(case, "no longer needed"))
        self.state.unwanted.remove(case)

    async def _inside(self, effect: Coroutine[Any, Any, Any]) -> Any:
        self._busy = self._computed = 0
        if self.stopping:
            effect.close()
            await self.may_begin()
        self.in_flight += 1
        task = asyncio.current_task()
        try:
            result = await effect
        except ActionFailed:
            if task is not None and task.cancelling():
                # It failed because it was withdrawn, or just before: nobody asks any more.
                raise asyncio.CancelledError from None
            raise
        finally:
            self.in_flight -= 1
            self.bell.ring()
        if task is not None and task.cancelling():
            # The action ended before its cancel reached it: the flow is withdrawn all the same.
            raise asyncio.CancelledError
        return result

    def look_after(self, child: str) -> Coroutine[Any, Any, None]:
        """Ask from time to time whether a part has ended, to be awaited."""
        return look_after(self, child)

    async def reverse(self, task: Task, frame: Frame, n: int, result: Any, scope: Scope) -> None:
        """Let a function undo its own result (`undo: reverse-items`).

        Raises:
            CaseError: it could not, and an operator gives it up.
        """
        assert isinstance(task, Call)
        await reverse(self, task, frame, n, result, scope)

    async def may_begin(self) -> None:
        """Return where an action may begin; not while a snapshot is wanted.

        What would begin now begins in the run that the snapshot starts.
        """
        await wait_until(self.effects, self.bell, lambda: not self.stopping)

    async def due_at(self, value: Any, summary: str, group: str | None = None) -> datetime:
        """The instant that a due time means: a duration, `{at: time}` or `{clock: name}`.

        Working time of a `group` counts in its calendar.

        Raises:
            CaseError: the value cannot be understood, or the clock has no deadline.
        """
        return await due_at(self, value, summary, group)

    # --- what happens ---------------------------------------------------------------------------

    def changed(self) -> None:
        """Something may be different: wake what waits and show where the case stands."""
        self.bell.ring()
        self.membership.look()
        self.matter.look()
        self.recorder.look()
        self.effects.publish(self._shown)

    def _shown(self) -> View:
        return shown(self)

    def note(self, kind: str, text: str, **facts: Any) -> None:
        """Write a line of the case's timeline and of its audit."""
        state = self.state
        state.facts += 1
        if self.level >= 13:
            text = text[:LONGEST_TEXT]
        line = {"n": state.facts, "at": self.now_text(), "kind": kind, "text": text}
        line.update({name: value for name, value in facts.items() if value is not None})
        state.timeline.append(line)
        del state.timeline[:-TIMELINE_LENGTH]
        self.recorder.audit(line)

    def trace(self, **facts: Any) -> None:
        """Say what happened to whoever observes this run; nothing is kept."""
        for observer in self.observers:
            observer({"at": self.now_text(), **facts})

    def passed(self, place: str) -> None:
        """Tell whoever counts that the case passes a place of its definition."""
        for counter in self.counters:
            counter(place)

    def witness(self, phase: str, task: Task, value: Any = None) -> None:
        """Tell whoever watches the tasks what happens to one; nothing is kept."""
        for each in self.witnesses:
            each(phase, task, value)

    def react(self, event: dict[str, Any]) -> bool:
        """Offer an event to what is declared beside the flow."""
        # Only a part tells this of itself; what is published has a source, and anybody may publish.
        if event["type"] == "case.finished" and not event.get("source"):
            data = event.get("data")
            if _tells_an_end(data) and data["case"] in self.state.children:
                self.state.children[data["case"]] = {
                    **self.state.children[data["case"]],
                    "as": data["as"],
                    "output": data.get("output"),
                    "error": data.get("error"),
                }
                self.escalations.part_ended(data["case"])
                if self.level >= 16:
                    self.matter.ended(data["case"])
                return True
        if self.escalations.offer(event) or self.suspension.heard(event):
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

    def go_on(self) -> None:
        """No snapshot is wanted any more."""
        self.stopping = False
        self.bell.ring()

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


def _tells_an_end(data: Any) -> TypeGuard[dict[str, Any]]:
    """Whether this is what a part tells of its end; a signal of that name may carry anything."""
    return isinstance(data, dict) and all(isinstance(data.get(n), str) for n in ("case", "as"))
