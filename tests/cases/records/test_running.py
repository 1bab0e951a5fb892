"""Records made again from cases that really run: a server, the worker's own engine."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from temporalio import activity
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client, WorkflowHandle

from cases.errors import CaseNotFound, WorkerSilent
from cases.records.database import open_database
from cases.records.rebuild import rebuild
from cases.records.running import RunningCases
from cases.records.store import RecordStore
from language.plan import CaseRules
from tests.cases.records.samples import dump
from tests.conftest import Namespace
from tests.workflows.on_server import QUEUE, Activities, connect, wait_for, worker_on
from tests.workflows.scenarios import SCENARIOS, STATUSES, Scenario, Step, item

pytestmark = pytest.mark.server

ASKED = next(each for each in SCENARIOS if each.name == "asked")
LOOKED = Step(when="look")


class Recording(Activities):
    """The scenarios' activities, with records that are kept."""

    def __init__(self, records: RecordStore) -> None:
        super().__init__(
            [ASKED, Scenario("plain", (item("look", "/do/0"),), rules=CaseRules(statuses=STATUSES))]
        )
        self.kept = records

    @activity.defn(name="records.write")
    async def write(self, payload: dict[str, Any]) -> None:
        """Keep what the case tells."""
        await self.kept.write(payload)


def store_in(file: Path) -> RecordStore:
    """Open the records in a file."""
    return RecordStore(open_database(f"sqlite:///{file}"))


async def begin(client: Client, case: str) -> WorkflowHandle[Any, Any]:
    """Start a case as a plain client does, and wait until it waits for a person."""
    name = case.partition(":")[0]
    handle = await client.start_workflow(name, {}, id=case, task_queue=QUEUE)
    await wait_for(handle, LOOKED)
    return handle


async def answer(handle: WorkflowHandle[Any, Any], work: str, outcome: str) -> None:
    """Answer a work item."""
    request = {
        "id": f"{work}-{outcome}",
        "item": work,
        "by": "chen",
        "outcome": outcome,
        "values": {},
    }
    await handle.execute_update("answer", request)


async def until(done: Callable[[], Awaitable[bool]]) -> None:
    """Wait for what the server or a case does by itself."""
    for _ in range(200):
        if await done():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not happen")


def of(file: Path, *ids: str) -> dict[str, list[dict[str, Any]]]:
    """Read what is kept of some cases."""
    return {
        table: [line for line in lines if line["case_id"] in ids]
        for table, lines in dump(file).items()
    }


def test_records_of_running_cases_are_made_again_and_equal(
    namespace: Namespace, fresh: Callable[[], Path]
) -> None:
    """Open cases come back from the cases, ended ones stay, and a terminated one is found out."""
    kept, lost = fresh(), fresh()

    async def run() -> None:
        client = await connect(namespace)
        records, empty = store_in(kept), store_in(lost)
        running = RunningCases(client)
        async with worker_on(client, Recording(records)):
            waiting = await begin(client, "asked:1")
            again = await begin(client, "asked:2")
            await answer(again, "look", "again")
            await wait_for(again, Step(when="look#2"))
            over = await begin(client, "asked:3")
            await answer(over, "look", "done")
            await over.result()
            stopped = await begin(client, "plain:4")

            async def listed(*ids: str) -> bool:
                return {each async for each in running.open_cases()} == set(ids)

            await until(lambda: listed("asked:1", "asked:2", "plain:4"))

            async def told() -> bool:
                return (await rebuild(running, records, only_look=True)).equal

            await until(told)
            first = await rebuild(running, empty)
            assert first.cases == 3
            assert not first.equal
            assert (await rebuild(running, empty)).equal
            assert of(lost, "asked:1", "asked:2", "plain:4") == of(
                kept, "asked:1", "asked:2", "plain:4"
            )

            await stopped.terminate("by hand")
            await until(lambda: listed("asked:1", "asked:2"))
            before = of(kept, "asked:1", "asked:2", "asked:3")
            report = await rebuild(running, records)
            assert [(case, end.how) for case, end in report.ended] == [("plain:4", "terminated")]
            assert (await rebuild(running, records)).equal
            assert of(kept, "asked:1", "asked:2", "asked:3") == before
            await waiting.terminate()
            await again.terminate()
        records.close()
        empty.close()

    asyncio.run(run())

    states = {line["case_id"]: line["ended_as"] for line in dump(kept)["cases"]}
    assert states == {
        "asked:1": None,
        "asked:2": None,
        "asked:3": "completed",
        "plain:4": "terminated",
    }
    assert of(kept, "plain:4")["items"][0]["state"] == "withdrawn"
    assert of(lost, "asked:3") == {table: [] for table in dump(lost)}


def test_a_reset_case_goes_on_in_its_row(namespace: Namespace, fresh: Callable[[], Path]) -> None:
    """A reset gives the workflow another run; the case stays one row, which later writes replace."""
    kept = fresh()

    async def run() -> None:
        client = await connect(namespace)
        records = store_in(kept)
        running = RunningCases(client)
        async with worker_on(client, Recording(records)):
            handle = await begin(client, "asked:1")
            await answer(handle, "look", "again")
            await wait_for(handle, Step(when="look#2"))
            first = (await handle.describe()).run_id
            await client.workflow_service.reset_workflow_execution(
                ResetWorkflowExecutionRequest(
                    namespace=client.namespace,
                    workflow_execution=WorkflowExecution(workflow_id="asked:1", run_id=first),
                    reason="try again",
                    workflow_task_finish_event_id=4,
                    request_id="reset",
                )
            )
            reset = client.get_workflow_handle("asked:1")
            assert (await reset.describe()).run_id != first
            await until(lambda: is_back(reset))
            assert await running.ending("asked:1", first) is None

            async def told() -> bool:
                return (await rebuild(running, records, only_look=True)).equal

            await until(told)
            await reset.terminate()
        records.close()

    async def is_back(handle: WorkflowHandle[Any, Any]) -> bool:
        view = await handle.query("show")
        return any(each["id"].startswith("look") for each in view.get("items", ()))

    asyncio.run(run())

    assert len(dump(kept)["cases"]) == 1


def test_a_case_that_was_continued_ends_as_it_is_told(
    namespace: Namespace, fresh: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through continue-as-new a case keeps its row, and its later runs are found by the first."""
    monkeypatch.setattr("workflows.case.HISTORY_EVENTS", 12)
    kept = fresh()

    async def run() -> None:
        client = await connect(namespace)
        records = store_in(kept)
        running = RunningCases(client)
        async with worker_on(client, Recording(records)):
            handle = await begin(client, "asked:1")
            first = handle.first_execution_run_id
            assert first is not None
            await answer(handle, "look", "again")
            await wait_for(handle, Step(when="look#2"))

            async def continued() -> bool:
                return (await client.get_workflow_handle("asked:1").describe()).run_id != first

            await until(continued)
            assert await running.ending("asked:1", first) is None
            assert [each["run"] for each in dump(kept)["cases"]] == [first]
            await client.get_workflow_handle("asked:1").terminate()
            ending = await running.ending("asked:1", first)
            assert ending is not None
            assert ending.how == "terminated"
        records.close()

    asyncio.run(run())

    assert len(dump(kept)["cases"]) == 1


def test_what_temporal_does_not_know_has_ended_somehow(namespace: Namespace) -> None:
    """A case that was forgotten after the retention is no running one, and cannot be asked."""

    async def run() -> None:
        running = RunningCases(await connect(namespace), answer_seconds=1)
        ending = await running.ending("asked:9", "run")
        assert ending is not None
        assert (ending.how, ending.at) == ("unknown", None)
        with pytest.raises(CaseNotFound):
            await running.show("asked:9")

    asyncio.run(run())


def test_without_a_worker_a_case_cannot_be_asked(namespace: Namespace) -> None:
    """It is silent, which says nothing about whether it runs."""

    async def run() -> None:
        client = await connect(namespace)
        running = RunningCases(client, answer_seconds=1)
        handle = await client.start_workflow("asked", {}, id="asked:1", task_queue="nobody")
        with pytest.raises(WorkerSilent):
            await running.show("asked:1")
        assert await running.ending("asked:1", (await handle.describe()).run_id) is None
        await handle.terminate()

    asyncio.run(run())
