"""Local activities that fail: the case goes on over an ordinary one, and its history replays."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from temporalio import activity
from temporalio.client import Client, WorkflowFailureError, WorkflowHistory
from temporalio.exceptions import ApplicationError
from temporalio.worker import Replayer

from language.plan import CaseRules
from service.reads import READS
from tests.conftest import Namespace
from tests.workflows.on_server import QUEUE, Activities, connect, sandboxed, worker_on
from tests.workflows.scenarios import ORGANIZATION, SCENARIOS, STATUSES, Scenario, comment
from workflows import on_temporal
from workflows.case import CaseWorkflow

SCENARIO = Scenario("short", (comment("say", "hello"),), rules=CaseRules(statuses=STATUSES))


WITH_CLOCK = next(each for each in SCENARIOS if each.name == "clocked")


class Stalled(Activities):
    """The records answer a local activity too late, or not at all; an ordinary one at once."""

    def __init__(self, how: str) -> None:
        super().__init__([SCENARIO])
        self._how = how

    @activity.defn(name="records.write")
    async def write(self, payload: dict[str, Any]) -> None:
        """Keep the projection, but not for a local activity."""
        if activity.info().is_local:
            if self._how == "late":
                await asyncio.sleep(60)
            raise ApplicationError("the disk is away", type="Unavailable")
        self.records[payload["case"]] = payload


async def replays(history: WorkflowHistory) -> None:
    """Raise where the history does not replay."""
    replayer = Replayer(workflows=[CaseWorkflow], workflow_runner=sandboxed())
    await replayer.replay_workflow(history)


@pytest.mark.parametrize("how", ["late", "failing"])
def test_a_local_activity_that_fails_is_carried_out_by_an_ordinary_one(
    namespace: Namespace, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Live its failure comes wrapped, in a replay bare: both take the same way."""
    monkeypatch.setattr(on_temporal, "READ_TIMEOUT", on_temporal.READ_TIMEOUT / 10)

    async def run() -> tuple[Stalled, WorkflowHistory]:
        client = await connect(namespace)
        activities = Stalled(how)
        async with worker_on(client, activities):
            handle = await client.start_workflow("short", None, id="short:1", task_queue=QUEUE)
            await handle.result()
        history = await handle.fetch_history()
        await replays(history)
        return activities, history

    activities, history = asyncio.run(run())

    assert activities.records["short:1"]["row"]["phase"] == "closed"
    types = [
        event.activity_task_scheduled_event_attributes.activity_type.name
        for event in history.events
        if event.HasField("activity_task_scheduled_event_attributes")
    ]
    assert "records.write" in types


def test_a_refusal_of_a_local_activity_replays(namespace: Namespace) -> None:
    """An unknown definition ends the case, in every replay too."""

    async def run() -> BaseException | None:
        client: Client = await connect(namespace)
        async with worker_on(client, Activities([SCENARIO])):
            handle = await client.start_workflow("unknown", None, id="unknown:1", task_queue=QUEUE)
            with pytest.raises(WorkflowFailureError) as raised:
                await handle.result()
        await replays(await handle.fetch_history())
        return raised.value.cause

    assert "there is no definition 'unknown'" in str(asyncio.run(run()))


class Counting(Activities):
    """Counts how many local activities run at the same time."""

    def __init__(self) -> None:
        super().__init__([WITH_CLOCK])
        self.running = 0
        self.most = 0
        self.calls = 0

    async def _slowly(self) -> None:
        self.running += 1
        self.calls += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0.05)
        self.running -= 1

    @activity.defn(name="organization.read")
    async def read(self, request: dict[str, Any]) -> Any:
        """Answer after a moment."""
        await self._slowly()
        return READS[request["read"]](ORGANIZATION, request["arguments"])

    @activity.defn(name="records.write")
    async def write(self, payload: dict[str, Any]) -> None:
        """Keep nothing, after a moment."""
        await self._slowly()


def test_one_local_activity_at_a_time(namespace: Namespace) -> None:
    """Results that come together live and apart in a replay would part the two."""

    async def run() -> Counting:
        client = await connect(namespace)
        activities = Counting()
        async with worker_on(client, activities):
            handle = await client.start_workflow(
                WITH_CLOCK.name, WITH_CLOCK.input, id=f"{WITH_CLOCK.name}:1", task_queue=QUEUE
            )
            async with asyncio.timeout(30):
                while activities.calls < 4:
                    await asyncio.sleep(0.1)
            await handle.terminate()
        return activities

    activities = asyncio.run(run())

    assert activities.most == 1
