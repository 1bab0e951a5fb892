"""Ends that no case told are found among the closed cases of a server, and kept."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.worker import Worker

from cases.opening import TASK_QUEUE
from cases.records import running
from cases.records.running import RunningCases
from cases.records.sweep import Swept, sweep
from cases.records.sweeper import Sweeper
from cases.records.upkeep import RecordsWorkflow, keep_records
from tests.cases.stage import Stage, ended, item_of, staged
from tests.cases.test_cases import LEAVE
from tests.conftest import Namespace

pytestmark = pytest.mark.server


class Deaf:
    """Stands for a worker that dies before it has kept what it heard."""

    def take(self, payload: object) -> None:
        """Hear nothing."""


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "STILL_TELLING", timedelta(seconds=-5))


async def swept(stage: Stage, looked_at: int) -> Swept:
    """Sweep once the server lists that many closed cases."""
    closed = RunningCases(stage.client, answer_seconds=5)
    async with asyncio.timeout(30):
        while True:
            pages = [page async for page in closed.closed_since(None)]
            if sum(len(page) for page in pages) >= looked_at:
                return await sweep(closed, stage.records, None)
            await asyncio.sleep(0.1)


def test_a_case_whose_worker_died_with_its_end_is_added(
    namespace: Namespace, tmp_path: Path
) -> None:
    """With everything that it can still tell, and only once."""

    async def story() -> None:
        async with staged(namespace, tmp_path) as stage:
            stage.endings = Deaf()  # type: ignore[assignment]
            async with stage.worker():
                begun = await stage.cases.start("at-once", {"number": 2}, by="amy")
                await ended(stage, begun.case)
                assert await stage.records.case(begun.case) is None
                first = await swept(stage, 1)
                again = await sweep(RunningCases(stage.client), stage.records, first.newest)
            line = await stage.records.case(begun.case)
            assert line is not None
            assert (line["phase"], line["endedAs"]) == ("closed", "completed")
            history = await stage.records.history(begun.case)
            assert [each["kind"] for each in history] == ["started", "completed"]
            assert first.added == (begun.case,)
            assert again.added == ()

    asyncio.run(story())


def test_a_case_that_told_its_end_is_left_alone(namespace: Namespace, tmp_path: Path) -> None:
    """The worker that saw it has kept it within moments; the sweep asks nobody."""

    async def story() -> None:
        async with staged(namespace, tmp_path) as stage, stage.worker():
            begun = await stage.cases.start("at-once", {"number": 2}, by="amy")
            await ended(stage, begun.case)
            async with asyncio.timeout(10):
                while await stage.records.case(begun.case) is None:
                    await asyncio.sleep(0.05)
            found = await swept(stage, 1)
            assert (found.looked_at, found.added) == (1, ())

    asyncio.run(story())


def test_a_terminated_case_is_closed_with_its_work(namespace: Namespace, tmp_path: Path) -> None:
    """Nobody can answer its item any more, so no worklist offers it."""

    async def story() -> None:
        async with staged(namespace, tmp_path) as stage, stage.worker():
            begun = await stage.cases.start("leave", LEAVE, by="amy")
            await item_of(stage, begun.case)
            async with asyncio.timeout(10):
                while not (await stage.records.worklist([])).items:
                    await asyncio.sleep(0.05)
            await stage.client.get_workflow_handle(begun.case).terminate("tests")
            found = await swept(stage, 1)
            line = await stage.records.case(begun.case)
            assert found.added == (begun.case,)
            assert line is not None
            assert line["endedAs"] == "terminated"
            assert not (await stage.records.worklist([])).items

    asyncio.run(story())


def test_the_upkeep_sweeps_by_itself(namespace: Namespace, tmp_path: Path) -> None:
    """Started by every worker, it runs once, and begins where it stopped."""

    async def story() -> None:
        async with staged(namespace, tmp_path) as stage:
            stage.endings = Deaf()  # type: ignore[assignment]
            async with stage.worker():
                begun = await stage.cases.start("at-once", {"number": 2}, by="amy")
                await ended(stage, begun.case)
            sweeper = Sweeper(RunningCases(stage.client, answer_seconds=1), stage.records)
            await keep_records(stage.client, "upkeep")
            await keep_records(stage.client, "upkeep")
            upkeep = Worker(
                stage.client, task_queue="upkeep",
                workflows=[RecordsWorkflow], activities=[sweeper.sweep],
            )  # fmt: skip
            async with upkeep, stage.worker(), asyncio.timeout(30):
                while await stage.records.case(begun.case) is None:
                    await asyncio.sleep(0.1)
            handle = stage.client.get_workflow_handle("caseway-records")
            history = (await handle.fetch_history()).to_json()
            await handle.terminate()
            assert history.count("EVENT_TYPE_ACTIVITY_TASK_COMPLETED") == 1

    assert TASK_QUEUE != "upkeep"
    asyncio.run(story())
