"""Suspending a case in both runtimes: nothing begins, nothing is lost, and it goes on where it stood."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from language.rehearsals_file import check_rehearsal
from service.errors import Refused
from tests.conftest import Namespace
from tests.workflows.in_world import MONDAY, Fixed
from tests.workflows.on_server import QUEUE, Activities, connect, worker_on
from tests.workflows.scenarios import ORGANIZATION, Scenario, definition
from workflows.interpreter import doors
from workflows.interpreter.case_run import CaseRun
from workflows.interpreter.view import show
from workflows.rehearsal.runner import rehearse
from workflows.rehearsal.world import Published, World

SAY = "{ call: ticket.comment, with: { ticket: T-1, text: TEXT, visibility: internal } }"
STATUSES = "statuses: { open: { phase: open }, waiting: { phase: waiting } }"
ASKED = definition(
    "asked-while-suspended",
    f"""
    do:
      - ask:
          call: work-item
          with: {{ title: Look, assign: {{ group: desk }}, due: {{ hours: 2 }}, onDue: [ {{ after: {{ minutes: 1 }}, answer: late }} ], outcomes: {{ done: {{}}, late: {{}} }} }}
      - say: {SAY.replace("TEXT", "'${ $case.results.ask.outcome }'")}
    """,
    f"{{ owner: desk, {STATUSES} }}",
)
PAUSES, CLOCKED = (
    definition(
        name,
        f"do: [ {{ pause: {{ wait: {{ hours: {hours} }} }} }}, {{ say: {SAY.replace('TEXT', 'after')} }} ]",
        "{ owner: desk, clocks: { work: { runsFrom: { phase: open }, until: { phase: closed }, pausedIn: { phase: waiting }, target: { hours: 4 } } }, "
        + STATUSES
        + " }",
    )
    for name, hours in (("waits-while-suspended", 1), ("clocked-while-suspended", 9))
)


@pytest.mark.parametrize("restart", [False, True])
def test_what_was_answered_meanwhile_counts_when_it_goes_on(restart: bool) -> None:
    """An answer is taken, kept and not acted on, until the case is resumed."""
    world, run = _begun(ASKED, restart=restart)
    _suspend(world, run())

    _answer(world, run())
    world.run(until=MONDAY + timedelta(hours=5))

    assert run().state.items["ask"]["outcome"] == "done"
    assert _said(world) == []
    _resume(world, run())
    world.run()
    assert _said(world) == ["done"]


@pytest.mark.parametrize("restart", [False, True])
def test_a_time_that_passed_meanwhile_counts_when_it_goes_on(restart: bool) -> None:
    """Nobody is called late while the case is suspended; on resume what is due happens at once."""
    world, run = _begun(ASKED, restart=restart)
    _suspend(world, run())
    world.run(until=MONDAY + timedelta(hours=5))

    assert run().state.items["ask"]["state"] == "open"
    _answer(world, run())
    world.settle()
    _resume(world, run())
    world.run()
    assert _said(world) == ["done"]


@pytest.mark.parametrize("restart", [False, True])
def test_the_time_runs_on_while_a_case_is_suspended(restart: bool) -> None:
    """A wait that ended meanwhile is over on resume, and one that did not ends when it was to end."""
    world, run = _begun(PAUSES, restart=restart)
    _suspend(world, run())
    world.run(until=MONDAY + timedelta(minutes=30))
    _resume(world, run())
    world.run(until=MONDAY + timedelta(minutes=45))
    assert _said(world) == []
    world.run()
    assert _times(world) == [MONDAY + timedelta(hours=1)]


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize(("pause", "left"), [(False, 2), (True, 4)])
def test_clocks_pause_only_if_asked(restart: bool, pause: bool, left: int) -> None:
    """Two hours of suspension count, or do not, as who suspended the case said."""
    world, run = _begun(CLOCKED, restart=restart)
    _suspend(world, run(), pauseClocks=pause)
    # Something happens then, or the world's time would not move.
    world.loop.call_at((MONDAY + timedelta(hours=2)).timestamp(), lambda: None)
    world.run(until=MONDAY + timedelta(hours=2))
    assert run().clocks.reading("work")["state"] == ("paused" if pause else "running")

    _resume(world, run())
    world.settle()

    deadline = run().clocks.deadline("work")
    assert deadline == MONDAY + timedelta(hours=2 + left)


def test_a_clock_that_its_status_pauses_stays_paused_on_resume() -> None:
    """Resuming a case does not let a clock run that waits for the customer."""
    world, run = _begun(PAUSES)
    _suspend(world, run(), pauseClocks=True)
    world.settle()
    run().state.record["status"] = "waiting"
    data = {"from": "open", "to": "waiting", "toPhase": "waiting", "reason": None}
    world.loop.call_soon(run().events.happened, "status.changed", data)
    world.settle()
    _resume(world, run())
    world.settle()

    assert run().clocks.reading("work")["state"] == "paused"


def test_who_may_not_suspend_hears_why() -> None:
    """Twice, without a reason, not at all, after the end: refused in a sentence."""
    world, run = _begun(ASKED)
    with pytest.raises(Refused, match="needs a reason"):
        _do(world, doors.suspend, run(), {"id": "a", "by": "lin"})
    with pytest.raises(Refused, match="not suspended"):
        _do(world, doors.resume, run(), {"id": "b", "by": "lin"})
    _suspend(world, run())
    assert _do(world, doors.suspend, run(), {"id": "s", "by": "lin"})["state"] == "suspended"
    with pytest.raises(Refused, match=r"suspended already, since .* by lin"):
        _do(world, doors.suspend, run(), {"id": "c", "by": "chen", "reason": "me too"})
    _do(world, doors.cancel, run(), {"id": "d", "reason": "no more", "by": "lin"})
    world.run()
    assert run().state.ended["as"] == "cancelled"
    with pytest.raises(Refused, match="has ended as cancelled"):
        _do(world, doors.suspend, run(), {"id": "e", "by": "chen", "reason": "too late"})


def test_people_see_that_a_case_is_suspended() -> None:
    """The phase stays; view, list and page say who suspended it, and why."""
    world, run = _begun(ASKED)
    _suspend(world, run())

    view = show(run())

    assert view["phase"] == "open"
    assert view["suspended"]["reason"] == "the order is being looked at"
    assert view["row"]["step"].startswith("suspended: ask")


def test_a_suspended_case_neither_ends_nor_moves_tasks() -> None:
    """The last task may come to its end; the case does when it is resumed."""
    scenario = definition(
        "ends-while-suspended", "do: [ { pause: { wait: { hours: 1 } } } ]", "{ owner: desk }"
    )
    world, run = _begun(scenario)
    _suspend(world, run())
    world.loop.call_soon(run().events.deliver, {"id": "1", "type": "anything", "data": {}})
    world.run(until=MONDAY + timedelta(hours=3))
    assert run().state.ended is None

    _resume(world, run())
    world.run()

    assert run().state.ended["as"] == "completed"


@pytest.mark.parametrize("restart", [False, True])
def test_the_cancel_of_a_suspended_case_begins_nothing(restart: bool) -> None:
    """Neither the next task of the flow nor of a reaction; what was done is undone."""
    undo = f"metadata: {{ undo: [ {{ back: {SAY.replace('TEXT', 'back')} }} ] }}"
    first = SAY.replace("TEXT", "first").removesuffix("}") + f", {undo} }}"
    again = SAY.replace("TEXT", "again")
    scenario = definition(
        "cancelled-while-suspended",
        f"do: [ {{ first: {first} }}, {{ pause: {{ wait: {{ minutes: 5 }} }} }}, {{ next: {again} }} ]",
        f"{{ owner: desk, reactions: {{ told: {{ on: {{ event: told }}, do: [ {{ tell: {again} }} ] }}, gone: {{ on: {{ event: case.cancelled }}, do: [ {{ bye: {SAY.replace('TEXT', 'bye')} }} ] }} }} }}",
    )
    world, run = _begun(scenario, restart=restart)
    world.run(until=MONDAY + timedelta(minutes=4, seconds=59))
    _suspend(world, run())
    world.loop.call_soon(run().events.deliver, {"id": "1", "type": "told", "data": {}})
    world.run(until=MONDAY + timedelta(minutes=9))

    _do(world, doors.cancel, run(), {"id": "c", "reason": "no more", "by": "lin"})
    world.run()

    assert _said(world) == ["first", "back", "bye"]
    assert run().state.ended["as"] == "cancelled"


SLOW = "slow: { on: { event: slow }, do: [ { pause: { call: wait-for, with: { event: go, due: { hours: 1 } } } } ] }"


@pytest.mark.parametrize("restart", [False, True])
def test_a_suspended_case_that_is_merged_ends(restart: bool) -> None:
    """Its end waits for times, and nobody can resume a case that ends."""
    scenario = definition(
        "merged-while-suspended",
        "do: [ { pause: { wait: { hours: 9 } } } ]",
        f"{{ owner: desk, reactions: {{ {SLOW} }} }}",
    )
    world, run = _begun(scenario, restart=restart)
    world.loop.call_soon(run().events.deliver, {"id": "1", "type": "slow", "data": {}})
    world.run(until=MONDAY + timedelta(minutes=1))
    _suspend(world, run())
    run().state.merged = {"into": "other:1", "reason": None, "by": None}
    world.loop.call_soon(run().changed)

    world.run(until=MONDAY + timedelta(hours=3))

    assert run().state.ended["mergedInto"] == "other:1"


def test_a_case_that_is_just_closing_is_not_suspended() -> None:
    """Suspended for good, it could neither be resumed nor come to the end of its window."""
    scenario = definition(
        "closes-while-suspended",
        "do: [ { last: { wait: { minutes: 2 } } } ]",
        f"{{ owner: desk, reopen: {{ window: {{ days: 1 }}, at: last, when: {{ event: again }} }}, reactions: {{ {SLOW} }} }}",
    )
    world, run = _begun(scenario)
    world.loop.call_soon(run().events.deliver, {"id": "1", "type": "slow", "data": {}})
    world.run(until=MONDAY + timedelta(minutes=3))
    assert run().state.over
    assert run().state.closed is None

    with pytest.raises(Refused, match="at its end"):
        _do(world, doors.suspend, run(), {"id": "s", "by": "lin", "reason": "wait"})


@pytest.mark.parametrize("restart", [False, True])
def test_parts_are_suspended_with_their_case(restart: bool) -> None:
    """What a case runs as a part of it stands still with it, and only it lets it go on."""
    whole = definition(
        "whole",
        "do: [ { part: { run: { workflow: { namespace: tests, name: waits-while-suspended, version: latest, input: {} } } } } ]",
        "{ owner: desk }",
    )
    world, run = _begun(whole, PAUSES, restart=restart)
    _suspend(world, run())
    world.settle()
    part = next(name for name in world.cases if name != "whole:1")

    assert world.cases[part].run.state.suspended["whole"] is True
    with pytest.raises(Refused, match="is a part: resume that one"):
        _do(world, doors.resume, world.cases[part].run, {"id": "x", "by": "lin"})
    world.run(until=MONDAY + timedelta(hours=2))
    assert _said(world) == []
    _resume(world, run())
    world.run()
    assert _said(world) == ["after"]


def test_a_script_suspends_and_resumes() -> None:
    """A process owner rehearses it: who suspends, when it goes on, and what is shown."""
    rehearsal = {
        "rehearsal": "Suspended over lunch",
        "kind": "unhappy",
        "at": "2026-03-02T09:00:00Z",
        "stubs": {"ticket.comment": [{"returns": {"id": "c", "at": "now"}}]},
        "script": [
            {"at": "2026-03-02T09:10:00Z", "by": "lin", "suspend": "lunch", "pauseClocks": True},
            {"at": "2026-03-02T11:00:00Z", "by": "lin", "resume": True},
        ],
        "expect": {
            "ends": {"as": "completed"},
            "timeline": [
                {"at": "2026-03-02T09:10", "suspends": True, "by": "lin", "reason": "lunch"},
                {"at": "2026-03-02T11:00", "resumes": True},
                {"at": "2026-03-02T11:00", "action": "ticket.comment", "task": "say"},
            ],
        },
    }
    _, findings = check_rehearsal(json.dumps(rehearsal), "lunch.yaml")
    assert findings == ()

    result = rehearse(
        PAUSES.name, rehearsal, {PAUSES.name: Published(PAUSES.plan, "d")}, ORGANIZATION
    )

    assert result.problems == []


def test_a_suspended_case_on_the_server(namespace: Namespace, monkeypatch: Any) -> None:
    """Suspend, answer, replay, go on in a new run, resume: through the updates that doors send."""
    monkeypatch.setattr("workflows.case.HISTORY_EVENTS", 12)

    async def run() -> list[str]:
        client = await connect(namespace)
        activities = Activities([ASKED])
        async with worker_on(client, activities, cached=0):
            case = await client.start_workflow(
                ASKED.name, None, id=f"{ASKED.name}:1", task_queue=QUEUE
            )
            while not (await case.query("show")).get("items"):
                await asyncio.sleep(0.05)
            suspended = {"id": "s", "by": "lin", "reason": "wait"}
            assert (await case.execute_update("suspend", suspended))["state"] == "suspended"
            answer = {"id": "a", "item": "ask", "by": "chen", "outcome": "done", "values": {}}
            await case.execute_update("answer", answer)
            view = await case.query("show")
            assert view["suspended"]["by"] == "lin"
            assert activities.arguments.get(f"{ASKED.name}:1", []) == []
            await case.execute_update("resume", {"id": "r", "by": "lin"})
            await case.result()
        return [each["text"] for each in activities.arguments[f"{ASKED.name}:1"]]

    assert asyncio.run(run()) == ["done"]


def _begun(
    scenario: Scenario, *parts: Scenario, restart: bool = False
) -> tuple[World, Callable[[], CaseRun]]:
    """A case that has come to its first wait."""
    world = World(
        start=MONDAY,
        definitions={each.name: Published(each.plan, "digest") for each in (scenario, *parts)},
        organization=ORGANIZATION,
        systems=Fixed(scenario),
        restart=restart,
    )
    case = f"{scenario.name}:1"
    world.open(scenario.name, case, None)
    world.settle()
    return world, lambda: world.cases[case].run


def _do(world: World, door: Callable[..., Any], run: CaseRun, request: dict[str, Any]) -> Any:
    """Knock at a door from within the world, as its script does."""
    came: list[Any] = []

    def knock() -> None:
        try:
            came.append(door(run, request))
        except Refused as error:
            came.append(error)

    world.loop.call_soon(knock)
    world.settle()
    if isinstance(came[0], Refused):
        raise came[0]
    return came[0]


def _suspend(world: World, run: CaseRun, **more: Any) -> None:
    reason = "the order is being looked at"
    _do(world, doors.suspend, run, {"id": "s", "by": "lin", "reason": reason, **more})


def _resume(world: World, run: CaseRun) -> None:
    _do(world, doors.resume, run, {"id": "r", "by": "lin", "reason": "it is right"})


def _answer(world: World, run: CaseRun) -> None:
    request = {"id": "a", "item": "ask", "by": "chen", "outcome": "done", "values": {}}
    _do(world, doors.answer, run, request)


def _comments(world: World) -> list[Any]:
    return [done for done in world.actions if done.function == "ticket.comment"]


def _said(world: World) -> list[str]:
    return [done.arguments["text"] for done in _comments(world)]


def _times(world: World) -> list[datetime]:
    return [datetime.fromisoformat(done.at) for done in _comments(world)]
