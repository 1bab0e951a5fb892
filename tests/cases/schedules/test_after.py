"""`schedule.after` on a real server: one case after the other, none lost, none twice."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from cases.errors import Refused
from cases.schedules.reconciler import apply_soon
from cases.schedules.temporal import schedule_id
from settings import Settings
from tests.cases.schedules.stage import Stage, definition, staged, until
from tests.conftest import Namespace
from worker import TASK_QUEUE

pytestmark = pytest.mark.server

AFTER = {"after": {"seconds": 1}}
WAITS = [{"wait": {"listen": {"to": {"one": {"with": {"type": "go"}}}}}}]
FAILS = [
    {
        "fail": {
            "raise": {"error": {"type": "https://example.org/broken", "status": 500, "title": "x"}}
        }
    }
]


def _time_of(case: str) -> datetime:
    return datetime.fromisoformat(case.partition(":after-")[2])


async def _ended(stage: Stage, case: str) -> datetime:
    return datetime.fromisoformat((await stage.recorded(case))["endedAt"])


async def _view(stage: Stage, case: str) -> dict[str, Any]:
    """What a case says of itself."""
    view: dict[str, Any] = await stage.client.get_workflow_handle(case).query("show")
    return view


async def _cases(stage: Stage, count: int) -> list[str]:
    return await until(lambda: stage.started("sweep"), lambda found: len(found) >= count)


def test_the_next_case_starts_after_the_one_before(namespace: Namespace, tmp_path: Path):
    """Publishing starts the first; each one that completes starts the next, the delay later."""

    async def story() -> None:
        async with staged(namespace, tmp_path) as stage, stage.worker():
            await stage.publish(definition("sweep", schedule=AFTER))
            assert (await stage.apply())["created"] == [schedule_id("sweep", "after")]
            assert (await stage.apply())["kept"] == [schedule_id("sweep", "after")]
            cases = (await _cases(stage, 3))[:3]
            for before, after in pairwise(cases):
                ended = await _ended(stage, before)
                assert _time_of(after) - ended >= timedelta(seconds=1)
                lines = await stage.records.history(before)
                assert any(
                    "the next case starts at" in each["text"] and each["kind"] == "scheduled"
                    for each in lines
                )
            await stage.schedules.pause("sweep", "after", by="test", reason="enough")
            await asyncio.sleep(1)

    asyncio.run(story())


def test_one_that_waits_keeps_the_next_one_waiting(namespace: Namespace, tmp_path: Path):
    """While a case runs there is no other; one that somebody starts beside it starts none after it."""

    async def story() -> None:
        async with staged(namespace, tmp_path) as stage, stage.worker():
            await stage.publish(definition("sweep", schedule=AFTER, do=WAITS))
            await stage.apply()
            (first,) = await _cases(stage, 1)
            own = await stage.cases.start("sweep", {}, key="mine", by="lin")
            await stage.client.get_workflow_handle(own.case).signal("go")
            await stage.client.get_workflow_handle(own.case).result()
            await asyncio.sleep(2)
            assert await stage.started("sweep") == [first, own.case]
            await stage.client.get_workflow_handle(first).signal("go")
            assert len(await _cases(stage, 3)) == 3

    asyncio.run(story())


def test_the_newest_version_runs_next_until_none_follows(namespace: Namespace, tmp_path: Path):
    """A chain takes what is published meanwhile; a version without the schedule ends it."""

    async def story() -> None:
        async with staged(namespace, tmp_path) as stage, stage.worker():
            await stage.publish(definition("sweep", schedule=AFTER, do=WAITS))
            await stage.apply()
            (first,) = await _cases(stage, 1)
            await stage.publish(definition("sweep", "1.1.0", schedule=AFTER, do=WAITS))
            await stage.apply()
            await stage.client.get_workflow_handle(first).signal("go")
            second = (await _cases(stage, 2))[1]
            view = await until(
                lambda: stage.cases.show(second), lambda found: found.get("version") is not None
            )
            assert view["version"] == "1.1.0"

            await stage.publish(definition("sweep", "1.2.0", do=WAITS))
            assert (await stage.apply())["deleted"] == [schedule_id("sweep", "after")]
            await stage.client.get_workflow_handle(second).signal("go")
            await stage.client.get_workflow_handle(second).result()
            await asyncio.sleep(3)
            assert len(await stage.started("sweep")) == 2

    asyncio.run(story())


def test_a_case_that_fails_pauses_the_chain(namespace: Namespace, tmp_path: Path):
    """`after` is after completion: what failed is not done again and again; an operator resumes it."""

    async def story() -> None:
        async with staged(namespace, tmp_path) as stage, stage.worker():
            await stage.publish(definition("sweep", schedule=AFTER, do=FAILS))
            await stage.apply()
            (first,) = await _cases(stage, 1)
            paused = await until(
                lambda: stage.schedules.show("sweep", "after"), lambda found: found.paused
            )
            assert paused.note.startswith(f"{first} ended as failed")
            assert "caseway schedules resume" in paused.note
            await stage.publish(definition("sweep", "1.1.0", schedule=AFTER))
            await stage.apply()
            await stage.schedules.resume("sweep", "after", by="lin", reason="mended")
            second, third = (await _cases(stage, 3))[1:3]
            assert _time_of(third) > _time_of(second)

    asyncio.run(story())


def test_a_chain_that_lost_its_next_time_goes_on(namespace: Namespace, tmp_path: Path):
    """A case that completed and could not say so is followed at the next pass; a hand does it too."""

    async def story() -> None:
        async with staged(namespace, tmp_path) as stage, stage.worker():
            await stage.publish(definition("sweep", schedule=AFTER, do=WAITS))
            await stage.apply()
            (first,) = await _cases(stage, 1)
            with pytest.raises(Refused, match="still runs"):
                await stage.schedules.trigger("sweep", "after")
            await stage.schedules.pause("sweep", "after", by="lin", reason="audit")
            await stage.client.get_workflow_handle(first).signal("go")
            await stage.client.get_workflow_handle(first).result()
            # Its next time passes while the schedule is paused.
            await asyncio.sleep(3)
            handle = stage.client.get_schedule_handle(schedule_id("sweep", "after"))
            await handle.unpause()
            assert (await stage.apply())["updated"] == [schedule_id("sweep", "after")]
            second = (await _cases(stage, 2))[1]
            assert _time_of(second) > _time_of(first)

    asyncio.run(story())


def test_a_case_that_is_terminated_is_noticed(namespace: Namespace, tmp_path: Path):
    """It could start nothing any more: the next pass says so, instead of silence for ever."""

    async def story() -> None:
        async with staged(namespace, tmp_path) as stage, stage.worker():
            await stage.publish(definition("sweep", schedule=AFTER, do=WAITS))
            await stage.apply()
            (first,) = await _cases(stage, 1)
            assert (await stage.apply())["paused"] == []
            await stage.client.get_workflow_handle(first).terminate("test")
            assert (await stage.apply())["paused"] == [schedule_id("sweep", "after")]
            shown = await stage.schedules.show("sweep", "after")
            assert shown.note.startswith(f"{first} ended as terminated")
            await stage.schedules.resume("sweep", "after", by="lin", reason="again")
            assert len(await _cases(stage, 2)) == 2

    asyncio.run(story())


def test_kill_9_neither_breaks_the_chain_nor_doubles_it(namespace: Namespace, tmp_path: Path):
    """Workers die at any moment, again and again: every case has one case after it."""
    data = tmp_path / "data"
    settings = Settings(data=data)

    async def story() -> None:
        async with staged(namespace, data) as stage:
            await stage.publish(definition("sweep", schedule=AFTER))
            await apply_soon(stage.client, TASK_QUEUE)
            for number in range(4):
                with _worker(namespace, settings) as process:
                    before = len(await stage.started("sweep"))
                    await _cases(stage, before + 1)
                    # Somewhere within a case, its last action, or between two cases.
                    await asyncio.sleep(0.13 * number)
                    process.send_signal(signal.SIGKILL)
            with _worker(namespace, settings):
                enough = len(await stage.started("sweep")) + 3
                await _cases(stage, enough)
                await stage.schedules.pause("sweep", "after", by="test", reason="enough")
                await asyncio.sleep(2)
                cases = await stage.started("sweep")
                # The records may lack an end that a killed worker had heard, until the next sweep.
                views = [await _view(stage, case) for case in cases[:-1]]
            assert len(set(cases)) == len(cases)
            for view, later in zip(views, cases[1:], strict=True):
                ended = datetime.fromisoformat(view["ended"]["at"])
                assert _time_of(later) - ended >= timedelta(seconds=1), (view["case"]["id"], later)

    asyncio.run(story())


@contextmanager
def _worker(namespace: Namespace, settings: Settings) -> Iterator[subprocess.Popen[Any]]:
    """A worker process as in production."""
    process = subprocess.Popen(
        [sys.executable, "-m", "worker"],
        env={
            **os.environ,
            "TEMPORAL_ADDRESS": namespace.address,
            "TEMPORAL_NAMESPACE": namespace.name,
            "CASEWAY_DATA": str(settings.data),
        },
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
