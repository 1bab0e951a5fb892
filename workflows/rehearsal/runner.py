"""Runs one rehearsal: world, script, expectations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from service.drill import KEY
from service.instants import read_instant
from workflows.rehearsal.expectations import compare, say
from workflows.rehearsal.loop import WorldStuck
from workflows.rehearsal.script import Script
from workflows.rehearsal.systems import Systems
from workflows.rehearsal.world import Published, World

Json = Any


@dataclass(slots=True)
class Result:
    """What a rehearsal showed. It passes when there are no problems."""

    name: str
    problems: list[str]
    warnings: list[str]
    lines: list[dict[str, Any]]
    outcome: dict[str, Any]
    actions: list[dict[str, Any]] = field(default_factory=list)
    snapshots: int = 0
    covered: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Definition -> places of it that were passed."""

    @property
    def passed(self) -> bool:
        """Whether everything came out as expected."""
        return not self.problems


def rehearse(
    definition: str,
    rehearsal: Mapping[str, Json],
    definitions: Mapping[str, Published],
    organization: Mapping[str, Json],
    *,
    restart: bool = False,
) -> Result:
    """Run one rehearsal of a definition.

    `restart` takes a snapshot at each legal point and goes on from it.
    """
    plan = definitions[definition].plan
    data = merged(organization, rehearsal.get("organization") or {})
    zone = _zone(data, plan.rules.calendar)
    stubs = rehearsal.get("stubs") or {}
    world = World(
        start=read_instant(str(rehearsal["at"]), zone),
        definitions=definitions,
        organization=data,
        systems=Systems(stubs),
        restart=restart,
    )
    lines: list[dict[str, Any]] = []
    world.observers.append(lines.append)
    on_events = plan.starts_on is not None and "input" not in rehearsal
    key = "events" if on_events else _key(world, definition, rehearsal.get("input"))
    if rehearsal.get("drill"):
        key = KEY + key
    case = f"{definition}:{key}"
    script = Script(world, case, list(rehearsal.get("script") or ()), zone)
    script.begin()
    if on_events and plan.starts_on is not None:
        world.bus.start_on_events(definition, plan.starts_on, case)
    else:
        world.open(definition, case, rehearsal.get("input"))
    stuck: list[str] = []
    try:
        _play(world, case, script)
    except WorldStuck as error:
        stuck = [str(error)]
    if case not in world.cases:
        world.close()
        return _never_started(rehearsal, definition)
    outcome = world.outcome(case)
    run = world.cases[case].run
    clocks = {name: kept.get("shown", {}) for name, kept in run.state.clocks.items()}
    own = [
        {name: value for name, value in line.items() if name != "in"}
        for line in lines
        if line["case"] == case
    ]
    seen = [
        {name: value for name, value in line.items() if name != "in" or line["case"] != case}
        for line in lines
    ]
    kept = run.state.record.get("data") or {}
    problems = compare(rehearsal.get("expect") or {}, seen, outcome, clocks, zone, kept)
    problems += stuck
    problems += world.systems.unanswered
    problems += script.refusals
    problems += [
        f"script line {number + 1} never applied: {say(line)}"
        for number, line in script.left.items()
    ]
    if (
        outcome["as"] == "running"
        and (rehearsal.get("expect") or {}).get("ends", {}).get("as") != "running"
    ):
        open_items = [n for n, i in run.state.items.items() if i["state"] in ("open", "claimed")]
        problems += [f"the work item {name} is open at the end" for name in open_items]
        if not open_items:
            problems.append(f"the case still runs at the end: {run.at or 'it waits'}")
    problems += [f"internal error: {error!r}" for error in world.loop.failures]
    result = Result(
        name=str(rehearsal.get("rehearsal") or definition),
        problems=problems,
        warnings=[f"the stub {name} was never used" for name in world.systems.never_used()],
        lines=own,
        outcome=outcome,
        actions=[
            {"at": done.at, "function": done.function, "key": done.key, "arguments": done.arguments,
             "error": done.error}
            for done in world.actions
        ],
        snapshots=world.cases[case].snapshots,
        covered={name: tuple(keys) for name, keys in world.passed.items()},
    )  # fmt: skip
    world.close()
    return result


def _never_started(rehearsal: Mapping[str, Json], definition: str) -> Result:
    said = (
        "no case was started: the definition starts on events (schedule.on), and the script "
        "publishes none that fit; or give an input"
    )
    name = str(rehearsal.get("rehearsal") or definition)
    return Result(
        name, [said], [], [], {"as": "running", "status": None, "output": None, "error": None}
    )


def _play(world: World, case: str, script: Script) -> None:
    """Let time pass until the case is over or nothing is left to happen.

    Raises:
        WorldStuck: something goes in a circle while no time passes.
    """
    while True:
        world.settle()
        found = world.cases.get(case)
        state = None if found is None else found.run.state
        # Nobody is left who could reopen it: the rest of that time shows nothing.
        done = state is not None and (state.ended is not None or state.closed is not None)
        over = done and (not script.left or (
            state is not None and state.ended is not None and not world.systems.plays_others
        ))  # fmt: skip
        if over or not world.loop.advance():
            break
    world.settle()


def merged(base: Json, over: Json) -> Json:
    """Data over data: objects are merged key by key, everything else is replaced."""
    if isinstance(base, Mapping) and isinstance(over, Mapping):
        result = dict(base)
        for name, value in over.items():
            result[name] = merged(base.get(name), value)
        return result
    return over


def _zone(organization: Mapping[str, Json], calendar: str | None) -> tzinfo:
    data = (organization.get("calendars") or {}).get(calendar) or {}
    return ZoneInfo(data["timezone"]) if data.get("timezone") else UTC


def _key(world: World, definition: str, value: Json) -> str:
    return str(world.systems.key_of(world, definition, value))
