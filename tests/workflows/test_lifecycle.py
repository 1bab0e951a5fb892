"""Lifecycle events: what becomes of a case and its tasks, told in order, in both runtimes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from service.cloud_events import problems
from tests.conftest import Namespace
from tests.workflows.in_world import run_in_world
from tests.workflows.language_scenarios import LANGUAGE
from tests.workflows.lifecycle_scenarios import ALL, WHOLE
from tests.workflows.on_server import Activities, connect, run_on_server, worker_on
from tests.workflows.scenarios import Scenario


def brief(events: Sequence[Mapping[str, Any]]) -> list[str]:
    """Subject and phase of every event, and the task."""
    found = []
    for event in events:
        kind = event["type"].removeprefix("io.serverlessworkflow.").removesuffix(".v1")
        found.append(f"{kind} {event['data'].get('task', '')}".strip())
    return found


def steps(*paths: str) -> list[str]:
    """Created, started and completed of tasks without parts, one after the other."""
    return [f"task.{each} {path}" for path in paths for each in ("created", "started", "completed")]


EXPECTED = {
    "told": [
        "workflow.started",
        *steps("/do/0/ask"),
        "task.created /do/2/each",
        "task.started /do/2/each",
        *steps("/do/2/each/do/0/one", "/do/2/each/do/0/one"),
        "task.completed /do/2/each",
        "workflow.completed",
    ],
    "retried": [
        "workflow.started",
        "task.created /do/0/attempt",
        "task.started /do/0/attempt",
        "task.created /do/0/attempt/try/0/ask",
        "task.started /do/0/attempt/try/0/ask",
        "task.faulted /do/0/attempt/try/0/ask",
        "task.retried /do/0/attempt",
        "task.created /do/0/attempt/try/0/ask",
        "task.started /do/0/attempt/try/0/ask",
        "task.faulted /do/0/attempt/try/0/ask",
        "task.faulted /do/0/attempt",
        "workflow.faulted",
    ],
    "told-race": [
        "workflow.started",
        "task.created /do/0/first",
        "task.started /do/0/first",
        "task.created /do/0/first/fork/branches/0/long",
        "task.started /do/0/first/fork/branches/0/long",
        "task.created /do/0/first/fork/branches/1/short",
        "task.started /do/0/first/fork/branches/1/short",
        "task.completed /do/0/first/fork/branches/1/short",
        "task.cancelled /do/0/first/fork/branches/0/long",
        "task.completed /do/0/first",
        "workflow.completed",
    ],
    "held-twice": [
        "workflow.started",
        "task.created /do/0/ask",
        "task.started /do/0/ask",
        *["task.suspended /do/0/ask", "workflow.suspended", "task.resumed /do/0/ask", "workflow.resumed"] * 2,
        "task.completed /do/0/ask",
        "workflow.completed",
    ],
    "given-up": [
        "workflow.started",
        "task.created /do/0/block",
        "task.started /do/0/block",
        "task.created /do/0/block/do/0/pause",
        "task.started /do/0/block/do/0/pause",
        "task.cancelled /do/0/block/do/0/pause",
        "task.cancelled /do/0/block",
        "workflow.cancelled",
    ],
    "heard": [
        "workflow.started",
        "task.created /do/0/hear",
        "task.started /do/0/hear",
        "workflow.correlation-started",
        "workflow.correlation-completed",
        "task.completed /do/0/hear",
        "workflow.completed",
    ],
    "bad": [
        "workflow.started",
        "task.created /do/0/one",
        "task.faulted /do/0/one",
        "workflow.faulted",
    ],
}  # fmt: skip


@pytest.mark.parametrize("scenario", ALL, ids=lambda each: each.name)
@pytest.mark.parametrize("restart", [False, True], ids=["straight", "from every snapshot"])
def test_what_becomes_of_tasks_is_told_in_order(scenario: Scenario, restart: bool) -> None:
    """Every change once, with an id of its own, however often the case starts again."""
    outcome = run_in_world(scenario, restart=restart)

    assert outcome.ends == scenario.ends
    assert brief(outcome.announced) == EXPECTED[scenario.name]
    ids = [each["id"] for each in outcome.announced]
    assert len(set(ids)) == len(ids)
    assert ids == [each["id"] for each in run_in_world(scenario).announced]


@pytest.mark.parametrize("scenario", ALL, ids=lambda each: each.name)
def test_they_are_cloud_events_with_the_standards_data(scenario: Scenario) -> None:
    """Identity, source and time of the envelope; names, pointers, times and errors in the data."""
    times = {"correlation-started": "startedAt", "correlation-completed": "completedAt"}
    for event in run_in_world(scenario).announced:
        _, _, subject, phase, _ = event["type"].split(".")
        data = event["data"]
        assert not problems(event)
        assert event["source"] == f"/tests/{scenario.name}/1.0.0"
        assert event["subject"] == f"{scenario.name}:1"
        assert data[times.get(phase, f"{phase}At")] == event["time"]
        assert data["name" if subject == "workflow" else "workflow"] == f"{scenario.name}-1.tests"
        assert ("task" in data) == (subject == "task")
        assert ("error" in data) == (phase == "faulted")
        if (subject, phase) == ("workflow", "started"):
            named = {"name": scenario.name, "namespace": "tests", "version": "1.0.0"}
            assert data["definition"] == named


def test_without_a_sink_nothing_is_told() -> None:
    """No command, and nothing in the state."""
    assert run_in_world(replace(WHOLE, announces=False)).announced == []


def placed(events: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Type and place of events: what does not depend on the run."""
    return [(each["type"], each["id"].split(":", 3)[3]) for each in events]


def test_a_server_tells_the_same(namespace: Namespace) -> None:
    """The same events in the same order, delivered once, though the sink is away at first."""

    async def run() -> Activities:
        client = await connect(namespace)
        activities = Activities(ALL)
        activities.sink_away = 2
        async with worker_on(client, activities, cached=0):
            await asyncio.gather(*(run_on_server(client, activities, each) for each in ALL))
        return activities

    activities = asyncio.run(run())

    for scenario in ALL:
        told = activities.announced[f"{scenario.name}:1"]
        assert brief(told) == EXPECTED[scenario.name], scenario.name
        assert placed(told) == placed(run_in_world(scenario).announced)


def test_one_delivery_carries_what_happened_in_one_step(namespace: Namespace) -> None:
    """A case that never waits costs one delivery, not one for each of its tasks."""
    scenario = replace(
        next(each for each in LANGUAGE if each.name == "forwards-and-backwards"), announces=True
    )

    async def run() -> tuple[int, int]:
        client = await connect(namespace)
        activities = Activities([scenario])
        async with worker_on(client, activities):
            await run_on_server(client, activities, scenario)
        return activities.deliveries, len(activities.announced[f"{scenario.name}:1"])

    deliveries, events = asyncio.run(run())

    assert deliveries == 1
    assert events > 20
