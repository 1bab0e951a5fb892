"""An outage of the server: what was missed is made up for within the catch-up window, and no more."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from cases.schedules.schedules import Schedules
from cases.schedules.temporal import as_schedule, schedule_id
from cases.schedules.wanted import Wanted
from cases.search_attributes import TYPE_NAMES
from cli.running import tied
from cli.temporal.chain import Program
from cli.temporal.dev_server import DevServer
from service.schedules.declared import declared
from tests.conftest import free_port

pytestmark = pytest.mark.server

EVERY = timedelta(seconds=2)
CATCH_UP = timedelta(seconds=10)
AWAY = 22.0


@asynccontextmanager
async def _serving(program: Program, folder: Path, port: int) -> AsyncIterator[Client]:
    """A server of its own, killed at the end; its database stays."""
    server = DevServer(program, folder, port, free_port(), TYPE_NAMES)
    server.prepare()
    command = [sys.executable, "-I", tied.__file__, str(os.getpid()), *server.command()]
    process = await asyncio.create_subprocess_exec(
        *command, "--headless", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield await _client(f"127.0.0.1:{port}")
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _client(address: str) -> Client:
    for _ in range(300):
        with contextlib.suppress(RuntimeError):
            return await Client.connect(address)
        await asyncio.sleep(0.1)
    raise AssertionError("the server does not answer")


async def _starts(client: Client) -> list[datetime]:
    found = [each.id async for each in client.list_workflows("WorkflowType = 'report'")]
    return sorted(datetime.fromisoformat(each.removeprefix("report:often-")) for each in found)


def test_the_window_says_how_late_is_too_late(temporal_program: Program, tmp_path: Path) -> None:
    """Starts of the last ten seconds come late; older ones are counted as missed, for ever."""

    async def story() -> None:
        entry = {"every": {"seconds": 2}, "catchUp": {"seconds": 10}}
        (often,) = declared("report", None, {"often": entry}, None, {})
        port = free_port()
        async with _serving(temporal_program, tmp_path, port) as client:
            schedule = as_schedule(Wanted(often, "Report"), datetime.now(UTC))
            await client.create_schedule(schedule_id("report", "often"), schedule)
            while len(await _starts(client)) < 2:
                await asyncio.sleep(0.2)
            before = await _starts(client)
        gone = datetime.now(UTC)
        await asyncio.sleep(AWAY)
        async with _serving(temporal_program, tmp_path, port) as client:
            back = datetime.now(UTC)
            while not any(each > back for each in await _starts(client)):
                await asyncio.sleep(0.2)
            nothing: object = None
            schedules = Schedules(client, nothing, nothing)  # type: ignore[arg-type]
            shown = await schedules.show("report", "often")
            late = [each for each in await _starts(client) if gone < each <= back]

        assert before
        assert late == sorted({late[0] + number * EVERY for number in range(len(late))})
        # The server takes up its schedules some seconds after it answers.
        assert back - CATCH_UP <= late[0] <= back - CATCH_UP + timedelta(seconds=8)
        assert shown.missed >= (AWAY - CATCH_UP.total_seconds() - 4) // EVERY.total_seconds()

    asyncio.run(story())
