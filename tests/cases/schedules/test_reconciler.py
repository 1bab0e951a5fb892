"""The reconciler in a worker as in production: events follow what is published as times do."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from cases.routing import Routing
from cases.schedules.reconciler import apply_now
from settings import Settings
from tests.cases.schedules.stage import definition, staged, until
from tests.conftest import Namespace
from worker import TASK_QUEUE, compose, serve

pytestmark = pytest.mark.server


def test_events_start_cases_from_publishing_until_a_version_without(
    namespace: Namespace, tmp_path: Path
):
    """A worker as in production, its rooms, its reconciler: one event, one case, then none."""

    async def story() -> None:
        settings = Settings(data=tmp_path)
        on = {"one": {"with": {"type": "org.example.order"}}}
        async with staged(namespace, tmp_path) as stage:
            await stage.publish(definition("order", schedule={"on": on}))
            stop = asyncio.Event()
            async with compose(stage.client, settings) as composition:
                working = asyncio.create_task(serve(stage.client, composition, settings, stop))
                report = await apply_now(stage.client, TASK_QUEUE, 20)
                assert report is not None
                assert report["listening"] == ["order"]
                routing = Routing(stage.client)
                await _publish(routing, "1")
                (case,) = await until(lambda: stage.started("order"), lambda found: len(found) == 1)
                assert await stage.client.get_workflow_handle(case).result() == {"done": True}

                await stage.publish(definition("order", "1.1.0"))
                report = await apply_now(stage.client, TASK_QUEUE, 20)
                assert report is not None
                assert report["ended"] == ["order"]
                await _publish(routing, "2")
                await asyncio.sleep(1)
                assert await stage.started("order") == [case]
                stop.set()
                await working

    asyncio.run(story())


def test_a_worker_that_starts_makes_up_for_what_was_published(namespace: Namespace, tmp_path: Path):
    """Publishing needs no server: nobody has to remember afterwards."""

    async def story() -> None:
        settings = Settings(data=tmp_path)
        async with staged(namespace, tmp_path) as stage:
            await stage.publish(definition("nightly", schedule={"cron": "0 3 * * *"}))
            assert await stage.schedules.list() == []
            stop = asyncio.Event()
            async with compose(stage.client, settings) as composition:
                working = asyncio.create_task(serve(stage.client, composition, settings, stop))
                (nightly,) = await until(stage.schedules.list, lambda found: len(found) == 1)
                assert nightly.says["says"] == "cron 0 3 * * * (UTC)"
                stop.set()
                await working

    asyncio.run(story())


async def _publish(routing: Routing, number: str) -> None:
    await routing.publish(
        {
            "specversion": "1.0",
            "id": number,
            "source": "https://shop.example.org",
            "type": "org.example.order",
            "data": {"number": number},
        }
    )
