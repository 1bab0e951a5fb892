"""Undoing in both runtimes: once, the newest first, shielded, and with nothing lost in between."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import CancelledError

from language.plan import Literal, Raise
from tests.conftest import Namespace
from tests.workflows.in_world import MONDAY, Fixed, run_in_world
from tests.workflows.on_server import QUEUE, Activities, connect, run_on_server, worker_on
from tests.workflows.scenarios import ORGANIZATION, Scenario, Step, comment
from tests.workflows.test_rehearsal_runtime import check
from tests.workflows.undo_scenarios import UNDO_SCENARIOS, WITH_A_PART
from workflows.effects import Action
from workflows.functions import registry
from workflows.functions.call import FunctionCall
from workflows.interpreter import doors
from workflows.interpreter.errors import CaseError
from workflows.rehearsal.world import Published, World


@pytest.mark.parametrize("scenario", UNDO_SCENARIOS, ids=lambda each: each.name)
def test_what_was_done_is_undone_once(scenario: Scenario) -> None:
    """The undos of what has finished run, the newest first, with keys of their own."""
    check(scenario, run_in_world(scenario))


@pytest.mark.parametrize("scenario", UNDO_SCENARIOS, ids=lambda each: each.name)
def test_a_snapshot_at_each_point_changes_nothing(scenario: Scenario) -> None:
    """Whatever is under way, a new run goes on with it: nothing is undone twice or left out."""
    straight = run_in_world(scenario)

    resumed = run_in_world(scenario, restart=True)

    assert straight.actions == resumed.actions
    assert straight.arguments == resumed.arguments
    assert straight.ends == resumed.ends
    assert straight.view.get("ended", {}).get("undone") == resumed.view.get("ended", {}).get(
        "undone"
    )


def test_the_server_undoes_the_same(namespace: Namespace) -> None:
    """Actions, keys, arguments and ends do not depend on the runtime."""
    _on_server(namespace, cached=1000)


def test_undoing_survives_workers_that_keep_nothing(
    namespace: Namespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every workflow task replays, and a case goes on in new runs while it is undone."""
    monkeypatch.setattr("workflows.case.HISTORY_EVENTS", 25)

    _on_server(namespace, cached=0)


def test_a_part_undoes_its_work_before_the_whole() -> None:
    """What began last is undone first, also across two cases."""
    check(WITH_A_PART, run_in_world(WITH_A_PART))
    check(WITH_A_PART, run_in_world(WITH_A_PART, restart=True))


def test_a_part_undoes_its_work_on_the_server(namespace: Namespace) -> None:
    """A part that is cancelled with its whole, by the server, undoes what it has done."""

    async def run() -> Activities:
        client = await connect(namespace)
        activities = Activities([WITH_A_PART, *WITH_A_PART.parts])
        async with worker_on(client, activities, cached=0):
            await run_on_server(client, activities, WITH_A_PART)
        return activities

    activities = asyncio.run(run())

    said = {
        case.partition(":")[0]: [each["text"] for each in given]
        for case, given in activities.arguments.items()
    }
    assert said["part-with-undo"] == ["inner", "un inner"]
    assert said[WITH_A_PART.name] == ["one", "un one"]


def test_a_cancel_from_outside_is_undone_through_new_runs(
    namespace: Namespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever cancels in the Temporal UI cancels like anybody else, also while people take back."""
    monkeypatch.setattr("workflows.case.HISTORY_EVENTS", 12)
    scenario = by_name("undone-by-people")

    async def run() -> tuple[Any, list[str], int]:
        client = await connect(namespace)
        activities = Activities([scenario])
        async with worker_on(client, activities, cached=0):
            handle = await client.start_workflow(
                scenario.name, None, id=f"{scenario.name}:1", task_queue=QUEUE
            )
            while len(activities.arguments.get(f"{scenario.name}:1", [])) < 2:
                await asyncio.sleep(0.05)
            await handle.cancel()
            current = client.get_workflow_handle(f"{scenario.name}:1")
            while not any(i["id"] == "takeBack" for i in (await current.query("show"))["items"]):
                await asyncio.sleep(0.05)
            answer = {"id": "a", "item": "takeBack", "by": "chen", "outcome": "done", "values": {}}
            await current.execute_update("answer", answer)
            with pytest.raises(WorkflowFailureError) as raised:
                await current.result()
            said = [
                each["text"]
                for each in activities.arguments[f"{scenario.name}:1"]
                if "text" in each
            ]
            runs = [
                each async for each in client.list_workflows(f'WorkflowId = "{scenario.name}:1"')
            ]
        return raised.value.cause, said, len(runs)

    cause, said, runs = asyncio.run(run())

    assert isinstance(cause, CancelledError)
    assert said[:2] == ["one", "two"]
    assert said[-1] == "un one"
    assert len(said) == 4
    assert runs >= 2


def test_an_action_under_way_is_let_come_to_its_end() -> None:
    """A cancel that comes while a system works does not leave behind what that system then does."""
    scenario = by_name("undone-by-a-cancel")
    world, case = _world(scenario, Slow(scenario))
    world.run(until=MONDAY + timedelta(seconds=5))

    doors.cancel(world.cases[case].run, {"id": "c", "reason": "no more", "by": "lin"})
    world.run()

    assert [done.path.rpartition("/")[2] for done in world.actions] == ["first#1", "unfirst#1"]
    assert world.outcome(case)["as"] == "cancelled"


def test_a_second_cancel_changes_nothing() -> None:
    """Who cancels again while undos run hears so, and the first reason stays."""
    scenario = by_name("undone-by-people")
    world, case = _world(scenario, Fixed(scenario))
    world.run(until=MONDAY + timedelta(seconds=1))
    run = world.cases[case].run
    doors.cancel(run, {"id": "c1", "reason": "no more", "by": "lin"})
    world.settle()

    again = doors.cancel(run, {"id": "c2", "reason": "I said so", "by": "chen"})

    assert again == {"case": case, "state": "cancelling", "reason": "no more"}
    assert run.state.cancel == {"reason": "no more", "by": "lin"}
    assert len(world.actions) == 3


def test_an_undo_that_is_given_up_is_named_at_the_end() -> None:
    """The end of the case says what became of each undo, in the order of undoing."""
    scenario = by_name("a-failing-undo-waits")
    given_up = replace(scenario, steps=(scenario.steps[0], Step(operate="fail", after=1)))

    outcome = run_in_world(given_up)

    assert outcome.view["ended"]["undone"] == [
        {"task": "second", "state": "failed"},
        {"task": "first", "state": "undone"},
    ]


def test_a_function_may_reverse_its_own_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """`undo: reverse-items` asks the function; where it cannot, an operator decides."""
    calls: list[Any] = []

    async def reverse(call: FunctionCall, result: Any) -> None:
        calls.append((call.key.partition(":")[2], result["id"]))
        if len(calls) == 1:
            raise CaseError.of("runtime", "not now", call.task.path)

    monkeypatch.setitem(registry.REVERSES, "ticket.comment", reverse)
    scenario = Scenario(
        "reversed",
        (
            comment("first", "one", metadata={"undo": "reverse-items"}),
            Raise(name="no", path="/do/1/no", error=Literal({"type": "about:blank", "status": 400, "title": "No"})),
        ),
        steps=(Step(operate="retry", after=1),),
        ends="failed",
        actions=(("ticket.comment", "/do/0/first#1"),),
    )  # fmt: skip

    check(scenario, run_in_world(scenario))

    assert calls == [("/do/0/first/metadata/undo#1", "c1")] * 2


class Slow(Fixed):
    """Systems that take ten seconds for everything."""

    async def carry_out(self, world: World, case: str, action: Action) -> Any:
        """Answer late."""
        future = world.loop.create_future()
        world.loop.call_later(10, future.set_result, None)
        await future
        return await super().carry_out(world, case, action)


def by_name(name: str) -> Scenario:
    """The scenario of that name."""
    return next(each for each in UNDO_SCENARIOS if each.name == name)


def _world(scenario: Scenario, systems: Fixed) -> tuple[World, str]:
    world = World(
        start=MONDAY,
        definitions={scenario.name: Published(scenario.plan, "digest")},
        organization=ORGANIZATION,
        systems=systems,
    )
    case = f"{scenario.name}:1"
    world.open(scenario.name, case, None)
    return world, case


def _on_server(namespace: Namespace, *, cached: int) -> None:
    async def run() -> None:
        client = await connect(namespace)
        activities = Activities(UNDO_SCENARIOS)
        async with worker_on(client, activities, cached=cached):
            outcomes = await asyncio.gather(
                *(run_on_server(client, activities, scenario) for scenario in UNDO_SCENARIOS)
            )
        for scenario, outcome in zip(UNDO_SCENARIOS, outcomes, strict=True):
            check(scenario, outcome)
            assert run_in_world(scenario).arguments == outcome.arguments, scenario.name

    asyncio.run(run())
