"""Cases that work on one record, in both runtimes: once, in order, and with nothing lost in between."""

from __future__ import annotations

import asyncio

import pytest

from tests.conftest import Namespace
from tests.workflows.in_world import run_in_world
from tests.workflows.matter_scenarios import MATTER_SCENARIOS, SAID
from tests.workflows.on_server import Activities, connect, run_on_server, worker_on
from tests.workflows.scenarios import Scenario
from tests.workflows.test_rehearsal_runtime import check


@pytest.mark.parametrize("scenario", MATTER_SCENARIOS, ids=lambda each: each.name)
def test_one_record_for_all(scenario: Scenario) -> None:
    """What one case of a matter writes the others read, and each acts once."""
    outcome = run_in_world(scenario)

    check(scenario, outcome)
    expected = [text for texts in SAID[scenario.name].values() for text in texts]
    assert expected == [each["text"] for each in outcome.arguments]


@pytest.mark.parametrize("scenario", MATTER_SCENARIOS, ids=lambda each: each.name)
def test_a_snapshot_at_each_point_changes_nothing(scenario: Scenario) -> None:
    """Whatever is under way between two cases, new runs go on with it."""
    straight = run_in_world(scenario)

    resumed = run_in_world(scenario, restart=True)

    assert straight.actions == resumed.actions
    assert straight.arguments == resumed.arguments
    assert straight.ends == resumed.ends


@pytest.mark.parametrize("cached", [1000, 0])
def test_the_server_does_the_same(
    namespace: Namespace, monkeypatch: pytest.MonkeyPatch, cached: int
) -> None:
    """Neither the runtime nor workers that keep nothing make a difference, nor new runs."""
    if not cached:
        monkeypatch.setattr("workflows.case.HISTORY_EVENTS", 25)

    async def run() -> Activities:
        client = await connect(namespace)
        activities = Activities(MATTER_SCENARIOS)
        async with worker_on(client, activities, sandbox=bool(cached), cached=cached):
            await asyncio.gather(
                *(run_on_server(client, activities, each) for each in MATTER_SCENARIOS)
            )
        return activities

    activities = asyncio.run(run())

    said: dict[str, list[str]] = {}
    for case, given in activities.arguments.items():
        said.setdefault(case.partition(":")[0], []).extend(each["text"] for each in given)
    assert {name: texts for each in SAID.values() for name, texts in each.items()} == said
