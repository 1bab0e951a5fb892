"""Reads and repeatable writes: tried until they answer, and safe from queries that come meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from temporalio import activity
from temporalio.client import (
    Client,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowHistory,
    WorkflowUpdateFailedError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError
from temporalio.worker import Replayer

from language.plan import ENGINE_SEMANTICS, CaseRules
from service.reads import READS
from tests.conftest import Namespace
from tests.workflows.on_server import QUEUE, Activities, connect, sandboxed, worker_on
from tests.workflows.scenarios import ORGANIZATION, SCENARIOS, STATUSES, Scenario, comment
from workflows.case import CaseWorkflow

SCENARIO = Scenario("short", (comment("say", "hello"),), rules=CaseRules(statuses=STATUSES))
WITH_CLOCK = next(each for each in SCENARIOS if each.name == "clocked")


async def replays(history: WorkflowHistory) -> None:
    """Raise where the history does not replay."""
    replayer = Replayer(workflows=[CaseWorkflow], workflow_runner=sandboxed())
    await replayer.replay_workflow(history)


def marked(history: WorkflowHistory) -> list[Any]:
    """Give the events of local activities."""
    return [event for event in history.events if event.HasField("marker_recorded_event_attributes")]


class Away(Activities):
    """The records are away at first."""

    def __init__(self) -> None:
        super().__init__([SCENARIO])
        self.attempts = 0

    @activity.defn(name="records.write")
    async def write(self, payload: dict[str, Any]) -> None:
        """Keep the projection at the third attempt."""
        self.attempts += 1
        if self.attempts < 3:
            raise ApplicationError("the disk is away", type="Unavailable")
        self.records[payload["case"]] = payload


def test_what_fails_is_tried_again(namespace: Namespace) -> None:
    """A projection that could not be written is written later, and nobody has to help."""

    async def run() -> Away:
        client = await connect(namespace)
        activities = Away()
        async with worker_on(client, activities):
            handle = await client.start_workflow("short", None, id="short:1", task_queue=QUEUE)
            await handle.result()
        await replays(await handle.fetch_history())
        return activities

    activities = asyncio.run(run())

    assert activities.attempts >= 3
    assert activities.records["short:1"]["row"]["phase"] == "closed"


def test_a_refusal_ends_the_case(namespace: Namespace) -> None:
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


class Slow(Activities):
    """Reads and writes take long enough for a query to come meanwhile."""

    def __init__(self) -> None:
        super().__init__([WITH_CLOCK])
        self.calls = 0

    @activity.defn(name="organization.read")
    async def read(self, request: dict[str, Any]) -> Any:
        """Answer after a moment."""
        self.calls += 1
        await asyncio.sleep(0.05)
        return READS[request["read"]](ORGANIZATION, request["arguments"])

    @activity.defn(name="records.write")
    async def write(self, payload: dict[str, Any]) -> None:
        """Keep nothing, after a moment."""
        self.calls += 1
        await asyncio.sleep(0.05)


async def ask_again_and_again(handle: WorkflowHandle[Any, Any]) -> None:
    """Somebody looks at the case all the time."""
    while True:
        with contextlib.suppress(RPCError):
            await handle.query("show")


def test_queries_change_nothing(namespace: Namespace) -> None:
    """A query while a local activity runs parts what runs from its replay: a case has none."""

    async def run() -> WorkflowHistory:
        client = await connect(namespace)
        activities = Slow()
        async with worker_on(client, activities):
            handle = await client.start_workflow(
                WITH_CLOCK.name, WITH_CLOCK.input, id=f"{WITH_CLOCK.name}:1", task_queue=QUEUE
            )
            curious = [asyncio.create_task(ask_again_and_again(handle)) for _ in range(4)]
            async with asyncio.timeout(30):
                while activities.calls < 6:
                    await asyncio.sleep(0.1)
            for each in curious:
                each.cancel()
            await asyncio.gather(*curious, return_exceptions=True)
            await handle.terminate()
        history = await handle.fetch_history()
        await replays(history)
        return history

    history = asyncio.run(run())

    assert not marked(history)


ACTS = Scenario("acts", (comment("first", "hello"), comment("second", "hello again", "/do/1")))
"""No statuses and no waits: nobody sees the case before it has ended."""


class SlowAtTheEnd(Activities):
    """The last write takes long enough for everybody to come meanwhile, and may fail first."""

    def __init__(self, *, fails: bool) -> None:
        super().__init__([replace(ACTS, level=2)])
        self.fails = fails
        self.attempts: list[bool] = []
        """Of each attempt, whether it was a local activity."""

    @activity.defn(name="records.write")
    async def write(self, payload: dict[str, Any]) -> None:
        """Keep it after a moment."""
        self.attempts.append(activity.info().is_local)
        await asyncio.sleep(0.2)
        if self.fails and len(self.attempts) == 1:
            raise ApplicationError("the disk is away", type="Unavailable")
        self.records[payload["case"]] = payload


async def as_shown(handle: WorkflowHandle[Any, Any]) -> Any:
    """Give what the case shows, asked again where a busy server has lost the question."""
    for _ in range(20):
        with contextlib.suppress(RPCError):
            return await handle.query("show")
        await asyncio.sleep(0.2)
    return await handle.query("show")


async def call_again_and_again(handle: WorkflowHandle[Any, Any], number: int) -> None:
    """Somebody sends events in both ways, and wants the case to end."""
    for count in itertools.count():
        event = {"id": f"{number}-{count}", "type": "hello", "data": {}}
        with contextlib.suppress(RPCError, WorkflowUpdateFailedError):
            await handle.execute_update("event", event)
        with contextlib.suppress(RPCError):
            await handle.signal("event", {**event, "id": f"{number}-{count}-signal"})
        with contextlib.suppress(RPCError):
            await handle.query("show")


@pytest.mark.parametrize("fails", [False, True])
def test_nobody_disturbs_the_last_write(namespace: Namespace, fails: bool) -> None:
    """The only local activity of a case, up to level 2: whoever comes meanwhile, it replays and is written as it ended."""

    async def run() -> list[SlowAtTheEnd]:
        client = await connect(namespace)
        played = []
        for number in range(4):
            activities = SlowAtTheEnd(fails=fails)
            played.append(activities)
            async with worker_on(client, activities):
                handle = await client.start_workflow(
                    ACTS.name, None, id=f"{ACTS.name}:{number}", task_queue=QUEUE
                )
                while not activities.attempts:
                    await asyncio.sleep(0.01)
                callers = [call_again_and_again(handle, each) for each in range(3)]
                tasks = [asyncio.create_task(each) for each in callers]
                tasks += [asyncio.create_task(ask_again_and_again(handle)) for _ in range(3)]
                await asyncio.sleep(0.1)
                await handle.cancel()
                # A call that reaches the server between the write and the end lets it end anew.
                with contextlib.suppress(WorkflowFailureError):
                    await handle.result()
                for each in tasks:
                    each.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                shown = await as_shown(handle)
                written = activities.records[handle.id]
                assert written["closed"] == shown["ended"]
                assert written["audit"] == shown["timeline"]
            await replays(await handle.fetch_history())
        return played

    for activities in asyncio.run(run()):
        assert activities.attempts[0]
        assert fails or all(activities.attempts)


class Listening(Activities):
    """Counts what cases tell at their end."""

    def __init__(self) -> None:
        super().__init__([ACTS])
        self.told: list[str] = []

    def take(self, payload: Mapping[str, Any]) -> None:
        """Keep it, and that it came."""
        self.told.append(payload["case"])
        super().take(payload)


def test_a_case_that_only_acts_tells_its_end_without_a_command(namespace: Namespace) -> None:
    """Whoever comes meanwhile: what was told is how it ended, and its history holds its actions alone."""

    async def run() -> None:
        client = await connect(namespace)
        activities = Listening()
        async with worker_on(client, activities):
            for number in range(4):
                handle = await client.start_workflow(
                    ACTS.name, None, id=f"{ACTS.name}:{number}", task_queue=QUEUE
                )
                callers = [call_again_and_again(handle, each) for each in range(2)]
                tasks = [asyncio.create_task(each) for each in callers]
                tasks.append(asyncio.create_task(ask_again_and_again(handle)))
                await handle.result()
                for each in tasks:
                    each.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                shown = await as_shown(handle)
                written = activities.records[handle.id]
                assert written["closed"] == shown["ended"]
                assert written["audit"] == shown["timeline"]
                history = await handle.fetch_history()
                assert not marked(history)
                await replays(history)
        assert set(activities.told) == {f"{ACTS.name}:{number}" for number in range(4)}

    asyncio.run(run())


def test_a_replay_tells_nobody(namespace: Namespace) -> None:
    """A look at a case that has ended replays it, on a worker that has not seen its end."""

    async def run() -> list[list[str]]:
        client = await connect(namespace)
        told = []
        for again in (False, True):
            activities = Listening()
            async with worker_on(client, activities):
                if not again:
                    handle = await client.start_workflow(
                        ACTS.name, None, id=f"{ACTS.name}:1", task_queue=QUEUE
                    )
                    await handle.result()
                shown = await client.get_workflow_handle(f"{ACTS.name}:1").query("show")
                assert shown["ended"]["as"] == "completed"
            told.append(activities.told)
        return told

    assert asyncio.run(run()) == [[f"{ACTS.name}:1"], []]


def test_a_level_that_a_worker_does_not_know_waits_for_one_that_does(namespace: Namespace) -> None:
    """A case of a newer interpreter is not walked by an older one, and not failed by it either."""

    async def run() -> str:
        client = await connect(namespace)
        activities = Listening()
        activities.publish(replace(ACTS, level=ENGINE_SEMANTICS + 1))
        async with worker_on(client, activities):
            handle = await client.start_workflow(
                ACTS.name, None, id=f"{ACTS.name}:1", task_queue=QUEUE
            )
            async with asyncio.timeout(30):
                while (
                    "EVENT_TYPE_WORKFLOW_TASK_FAILED"
                    not in (await handle.fetch_history()).to_json()
                ):
                    await asyncio.sleep(0.1)
        status = (await handle.describe()).status
        assert not activities.actions
        await handle.terminate()
        return "" if status is None else status.name

    assert asyncio.run(run()) == "RUNNING"
