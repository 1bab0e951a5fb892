"""The same scenarios on a Temporal server: same actions, same keys, same end."""

from __future__ import annotations

import asyncio

from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError

from tests.conftest import Namespace
from tests.workflows.in_world import run_in_world
from tests.workflows.on_server import QUEUE, Activities, connect, run_on_server, worker_on
from tests.workflows.scenarios import SCENARIOS
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

    async def run() -> ApplicationError:
        client = await connect(namespace)
        async with worker_on(client, Activities(SCENARIOS)):
            try:
                await client.execute_workflow("sequenze", {}, id="sequenze:1", task_queue=QUEUE)
            except WorkflowFailureError as error:
                assert isinstance(error.cause, ApplicationError)
                return error.cause
        raise AssertionError("the case did not fail")

    failure = asyncio.run(run())

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
