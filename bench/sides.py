"""The two that are compared, on one dev server: Caseway's worker and one that is written by hand.

The server has the flags of `caseway up`; each side has one worker process with the same options.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click
from temporalio.client import Client, WorkflowHandle
from temporalio.common import TypedSearchAttributes

from bench import hand_written
from bench.server import dev_server, free_port
from cases.bundles.folder import FolderBundles
from cases.search_attributes import at_start
from cli.problem import CannotRun
from cli.running import programs
from cli.running.supervisor import Program, Supervisor
from settings import Settings

DEFINITIONS = Path(__file__).parent / "definitions"
HAND_WRITTEN = "by hand"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two, ready to start cases. `watched` are its processes: name -> id."""

    name: str
    workflow: str
    task_queue: str
    arguments: list[Any]
    attributes: Callable[[str], TypedSearchAttributes]
    """By the case's key."""
    watched: Mapping[str, int]

    async def start(self, client: Client, key: str) -> WorkflowHandle[Any, Any]:
        """Start one case."""
        return await client.start_workflow(
            self.workflow,
            args=self.arguments,
            id=f"{self.workflow}:{key}",
            task_queue=self.task_queue,
            search_attributes=self.attributes(key),
        )


@dataclass(frozen=True, slots=True)
class Sides:
    """A running server with both workers and the system that they call."""

    client: Client
    settings: Settings
    supervisor: Supervisor
    url: str

    async def caseway(self, definition: str) -> Side:
        """The side that runs a definition of `bench/definitions`."""
        pinned = await FolderBundles(self.settings.bundles_folder).newest(definition)
        assert pinned is not None
        # A case brings along what its own doors give it: its plan, and what lists show.
        return Side(
            "Caseway",
            definition,
            programs.TASK_QUEUE,
            [{"url": self.url}, {"plan": pinned.pinned}],
            partial(at_start, definition, pinned.plan.version),
            self._watched(programs.WORKER),
        )

    def by_hand(self) -> Side:
        """The side that a Temporal developer has written."""
        return Side(
            HAND_WRITTEN,
            hand_written.WORKFLOW,
            hand_written.TASK_QUEUE,
            [{"url": self.url}],
            lambda _: TypedSearchAttributes.empty,
            self._watched(HAND_WRITTEN),
        )

    def _watched(self, worker: str) -> Mapping[str, int]:
        return {
            "worker": self.supervisor.pid(worker),
            "server": self.supervisor.pid(programs.TEMPORAL),
        }


@asynccontextmanager
async def both(folder: Path, say: Callable[[str], None]) -> AsyncIterator[Sides]:
    """Start everything in an empty folder, and stop it in the end.

    Raises:
        CannotRun: says what to do.
    """
    settings = Settings(
        data=folder,
        definitions=DEFINITIONS,
        temporal_port=free_port(),
        temporal_ui_port=free_port(),
        # The other system of the chain is a stub on this machine.
        outgoing_networks=("127.0.0.1/32",),
    )
    async with dev_server(settings, say) as (supervisor, client):
        url = await _start(supervisor, settings, client)
        yield Sides(client, settings, supervisor, url)


async def _start(supervisor: Supervisor, settings: Settings, client: Client) -> str:
    port = free_port()
    stub = Program(
        "stub", programs.python("bench.stub", str(port)), settings.logs_folder / "stub.log", _here()
    )
    await supervisor.start(stub, programs.listens("127.0.0.1", port))
    command = programs.python(
        "bench.hand_written", settings.temporal_address, str(settings.workflow_slots)
    )
    by_hand = Program(HAND_WRITTEN, command, settings.logs_folder / "hand-written.log", _here())
    await supervisor.start(by_hand, programs.polls(client, hand_written.TASK_QUEUE))
    await publish(settings)
    await supervisor.start(programs.worker(settings), programs.polls(client))
    return f"http://127.0.0.1:{port}/"


async def publish(settings: Settings) -> None:
    """Publish the definitions of the settings.

    Raises:
        CannotRun: they have findings, which were printed.
    """
    # A process of its own, for the command is what operators use.
    process = await asyncio.create_subprocess_exec(
        *programs.python("cli.main", "publish", str(settings.definitions)),
        env={**os.environ, **programs.as_environment(settings)},
        stdout=sys.stderr,
    )
    if await process.wait() != 0:
        raise CannotRun(f"{settings.definitions} could not be published.")


def _here() -> dict[str, str]:
    """Return where `bench` is found: it is not installed with Caseway."""
    return {"PYTHONPATH": str(Path(__file__).resolve().parents[1])}


def say(text: str) -> None:
    """Tell what goes on, beside the figures."""
    click.echo(text, err=True)
