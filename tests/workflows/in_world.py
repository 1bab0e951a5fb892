"""Runs a scenario in the rehearsal world."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.workflows.scenarios import ORGANIZATION, Scenario, Step
from workflows.case import ACTS
from workflows.effects import Action, ActionFailed
from workflows.interpreter import doors
from workflows.interpreter.view import show
from workflows.rehearsal.systems import Records, Systems
from workflows.rehearsal.world import Published, World

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
STARTED_BY = {
    "name": "times",
    "at": "2026-03-02T09:00:00Z",
    "why": "",
    "calendar": None,
    "digest": None,
}
NEXT_CASE = {"state": "set", "at": "2026-03-02T11:00:00Z"}


@dataclass(slots=True)
class Outcome:
    """What a run of a scenario did."""

    ends: str
    output: Any
    actions: list[tuple[str, str]]
    arguments: list[Any] = field(default_factory=list)
    snapshots: int = 0
    writes: list[Mapping[str, Any]] = field(default_factory=list)
    """What the records were told, in order."""
    view: Mapping[str, Any] = field(default_factory=dict)
    """The query `show`, after the end."""
    error: Mapping[str, Any] = field(default_factory=dict)
    """The error object of a failed case."""
    announced: list[Mapping[str, Any]] = field(default_factory=list)
    """Lifecycle events, in order."""
    times: list[str] = field(default_factory=list)
    """When each action was carried out."""


class Telling(Records):
    """Records that remember every write."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[Mapping[str, Any]] = []

    def write(self, payload: Mapping[str, Any]) -> None:
        """Remember, and keep."""
        self.writes.append(copy.deepcopy(dict(payload)))
        super().write(payload)


class Fixed(Systems):
    """Systems with simple answers, some of them refusals."""

    def __init__(self, scenario: Scenario) -> None:
        super().__init__({})
        self.records: Telling = Telling()
        self._failing = dict(scenario.failing)
        self._comments = 0

    async def carry_out(self, world: World, case: str, action: Action) -> Any:
        """Refuse as often as the scenario says, else answer."""
        if self._failing.get(action.function, 0) > 0:
            self._failing[action.function] -= 1
            raise ActionFailed("Refused", "not now", 422)
        if action.function == "events.publish":
            world.bus.publish(action.arguments["event"])
            return {"published": True}
        return self.answer(action.function, action.arguments)

    def answer(self, function: str, arguments: Mapping[str, Any]) -> Any:
        """Give the fixed answer of a function."""
        if function == "ticket.comment":
            self._comments += 1
            return {"id": f"c{self._comments}", "at": "then"}
        if function in CALENDAR:
            return of_calendar(function, arguments)
        if function in REGISTER:
            return of_register(function, arguments)
        if function == "schedule.follow":
            return NEXT_CASE
        return {"deliveries": []}


def run_in_world(scenario: Scenario, *, restart: bool = False) -> Outcome:
    """Run a scenario to its end on the virtual clock."""
    systems = Fixed(scenario)
    world = World(
        start=MONDAY,
        definitions={
            each.name: Published(each.plan, "digest", each.level)
            for each in (scenario, *scenario.parts)
        },
        organization=ORGANIZATION,
        systems=systems,
        restart=restart,
        announces=scenario.announces,
    )
    case = f"{scenario.name}:1"
    schedule = None if scenario.schedule is None else {**STARTED_BY, "kind": scenario.schedule}
    world.open(scenario.name, case, scenario.input, schedule=schedule)
    steps = list(scenario.steps)
    waiting: list[bool] = []

    def act() -> None:
        if not steps or waiting:
            return
        run = world.cases[case].run
        step = steps[0]
        if step.when is not None and run.state.items.get(step.when, {}).get("state") != step.state:
            return
        if step.operate is not None and not run.state.held:
            return
        if step.phase is not None and run.phase != step.phase:
            return
        waiting.append(True)
        world.loop.call_later(step.after, carry_out)

    def carry_out() -> None:
        step = steps.pop(0)
        waiting.clear()
        perform(world, case, step, len(steps))

    world.watchers.append(act)
    world.run()
    outcome = world.outcome(case)
    assert not world.loop.failures, world.loop.failures
    return Outcome(
        ends=outcome["as"],
        output=outcome["output"],
        actions=[(done.function, done.key.partition(":")[2]) for done in world.actions],
        arguments=[
            comparable(done.function, done.arguments)
            for done in world.actions
            if done.function != "work-item.announce"
        ],
        snapshots=world.cases[case].snapshots,
        writes=systems.records.writes,
        view=show(world.cases[case].run),
        error=outcome["error"] or {},
        announced=list(world.announced),
        times=[done.at for done in world.actions],
    )


CALENDAR = ("calendar.book", "calendar.release", "conflict.check")


REGISTER = ("register.add", "register.update")


def of_register(function: str, arguments: Mapping[str, Any]) -> Any:
    """Answer like a register in which one entry stands."""
    if function == "register.add":
        return {"id": "improvement-1", "status": arguments.get("status") or "proposed"}
    figure = arguments.get("result")
    judged = {"comparable": True, "change": -3600, "improved": True, "reached": True}
    return {
        "id": arguments["entry"], "status": arguments.get("status") or "proposed",
        **(judged if figure else dict.fromkeys(judged)),
    }  # fmt: skip


def of_calendar(function: str, arguments: Mapping[str, Any]) -> Any:
    """Answer like a calendar in which nothing else stands."""
    if function == "conflict.check":
        return {"free": True, "conflicts": []}
    if function == "calendar.release":
        return {"released": True}
    return {
        "id": arguments["booking"], "window": arguments["window"], "booked": True, "conflicts": [],
    }  # fmt: skip


def comparable(function: str, arguments: Mapping[str, Any]) -> Any:
    """Leave out what differs from run to run: id and time of an event that a case publishes."""
    if function == "schedule.follow":
        return {name: arguments[name] for name in ("definition", "as")}
    if function in CALENDAR:
        # Their names come from the id of the run.
        return {name: each for name, each in arguments.items() if name not in ("run", "booking")}
    if function in REGISTER:
        return {name: each for name, each in arguments.items() if name != "run"}
    if function == "calendar.invite":
        booking = {name: each for name, each in arguments["booking"].items() if name != "id"}
        return {**arguments, "booking": booking}
    if function != "events.publish":
        return arguments
    event = arguments["event"]
    return {name: value for name, value in event.items() if name not in ("id", "time")}


def perform(world: World, case: str, step: Step, number: int) -> None:
    """Carry out one step of the script."""
    run = world.cases[case].run
    if step.answer is not None:
        doors.answer(
            run,
            {
                "id": f"answer-{number}",
                "item": step.when,
                "by": step.by,
                "outcome": step.answer,
                "values": dict(step.values),
            },
        )
    if step.act is not None:
        name, more = step.act
        ACTS[name](run, {"id": f"act-{number}", "item": step.when, "by": step.by, **more})
    if step.event is not None:
        run.events.deliver(dict(step.event))
    if step.publish is not None:
        world.bus.publish(step.publish)
    if step.cancel is not None:
        doors.cancel(run, {"id": "cancel", "reason": step.cancel, "by": "lin"})
    if step.operate is not None:
        doors.operate(run, {"id": f"operate-{number}", "act": step.operate, "by": "lin"})
