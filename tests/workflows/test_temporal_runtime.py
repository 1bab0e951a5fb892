"""The same scenarios on a Temporal server: same actions, same keys, same end."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError

from language.plan import CaseRules
from tests.conftest import Namespace
from tests.workflows.in_world import run_in_world
from tests.workflows.on_server import (
    QUEUE,
    Activities,
    connect,
    perform,
    run_on_server,
    wait_for,
    worker_on,
)
from tests.workflows.scenarios import (
    SCENARIOS,
    STATUSES,
    Scenario,
    Step,
    comment,
    definition,
    item,
)
from tests.workflows.test_rehearsal_runtime import check


def test_scenarios_do_the_same_as_in_the_rehearsal(namespace: Namespace) -> None:
    """Actions, keys, arguments and ends do not depend on the runtime."""

    async def run() -> None:
        client = await connect(namespace)
        activities = Activities(SCENARIOS)
        async with worker_on(client, activities, sandbox=True):
            outcomes = await asyncio.gather(
                *(run_on_server(client, activities, scenario) for scenario in SCENARIOS)
            )
        for scenario, outcome in zip(SCENARIOS, outcomes, strict=True):
            check(scenario, outcome)
            assert run_in_world(scenario).arguments == outcome.arguments, scenario.name

    asyncio.run(run())


def test_unknown_definition_ends_with_a_readable_failure(namespace: Namespace) -> None:
    """A plain client that misspells a name gets a failed case, not one that retries for ever."""

    async def run() -> BaseException | None:
        client = await connect(namespace)
        async with worker_on(client, Activities(SCENARIOS)):
            with pytest.raises(WorkflowFailureError) as raised:
                await client.execute_workflow("sequenze", {}, id="sequenze:1", task_queue=QUEUE)
        return raised.value.cause

    failure = asyncio.run(run())

    assert isinstance(failure, ApplicationError)
    assert failure.type == "DefinitionNotFound"
    assert "there is no definition 'sequenze'" in str(failure)


def test_a_case_survives_workers_that_keep_nothing(namespace: Namespace) -> None:
    """Every workflow task replays from the history, as after a restart."""
    scenario = next(each for each in SCENARIOS if each.name == "asked")

    async def run() -> None:
        client = await connect(namespace)
        activities = Activities(SCENARIOS)
        async with worker_on(client, activities, cached=0):
            check(scenario, await run_on_server(client, activities, scenario))

    asyncio.run(run())


def test_continue_as_new_changes_nothing(
    namespace: Namespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A case whose history grows long goes on in a new run with the same keys and answers."""
    monkeypatch.setattr("workflows.case.HISTORY_EVENTS", 12)
    scenario = next(each for each in SCENARIOS if each.name == "asked")

    async def run() -> int:
        client = await connect(namespace)
        activities = Activities(SCENARIOS)
        async with worker_on(client, activities):
            check(scenario, await run_on_server(client, activities, scenario))
        runs = [each async for each in client.list_workflows('WorkflowId = "asked:1"')]
        return len(runs)

    assert asyncio.run(run()) >= 2


def test_continue_as_new_keeps_the_order_of_keys(
    namespace: Namespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an expression makes of an object's order is the same in whichever run it is evaluated."""
    monkeypatch.setattr("workflows.case.HISTORY_EVENTS", 20)
    scenario = definition(
        "ordered",
        """
        do:
          - make: { set: { b: 'é "quoted" \\', a: { z: 1, y: 2 } }, export: { as: '${ . }' } }
          - pass:
              for: { in: '${ [range(12)] }' }
              do: [ { pause: { wait: { milliseconds: 5 } } } ]
          - show: { set: { text: '${ [tojson, ($context | tojson)] }', keys: '${ to_entries | map(.key) }' } }
        """,
    )

    async def run() -> tuple[Any, int]:
        client = await connect(namespace)
        async with worker_on(client, Activities([scenario])):
            outcome = await run_on_server(client, Activities([scenario]), scenario)
        runs = [each async for each in client.list_workflows('WorkflowId = "ordered:1"')]
        return outcome.output, len(runs)

    output, runs = asyncio.run(run())

    assert runs >= 2
    assert output["keys"] == ["b", "a"]
    assert output == run_in_world(scenario).output


def test_editing_a_definition_leaves_a_waiting_case_alone(namespace: Namespace) -> None:
    """The case that waits keeps its plan; the next one gets the edited definition."""
    before = Scenario(
        "edited",
        (item("look", "/do/0"), comment("say", "old text", "/do/1")),
        rules=CaseRules(statuses=STATUSES),
        steps=(Step(when="look", answer="done"),),
    )
    after = replace(before, tasks=(item("look", "/do/0"), comment("say", "new text", "/do/1")))

    async def run() -> list[object]:
        client = await connect(namespace)
        activities = Activities([before])
        async with worker_on(client, activities, cached=0):
            waiting = await client.start_workflow("edited", None, id="edited:1", task_queue=QUEUE)
            await wait_for(waiting, before.steps[0])
            activities.publish(after)
            following = await client.start_workflow("edited", None, id="edited:2", task_queue=QUEUE)
            for handle in (waiting, following):
                await perform(handle, before.steps[0], 0)
                await handle.result()
        return [activities.arguments[case][0]["text"] for case in ("edited:1", "edited:2")]

    assert asyncio.run(run()) == ["old text", "new text"]


@pytest.mark.parametrize(
    "carried", [{"plan": 5}, {"plan": {"digest": "d"}}, {"plan": {"digest": "d", "plan": "c2g="}}]
)
def test_a_second_argument_that_is_no_plan_ends_the_case(
    namespace: Namespace, carried: dict[str, Any]
) -> None:
    """A plain client that tries its luck reads why nothing happens, instead of an eternal retry."""

    async def run() -> BaseException | None:
        client = await connect(namespace)
        async with worker_on(client, Activities(SCENARIOS)):
            with pytest.raises(WorkflowFailureError) as raised:
                await client.execute_workflow(
                    "sequence", args=[None, carried], id="sequence:odd", task_queue=QUEUE
                )
        return raised.value.cause

    assert "Start the case with its input alone" in str(asyncio.run(run()))


def test_a_snapshot_from_outside_is_left_alone(namespace: Namespace) -> None:
    """Only an earlier run hands one over: a first run begins at the beginning."""
    scenario = next(each for each in SCENARIOS if each.name == "sequence")

    async def run() -> str:
        client = await connect(namespace)
        async with worker_on(client, Activities(SCENARIOS)):
            handle = await client.start_workflow(
                scenario.name,
                args=[scenario.input, {"state": {"odd": 1}}],
                id="sequence:2",
                task_queue=QUEUE,
            )
            await handle.result()
            view = await handle.query("show")
        return str(view["phase"])

    assert asyncio.run(run()) == "closed"
