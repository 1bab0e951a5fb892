"""A dev server in an empty folder, with the flags of `caseway up`, for as long as figures are taken."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from temporalio.client import Client

from cases.connect import connect
from cases.search_attributes import TYPE_NAMES
from cli.problem import CannotRun
from cli.running import programs
from cli.running.supervisor import Supervisor
from cli.temporal.chain import Configured, Machine, find_server
from cli.temporal.dev_server import DevServer
from cli.temporal.namespace import prepare_namespace
from settings import Settings


@asynccontextmanager
async def dev_server(
    settings: Settings, say: Callable[[str], None]
) -> AsyncIterator[tuple[Supervisor, Client]]:
    """Start the server, and stop all that was started beside it in the end.

    Raises:
        CannotRun: says what to do.
    """
    found = find_server(Machine(say=say))
    if isinstance(found, Configured):
        raise CannotRun(
            "the benchmark runs its own dev server: unset TEMPORAL_ADDRESS and try again."
        )
    server = DevServer(
        found,
        settings.temporal_folder,
        settings.temporal_port,
        settings.temporal_ui_port,
        TYPE_NAMES,
    )
    server.prepare()
    supervisor = Supervisor(say)
    try:
        await supervisor.start(
            programs.temporal(settings, server),
            programs.serves(settings.temporal_address),
        )
        client = await connect(settings.temporal_address)
        await prepare_namespace(client, TYPE_NAMES)
        yield supervisor, client
    finally:
        await supervisor.stop()


def free_port() -> int:
    """Return a port that nothing uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        assert isinstance(port, int)
        return port
