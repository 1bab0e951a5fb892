"""The standard's task types in the rehearsal world, from every snapshot, and on a Temporal server."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.conftest import Namespace
from tests.workflows.in_world import run_in_world
from tests.workflows.language_scenarios import LANGUAGE
from tests.workflows.on_server import Activities, connect, run_on_server, worker_on
from tests.workflows.scenarios import Scenario
from tests.workflows.test_rehearsal_runtime import check


@pytest.mark.parametrize("scenario", LANGUAGE, ids=lambda each: each.name)
def test_scenario_ends_as_the_standard_says(scenario: Scenario) -> None:
    """Output, or the error object with its exact instance, and the actions with their keys."""
    check(scenario, run_in_world(scenario))


@pytest.mark.parametrize("scenario", LANGUAGE, ids=lambda each: each.name)
def test_snapshot_and_resume_change_nothing(scenario: Scenario) -> None:
    """A case that starts again from a snapshot at each legal point does and gives the same."""
    straight, resumed = run_in_world(scenario), run_in_world(scenario, restart=True)

    check(scenario, resumed)
    assert straight.arguments == resumed.arguments
    assert straight.error == resumed.error


def test_scenarios_do_the_same_on_a_server(namespace: Namespace) -> None:
    """Actions, keys, arguments, ends and error objects do not depend on the runtime."""

    async def run() -> None:
        client = await connect(namespace)
        activities = Activities(LANGUAGE)
        outcomes: list[Any] = []
        async with worker_on(client, activities):
            # A hundred cases at once would keep two cores from answering queries in time.
            for at in range(0, len(LANGUAGE), 20):
                some = LANGUAGE[at : at + 20]
                outcomes += await asyncio.gather(
                    *(run_on_server(client, activities, each) for each in some)
                )
        for scenario, outcome in zip(LANGUAGE, outcomes, strict=True):
            check(scenario, outcome)
            rehearsed = run_in_world(scenario)
            assert rehearsed.arguments == outcome.arguments, scenario.name
            assert rehearsed.error == outcome.error, scenario.name

    asyncio.run(run())
