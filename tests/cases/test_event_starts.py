"""Definitions that start on events, on a Temporal server: a case per set of events, and never two."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.definitions import Definitions
from activities.events import Events
from activities.organization import OrganizationReads
from activities.wrapper import Action
from cases.errors import (
    CaseError,
    DefinitionNotFound,
    InputInvalid,
    RecordsUnavailable,
    ServerUnavailable,
    WorkerSilent,
)
from cases.event_starts import EventStarts
from cases.opening import TASK_QUEUE
from cases.publishing import Publication
from cases.routing import Routing
from integrations import errors as kinds
from service.cloud_events import router_of, starter_of
from tests.cases.stage import Stage, ended, staged
from tests.conftest import Namespace
from workflows.case import CaseWorkflow
from workflows.routing import router, starter
from workflows.routing.router import RouterWorkflow
from workflows.routing.starter import StarterWorkflow

KINDS: Mapping[type[Exception], type[kinds.IntegrationError]] = {
    DefinitionNotFound: kinds.NotFound,
    InputInvalid: kinds.Refused,
    RecordsUnavailable: kinds.Unavailable,
    ServerUnavailable: kinds.Unavailable,
    WorkerSilent: kinds.Unavailable,
}


def event(id: str, type: str, data: Any = None) -> dict[str, Any]:
    """A CloudEvent of a shop."""
    return {
        "specversion": "1.0", "id": id, "source": "https://shop.example", "type": type, "data": data,
    }  # fmt: skip


def process(version: str, on: str, *, more: str = "", schema: str = "") -> str:
    """A definition that starts on events and gives back their data."""
    schedule = f"schedule: {{ on: {on} }}\n" if on else ""
    return f"""
document: {{ dsl: '1.0.3', namespace: tests, name: on-order, version: '{version}'{more} }}
{schedule}{schema}do:
  - give: {{ set: '${{ [ $workflow.input[] | .data ] }}' }}
"""


class Starting:
    """A stage on which definitions start on events."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self.stage = stage
        self.routing = Routing(stage.client)
        self.starts = EventStarts(stage.client, stage.bundles, stage.cases)
        self._folder = folder

    async def publish(self, text: str) -> Mapping[str, list[str]]:
        """Publish a definition, and apply what it says of events."""
        place = self._folder / "on-order"
        place.mkdir(exist_ok=True)
        (place / "process.yaml").write_text(text)
        await Publication([self._folder]).store(self.stage.bundles, self.stage.bundles)
        return await self.starts.apply()

    async def tell(self, *events: dict[str, Any]) -> None:
        """Publish events, one after the other."""
        for each in events:
            await self.routing.publish(each)

    def worker(self) -> Worker:
        """A worker that runs cases, routers and starters."""
        action = Action(KINDS)
        events = Events(self.routing, self.starts)
        definitions = Definitions(self.stage.bundles, self.stage.cases)
        organization = OrganizationReads(self.stage.bundles, self.stage.records)
        return Worker(
            self.stage.client,
            task_queue=TASK_QUEUE,
            workflows=[CaseWorkflow, RouterWorkflow, StarterWorkflow],
            activities=[
                action.repeatable("definition.load", definitions.load),
                action.repeatable("organization.read", organization.read),
                action.repeatable("records.write", self.stage.records.write),
                action.repeatable("events.subscribe", events.subscribe),
                action.repeatable("events.unsubscribe", events.unsubscribe),
                action.repeatable("events.gone", events.gone),
                action.repeatable("events.start", events.start),
                action.repeatable("events.apply", events.apply),
            ],
            workflow_runner=UnsandboxedWorkflowRunner(),
        )

    async def until(self, **wanted: Any) -> dict[str, Any]:
        """Look at the starter until it shows this."""
        found: dict[str, Any] = {}
        for _ in range(200):
            found = await self.stage.client.get_workflow_handle(starter_of("on-order")).query(
                "show"
            )
            if all(found[name] == value for name, value in wanted.items()):
                return found
            await asyncio.sleep(0.05)
        raise AssertionError(f"it never came to {wanted}: {found}")

    async def outputs(self, number: int) -> list[Any]:
        """Outputs of all cases of the definition, once there are so many, in no order."""
        for _ in range(200):
            found = [
                each async for each in self.stage.client.list_workflows("WorkflowType = 'on-order'")
            ]
            if len(found) >= number:
                break
            await asyncio.sleep(0.05)
        handles = [
            self.stage.client.get_workflow_handle(each.id, run_id=each.run_id) for each in found
        ]
        return sorted([await each.result() for each in handles], key=str)


@asynccontextmanager
async def starting(namespace: Namespace, folder: Path) -> AsyncIterator[Starting]:
    """A stage with a worker."""
    definitions = folder / "published"
    definitions.mkdir()
    async with staged(namespace, folder) as stage:
        found = Starting(stage, definitions)
        async with found.worker():
            yield found


def test_a_case_per_event(namespace: Namespace, tmp_path: Path) -> None:
    """Each event that fits, once, however often it is published or the activity is carried out."""

    async def run() -> None:
        async with starting(namespace, tmp_path) as here:
            applied = await here.publish(
                process("1.0.0", "{ one: { with: { type: order.placed } } }")
            )
            assert applied == {"listening": ["on-order"], "ended": []}
            await here.until(listens=True)

            first, second = event("1", "order.placed", 1), event("2", "order.placed", 2)
            await here.tell(first, event("x", "other.placed"), first, second, first)
            await here.until(started=2)
            key = "same-key"
            one = await here.starts.start("on-order", [event("3", "order.placed", 3)], key)
            await ended(here.stage, one)
            again = await here.starts.start("on-order", [event("3", "order.placed", 3)], key)

            assert one == again
            assert await here.outputs(3) == [[1], [2], [3]]

    asyncio.run(run())


def test_what_came_before_it_was_published_counts_while_it_is_early(
    namespace: Namespace, tmp_path: Path
) -> None:
    """An event that nobody has had waits for its listener."""

    async def run() -> None:
        async with starting(namespace, tmp_path) as here:
            await here.tell(event("1", "order.placed", 1))
            await here.publish(process("1.0.0", "{ one: { with: { type: order.placed } } }"))

            assert await here.outputs(1) == [[1]]

    asyncio.run(run())


def test_sets_across_types_and_long_histories(
    namespace: Namespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Correlated sets are gathered from two routers; new runs of all three lose nothing."""
    monkeypatch.setattr(router, "HISTORY_EVENTS", 25)
    monkeypatch.setattr(starter, "HISTORY_EVENTS", 25)
    on = (
        "{ all: [ { with: { type: order.placed }, correlate: { order: { from: .data.order } } },"
        " { with: { type: order.paid }, correlate: { order: { from: .data.order } } } ] }"
    )

    async def run() -> None:
        async with starting(namespace, tmp_path) as here:
            await here.publish(process("1.0.0", on))
            await here.until(listens=True)
            for n in range(12):
                await here.tell(event(f"p{n}", "order.placed", {"order": n}))
            await here.until(sets=12)
            for n in reversed(range(12)):
                await here.tell(event(f"q{n}", "order.paid", {"order": n}))

            wanted = [[{"order": n}, {"order": n}] for n in range(12)]
            assert await here.outputs(12) == sorted(wanted, key=str)
            await here.until(sets=0, started=12)

    asyncio.run(run())


def test_a_new_version_listens_to_something_else(namespace: Namespace, tmp_path: Path) -> None:
    """The newest version decides; without schedule.on nothing starts any more, and the starter ends."""

    async def run() -> None:
        async with starting(namespace, tmp_path) as here:
            await here.publish(process("1.0.0", "{ one: { with: { type: order.placed } } }"))
            await here.until(listens=True)
            await here.publish(process("1.1.0", "{ one: { with: { type: order.paid } } }"))
            await here.tell(event("2", "order.paid", 2))
            await here.until(started=1)
            await here.tell(event("1", "order.placed", 1))
            assert await here.outputs(1) == [[2]]

            assert await here.publish(process("1.2.0", "")) == {
                "listening": [],
                "ended": ["on-order"],
            }
            handle = here.stage.client.get_workflow_handle(starter_of("on-order"))
            await asyncio.wait_for(handle.result(), 20)
            assert (await handle.describe()).status == WorkflowExecutionStatus.COMPLETED
            assert await here.starts.apply() == {"listening": [], "ended": []}

    asyncio.run(run())


def test_events_that_are_no_input_start_nothing_and_stop_nothing(
    namespace: Namespace, tmp_path: Path
) -> None:
    """The operator sees why; the next event starts its case."""
    schema = (
        "input: { schema: { document: { type: array, items: { required: [data], "
        "properties: { data: { type: integer } } } } } }\n"
    )

    async def run() -> None:
        async with starting(namespace, tmp_path) as here:
            on = "{ one: { with: { type: order.placed } } }"
            await here.publish(process("1.0.0", on, schema=schema))
            await here.until(listens=True)
            await here.tell(event("1", "order.placed", "text"), event("2", "order.placed", 2))

            found = await here.until(started=1)

            assert "/0/data" in found["refused"]
            assert await here.outputs(1) == [[2]]

    asyncio.run(run())


def test_a_router_that_was_lost_is_told_again(namespace: Namespace, tmp_path: Path) -> None:
    """Applying what is published once more mends it."""

    async def run() -> None:
        async with starting(namespace, tmp_path) as here:
            await here.publish(process("1.0.0", "{ one: { with: { type: order.placed } } }"))
            await here.until(listens=True)
            await here.stage.client.get_workflow_handle(router_of("order.placed")).terminate("lost")

            await here.starts.apply()
            await here.tell(event("1", "order.placed", 1))

            assert await here.outputs(1) == [[1]]

    asyncio.run(run())


def test_a_definition_that_is_not_there_starts_nothing(
    namespace: Namespace, tmp_path: Path
) -> None:
    """The error names what there is."""

    async def run() -> None:
        async with starting(namespace, tmp_path) as here:
            with pytest.raises(CaseError):
                await here.starts.start("on-ordr", [], "k")

    asyncio.run(run())
