"""Hard moments of a matter: ends, cancels, parts side by side, statuses that two definitions have."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from tests.workflows.in_world import MONDAY, Fixed
from tests.workflows.matter_scenarios import OWN, RECORD
from tests.workflows.scenarios import ORGANIZATION, Scenario, definition
from workflows.interpreter import doors
from workflows.interpreter.view import row
from workflows.rehearsal.world import Published, World, WorldEffects


def world_of(*scenarios: Scenario, restart: bool = False) -> World:
    """A world with these definitions, in which started cases are played."""
    systems = Fixed(scenarios[0])
    systems.plays_others = True
    return World(
        start=MONDAY,
        definitions={each.name: Published(each.plan, "digest") for each in scenarios},
        organization=ORGANIZATION,
        systems=systems,
        restart=restart,
    )


def written(name: str, text: str, metadata: str) -> Scenario:
    """A definition."""
    return definition(name, text, metadata="{ owner: desk, " + metadata + " }")


RUN = "- {name}: {{ run: {{ workflow: {{ namespace: tests, name: {part}, version: latest, input: {{}} }} }} }}"
CLOCK = "clocks: { work: { runsFrom: open, until: done, pausedIn: { phase: waiting }, target: { hours: 8 } } }"
WAITS = "- hear: { call: wait-for, with: { event: go } }"
CHILD = written(
    "child",
    f"""
    do:
      - wait: {{ call: status, with: {{ to: elsewhere }} }}
      {WAITS}
      - back: {{ call: status, with: {{ to: here }} }}
      - write: {{ call: case.update, with: {{ data: {{ b: 2 }} }} }}
      - over: {{ call: status, with: {{ to: closed }} }}
    """,
    "record: matter, statuses: { here: { phase: open }, elsewhere: { phase: waiting }, closed: { phase: closed } }",
)
STARTS = (
    "- start: { call: case.start, with: { definition: child, key: one, link: child, input: {} } }"
)
each_way = pytest.mark.parametrize("restart", [False, True])


def event(name: str, **data: Any) -> dict[str, Any]:
    """An event of the outside."""
    return {"id": f"e-{name}", "type": name, "data": data}


def run_of(world: World, case: str) -> Any:
    """The run of a case."""
    return world.cases[case].run


@each_way
def test_a_child_that_is_done_does_not_close_the_matter(restart: bool) -> None:
    """Both definitions have a status `closed`; only the root's own flow ends the matter."""
    root = written(
        "root",
        f"do:\n  {RUN.format(name='part', part='child')}\n  {WAITS}",
        f"{OWN}, {RECORD}, {CLOCK}",
    )
    world = world_of(root, CHILD, restart=restart)
    world.open("root", "root:1", {})
    world.run(until=MONDAY)
    assert run_of(world, "root:1").phase == "waiting"

    world.loop.call_soon(world.deliver, "root:1", event("go"))
    world.settle()

    run = run_of(world, "root:1")
    assert run.phase == "open"
    assert run.state.record["status"] == "open"
    assert run.state.record["data"]["b"] == 2
    assert run.state.members == {}
    assert run.state.clocks["work"]["shown"]["state"] == "running"


@each_way
def test_of_two_parts_both_have_to_wait(restart: bool) -> None:
    """As long as one part works, the root's clock runs."""
    second = written(
        "second",
        f"do:\n  {WAITS.replace('go', 'later')}\n  - wait: {{ call: status, with: {{ to: elsewhere }} }}\n  - more: {{ call: wait-for, with: {{ event: last }} }}",
        "record: matter, statuses: { here: { phase: open }, elsewhere: { phase: waiting } }",
    )
    root = written(
        "root",
        f"""
        do:
          - both:
              fork:
                branches:
                  {RUN.format(name="first", part="child")}
                  {RUN.format(name="other", part="second")}
        """,
        f"{OWN}, {RECORD}, {CLOCK}",
    )
    world = world_of(root, CHILD, second, restart=restart)
    world.open("root", "root:1", {})
    world.settle()
    assert run_of(world, "root:1").phase == "open"

    world.loop.call_soon(world.deliver, "root:1", event("later"))
    world.settle()

    assert run_of(world, "root:1").phase == "waiting"
    assert run_of(world, "root:1").state.clocks["work"]["shown"]["state"] == "paused"


@each_way
def test_a_started_child_goes_on_when_the_root_ends(restart: bool) -> None:
    """It keeps what it knew, and has a record of its own from then on."""
    root = written(
        "root",
        f"do:\n  {STARTS}\n  - hear: {{ call: wait-for, with: {{ event: stop }} }}",
        f"{OWN}, {RECORD}",
    )
    world = world_of(root, CHILD, restart=restart)
    world.open("root", "root:1", {})
    world.settle()
    assert row(run_of(world, "child:one"))["matter"] == "root:1"
    assert run_of(world, "root:1").phase == "open", "nobody waits for it"

    world.loop.call_soon(world.deliver, "root:1", event("stop"))
    world.settle()
    world.loop.call_soon(world.deliver, "child:one", event("go"))
    world.settle()

    child = run_of(world, "child:one")
    assert child.state.ended["as"] == "completed"
    assert child.state.record["subject"] == "VPN"
    assert child.state.record["data"]["b"] == 2
    assert row(child)["matter"] == "child:one"
    assert "b" not in run_of(world, "root:1").state.record["data"] or (
        run_of(world, "root:1").state.record["data"]["b"] is None
    )


def test_a_root_that_is_not_there_is_not_waited_for() -> None:
    """A child whose parent has gone works alone at once."""
    world = world_of(CHILD)
    world.open("child", "child:1", {}, {"kind": "child", "case": "root:gone"})
    world.loop.call_soon(world.deliver, "child:1", event("go"))
    world.settle()

    run = run_of(world, "child:1")
    assert run.state.ended["as"] == "completed"
    assert any("record of its own" in line["text"] for line in run.state.timeline)


@each_way
def test_a_cancelled_root_takes_its_part_with_it(restart: bool) -> None:
    """The part leaves, and nothing waits for the other."""
    root = written("root", f"do:\n  {RUN.format(name='part', part='child')}", f"{OWN}, {RECORD}")
    world = world_of(root, CHILD, restart=restart)
    world.open("root", "root:1", {})
    world.settle()
    part = next(case for case in world.cases if case.startswith("child:"))

    doors.cancel(run_of(world, "root:1"), {"id": "c", "reason": "no more", "by": "lin"})
    world.run()

    assert run_of(world, "root:1").state.ended["as"] == "cancelled"
    assert run_of(world, part).state.ended["as"] == "cancelled"
    assert (world.now() - MONDAY).total_seconds() < 1


def test_what_is_told_twice_counts_once() -> None:
    """An act that comes again, or from a case that nobody knows, changes nothing."""
    root = written("root", f"do:\n  {STARTS}\n  {WAITS}", f"{OWN}, {RECORD}")
    world = world_of(root, CHILD)
    world.open("root", "root:1", {})
    world.settle()
    member = run_of(world, "root:1").state.members["child:one"]
    act = {"case": "child:one", "run": member["run"], "n": 7, "set": {"priority": "P1"}}

    for data in (
        act,
        {**act, "set": {"priority": "P4"}},
        {**act, "case": "child:two", "n": 8, "set": {"priority": "P3"}},
    ):
        world.loop.call_soon(
            world.deliver, "root:1", {"id": "x", "type": "matter.act", "data": data}
        )
    world.settle()

    assert run_of(world, "root:1").state.record["priority"] == "P1"
    assert run_of(world, "child:one").state.record["priority"] == "P1"


@pytest.mark.parametrize(
    "data", [None, [], {"case": 1}, {"case": "a", "run": "b"}, {"case": "a", "run": "b", "n": "1"}]
)
@pytest.mark.parametrize("kind", ["matter.join", "matter.act", "matter.told"])
def test_a_signal_of_anybody_harms_nothing(kind: str, data: Any) -> None:
    """Any client of Temporal may send a signal of that name with anything in it."""
    root = written("root", f"do:\n  {WAITS}", f"{OWN}, {RECORD}")
    world = world_of(root)
    world.open("root", "root:1", {})
    world.settle()

    world.loop.call_soon(world.deliver, "root:1", {"id": "x", "type": kind, "data": data})
    world.settle()
    world.loop.call_soon(world.deliver, "root:1", event("go"))
    world.settle()

    assert run_of(world, "root:1").state.ended["as"] == "completed"


def test_writes_at_one_moment_end_as_one_record() -> None:
    """Root and child write the same field; both hold what arrived at the root last."""
    root = written(
        "root",
        f"do:\n  {STARTS}\n  - hear: {{ call: wait-for, with: {{ event: go }} }}\n  - write: {{ call: case.update, with: {{ priority: P2, data: {{ a: 9 }} }} }}\n  - more: {{ call: wait-for, with: {{ event: never }} }}",
        f"{OWN}, {RECORD}",
    )
    child = written(
        "child",
        f"do:\n  {WAITS}\n  - write: {{ call: case.update, with: {{ priority: P1, data: {{ b: 1 }} }} }}\n  - more: {{ call: wait-for, with: {{ event: never }} }}",
        "record: matter",
    )
    world = world_of(root, child)
    world.open("root", "root:1", {})
    world.settle()

    world.loop.call_soon(world.deliver, "root:1", {**event("go"), "id": "r", "source": "child:one"})
    world.loop.call_soon(world.deliver, "child:one", {**event("go"), "id": "c", "source": "root:1"})
    world.settle()

    first = run_of(world, "root:1").state.record
    second = run_of(world, "child:one").state.record
    assert first["priority"] == second["priority"]
    assert first["data"] == second["data"]
    assert first["data"]["a"] == 9
    assert first["data"]["b"] == 1


@each_way
def test_what_a_child_does_before_its_root_has_answered_is_told_later(
    monkeypatch: pytest.MonkeyPatch, restart: bool
) -> None:
    """A reaction to the first status begins with the case; a word to the root takes its time."""
    quick = WorldEffects.send

    async def send(self: WorldEffects, case: str, event: Mapping[str, Any]) -> str:
        world = self._world
        future = world.loop.create_future()
        world.loop.call_later(1, future.set_result, None)
        await future
        return await quick(self, case, event)

    monkeypatch.setattr(WorldEffects, "send", send)
    child = written(
        "child",
        f"do:\n  {WAITS}",
        "record: matter, statuses: { here: { phase: open }, elsewhere: { phase: waiting } }, reactions: { first: { on: { event: status.changed, match: { to: here } }, do: [ { move: { call: status, with: { to: elsewhere } } } ] } }",
    )
    root = written(
        "root", f"do:\n  {RUN.format(name='part', part='child')}", f"{OWN}, {RECORD}, {CLOCK}"
    )
    world = world_of(root, child, restart=restart)
    world.open("root", "root:1", {})

    world.run(until=MONDAY + timedelta(minutes=1))

    (member,) = run_of(world, "root:1").state.members.values()
    assert (member["status"], member["phase"]) == ("elsewhere", "waiting")
    assert run_of(world, "root:1").phase == "waiting"
