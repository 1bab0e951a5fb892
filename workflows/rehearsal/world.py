"""The rehearsal world: many cases on one virtual clock, with scripted people and systems."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from language.plan import ENGINE_SEMANTICS, Plan, Task
from service.errors import ServiceError
from service.instants import write_instant
from service.reads import READS, kept_calendars, with_calendars
from workflows.effects import Action, ActionFailed, CaseStart, View
from workflows.interpreter.case_run import CaseRun
from workflows.interpreter.errors import PREFIX, CaseError
from workflows.interpreter.state import CaseState
from workflows.plans import decode_plan
from workflows.rehearsal.bus import Bus
from workflows.rehearsal.loop import VirtualLoop, WorldStuck
from workflows.rehearsal.systems import Systems
from workflows.rehearsal.turns import Turns

MOST_AT_ONCE = 5_000
"""Actions and parts that begin while no time passes: more is a circle in a definition."""


@dataclass(frozen=True, slots=True)
class Published:
    """A definition that the world can start."""

    plan: Plan
    digest: str
    level: int | None = None
    """Level of the interpreter that its cases start with; None is the newest."""


@dataclass(slots=True)
class Done:
    """One action that was carried out."""

    at: str
    case: str
    function: str
    key: str
    arguments: Mapping[str, Any]
    path: str
    result: Any = None
    error: str | None = None


@dataclass(slots=True)
class WorldCase:
    """A case of the world: its run now, and how it ended."""

    run: CaseRun
    effects: WorldEffects
    task: asyncio.Task[Any]
    version: str
    snapshots: int = 0


@dataclass(slots=True)
class World:
    """Cases, systems and time. `restart` takes every legal snapshot and starts again from it."""

    start: datetime
    definitions: Mapping[str, Published]
    organization: Mapping[str, Any]
    systems: Systems
    restart: bool = False
    loop: VirtualLoop = field(init=False)
    bus: Bus = field(init=False)
    turns: Turns = field(init=False)
    cases: dict[str, WorldCase] = field(default_factory=dict)
    actions: list[Done] = field(default_factory=list)
    observers: list[Callable[[dict[str, Any]], None]] = field(default_factory=list)
    """Called with every step of every case."""
    witnesses: list[Callable[[str, str, Task, Any], None]] = field(default_factory=list)
    """Called with a case, what became of one of its tasks, that task, and its input, output or error."""
    passed: dict[str, dict[str, None]] = field(default_factory=dict)
    """Definition -> places that its cases have passed."""
    announces: bool = False
    """Whether there is a sink for lifecycle events."""
    announced: list[dict[str, Any]] = field(default_factory=list)
    """Lifecycle events of all cases, in the order of their delivery."""
    watchers: list[Callable[[], None]] = field(default_factory=list)
    """Called whenever the world has come to rest at an instant."""
    _now: tuple[float, datetime] | None = field(default=None, init=False)
    _calendars: dict[str, Mapping[str, Any]] = field(default_factory=dict, init=False)
    """Calendars that clocks were read with, by digest: a running clock keeps its own."""
    _begun: tuple[float, int] = field(default=(0.0, 0), init=False)
    """An instant, and how many actions and parts began at it."""

    def __post_init__(self) -> None:
        self.loop = VirtualLoop(self.start.timestamp())  # type: ignore[abstract]
        self.bus = Bus(self)
        self.turns = Turns(self)

    def now(self) -> datetime:
        """The world's time."""
        seconds = self.loop.time()
        if self._now is None or self._now[0] != seconds:
            self._now = (seconds, datetime.fromtimestamp(seconds, UTC))
        return self._now[1]

    def begins(self) -> None:
        """Count an action or a part that begins.

        Raises:
            WorldStuck: too many have begun while no time has passed.
        """
        now = self.loop.time()
        count = self._begun[1] + 1 if self._begun[0] == now else 1
        self._begun = (now, count)
        if count > MOST_AT_ONCE:
            raise WorldStuck(
                f"{MOST_AT_ONCE} actions begin at one instant: the flow goes in a circle without waiting"
            )

    # --- cases ----------------------------------------------------------------------------------

    def open(
        self,
        definition: str,
        case: str,
        input: Any,
        link: Mapping[str, Any] | None = None,
        schedule: Mapping[str, Any] | None = None,
    ) -> bool:
        """Start a case; False where one with this id was started before.

        `schedule` is what `CaseState.schedule` says of a case that starts by itself.
        """
        if case in self.cases:
            return False
        published = self.definitions.get(definition)
        if published is None:
            known = ", ".join(sorted(self.definitions))
            raise ActionFailed(
                "NotFound", f"there is no definition {definition!r}; known: {known}", 404
            )
        state = CaseState(
            id=case,
            key=case.partition(":")[2] or case,
            first_run=f"run-{len(self.cases) + 1}",
            started_at=write_instant(self.now()),
            input=input,
            semantics=ENGINE_SEMANTICS if published.level is None else published.level,
            schedule=None if schedule is None else dict(schedule),
            announces=self.announces,
        )
        if link is not None:
            state.record["links"] = [dict(link)]
            if link.get("kind") == "part":
                state.record["partOf"] = link["case"]
        self._begin(published, state)
        return True

    def _begin(self, published: Published, state: CaseState) -> None:
        effects = WorldEffects(self, state.id)
        run = CaseRun(published.plan, published.digest, effects, state)
        run.observers.append(lambda line: self._observe(state.id, line))
        if self.witnesses:
            run.witnesses.append(partial(self._witness, state.id))
        passed = self.passed.setdefault(published.plan.name, {})
        run.counters.append(passed.setdefault)
        task = self.loop.create_task(run.run())
        before = self.cases.get(state.id)
        self.cases[state.id] = WorldCase(
            run, effects, task, published.plan.version, before.snapshots + 1 if before else 0
        )

    def _observe(self, case: str, line: dict[str, Any]) -> None:
        for observer in list(self.observers):
            observer({**line, "case": case, "in": self.cases[case].run.plan.name})

    def _witness(self, case: str, phase: str, task: Task, value: Any) -> None:
        for witness in self.witnesses:
            witness(case, phase, task, value)

    def read_organization(self, read: str, arguments: Mapping[str, Any]) -> Any:
        """The organization's answer, in the calendars that a running clock keeps.

        Raises:
            ServiceError: there is none.
        """
        if read != "clock.read":
            return READS[read](self.organization, arguments)
        kept = kept_calendars(self.organization, arguments)
        organization = with_calendars(
            self.organization, {name: self._calendars[digest] for name, digest in kept.items()}
        )
        reading = READS[read](organization, arguments)
        if reading["calendar"] is not None:
            self._calendars[reading["digest"]] = organization["calendars"][reading["calendar"]]
        return reading

    def deliver(self, case: str, event: dict[str, Any], *, routed: bool = False) -> str:
        """An event for a case: delivered, buffered, duplicate or refused."""
        found = self.cases.get(case)
        return "refused" if found is None else found.run.events.deliver(event, routed=routed)

    def part_failed(self, start: CaseStart) -> None:
        """Tell a case that a part of it could not even begin."""
        fault = {
            "type": PREFIX + "runtime",
            "status": 500,
            "title": "DefinitionNotFound",
            "detail": f"there is no definition {start.definition!r}",
        }
        data = {"case": start.id, "as": "failed", "output": None, "error": fault}
        event = {"id": f"end:{start.id}", "type": "case.finished", "data": data}
        self.deliver(start.link["case"], event)

    def _restart(self, case: WorldCase) -> None:
        """Go on from a snapshot, with nothing left of the run before."""
        snapshot = case.run.snapshot()
        case.effects.gone = True
        case.run.drop()
        case.task.cancel()
        published = self.definitions[case.run.plan.name]
        self._begin(published, CaseState.from_json(snapshot))

    def _move(self, case: WorldCase) -> None:
        """Go on with another version, as was asked for."""
        asked = case.run.state.migrating
        assert asked is not None
        published = Published(decode_plan(asked["plan"]), asked["plan"]["digest"])
        snapshot = case.run.move(published.plan, published.digest)
        if snapshot is None:
            return
        case.effects.gone = True
        case.run.drop()
        case.task.cancel()
        self.definitions = {**self.definitions, published.plan.name: published}
        self._begin(published, CaseState.from_json(snapshot))

    # --- time -----------------------------------------------------------------------------------

    def settle(self) -> None:
        """Run what can run at this instant; what the watchers do runs as well."""
        while True:
            self.loop.settle()
            for case in self.cases.values():
                if case.run.bug is not None:
                    raise case.run.bug
            for case in list(self.cases.values()):
                if case.run.state.migrating is not None and not case.run.in_flight:
                    self._move(case)
            if self.restart:
                for case in list(self.cases.values()):
                    legal = not case.run.in_flight and not case.task.done()
                    if legal and not case.run.state.ended and case.run.state.flow.get("begun"):
                        self._restart(case)
                self.loop.settle()
            ready = len(self.loop._ready)
            for watcher in list(self.watchers):
                watcher()
            if not self.loop._ready and not ready:
                return

    def run(self, until: datetime | None = None) -> None:
        """Let time pass until nothing is left to happen, or until an instant."""
        limit = None if until is None else until.timestamp()
        self.settle()
        while self.loop.advance(limit):
            self.settle()

    def close(self) -> None:
        """Drop everything that still runs."""
        for case in self.cases.values():
            case.effects.gone = True
            case.run.drop()
            case.task.cancel()
        self.loop.settle()

    def outcome(self, case: str) -> dict[str, Any]:
        """How a case stands: as completed, failed, cancelled, held or running."""
        found = self.cases[case]
        run = found.run
        ended = run.state.ended or run.state.closed
        error: Any = None
        if found.task.done() and not found.task.cancelled():
            raised = found.task.exception()
            if raised is not None and not isinstance(raised, CaseError | WorldStuck):
                raise raised
            if isinstance(raised, WorldStuck):
                raised = CaseError.of("runtime", str(raised), "/")
            error = raised.error if isinstance(raised, CaseError) else None
        as_ = ended["as"] if ended else "held" if run.state.held else "running"
        return {
            "as": as_,
            "status": run.state.record.get("status"),
            "output": run.state.output,
            "error": error,
            "at": ended["at"] if ended else write_instant(self.now()),
        }


class WorldEffects:
    """`Effects` of one case in the world."""

    def __init__(self, world: World, case: str) -> None:
        self._world = world
        self._case = case
        self.gone = False
        """Whether the run was replaced: nothing it still asks for happens."""
        self.look: Callable[[], View] = View

    async def _stays(self) -> None:
        if self.gone:
            await self._world.loop.create_future()

    def now(self) -> datetime:
        """The world's time."""
        return self._world.now()

    async def sleep_until(self, at: datetime, summary: str) -> None:
        """Return when the world's time has come."""
        del summary
        await self._stays()
        future: asyncio.Future[None] = self._world.loop.create_future()
        timer = self._world.loop.call_at(at.timestamp(), _wake, future)
        try:
            await future
        finally:
            timer.cancel()

    async def act(self, action: Action) -> Any:
        """The stub's answer, else the system's own."""
        await self._stays()
        world = self._world
        world.begins()
        done = Done(
            write_instant(world.now()),
            self._case,
            action.function,
            action.key,
            action.arguments,
            action.path,
        )
        world.actions.append(done)
        try:
            result = await world.systems.carry_out(world, self._case, action)
        except ActionFailed as error:
            done.error = str(error)
            raise
        done.result = result
        return result

    async def read(self, name: str, arguments: Mapping[str, Any], summary: str) -> Any:
        """The organization's answer."""
        del summary
        await self._stays()
        world = self._world
        if name == "case.lineage":
            return world.systems.lineage(world, arguments)
        if name == "definition.start":
            return world.systems.prepare(world, arguments)
        try:
            if name == "people.assign":
                return world.turns.assign(arguments)
            return world.read_organization(name, arguments)
        except ServiceError as error:
            raise ActionFailed("NotFound", str(error), 404) from error

    async def record(self, payload: Mapping[str, Any], *, last: bool) -> None:
        """Kept as the newest projection of the case."""
        del last
        await self._stays()
        self._world.systems.records.write(payload)

    async def announce(self, events: Sequence[Mapping[str, Any]]) -> Sequence[str]:
        """Kept, in order."""
        await self._stays()
        self._world.announced.extend(dict(each) for each in events)
        return []

    async def start_case(self, start: CaseStart) -> bool:
        """Start a case of the world, or answer for it where it is stubbed."""
        await self._stays()
        self._world.begins()
        systems = self._world.systems
        if start.link.get("kind") != "part" and systems.plays_others:
            return start.id not in systems.started and self._world.open(
                start.definition, start.id, start.input, start.link
            )
        if start.link.get("kind") != "part":
            known = self._world.systems.started
            first = start.id not in known
            known.add(start.id)
            return first
        if await self._world.systems.stands_in(self._world, start):
            return True
        if start.definition not in self._world.definitions:
            self._world.loop.call_soon(self._world.part_failed, start)
            return True
        return self._world.open(start.definition, start.id, start.input, start.link)

    async def part_ended(self, case: str) -> Mapping[str, Any] | None:
        """How a case of the world has ended; a stub tells its end itself."""
        await self._stays()
        found = self._world.cases.get(case)
        ended = found.run.state.ended if found is not None else None
        if found is None or ended is None:
            return None
        how = ended["as"]
        return {"as": how, "output": found.run.state.output, "error": ended.get("error")}

    async def send(self, case: str, event: Mapping[str, Any]) -> str:
        """Deliver to a case of the world."""
        await self._stays()
        if case not in self._world.cases or self._world.cases[case].task.done():
            return "refused"
        # What a signal carries is nobody else's, and the case itself says nothing.
        self._world.deliver(case, copy.deepcopy(dict(event)))
        return "delivered"

    async def subscribe(self, subscription: Mapping[str, Any]) -> None:
        """Tell the world's router."""
        await self._stays()
        self._world.bus.subscribe(subscription)

    async def unsubscribe(self, subscription: Mapping[str, Any]) -> None:
        """Let the world's router forget."""
        await self._stays()
        self._world.bus.unsubscribe(subscription)

    async def cancel_case(self, case: str, reason: str) -> None:
        """Cancel a case of the world."""
        await self._stays()
        found = self._world.cases.get(case)
        if found is not None and found.run.state.ended is None:
            found.run.state.cancel = {"reason": reason, "by": None}
            found.run.changed()

    def publish(self, look: Callable[[], View]) -> None:
        """Keep where to look; nobody looks during a rehearsal."""
        if not self.gone:
            self.look = look


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
