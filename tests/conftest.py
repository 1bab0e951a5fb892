"""What all tests share: one Temporal dev server per session, started when the first test asks for it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from temporalio.client import Client

from cases.search_attributes import TYPE_NAMES
from cli.running import tied
from cli.temporal.chain import Machine, Program, cached, on_path
from cli.temporal.dev_server import DevServer

NAMESPACES = 300

ROOT = Path(__file__).resolve().parents[1]
# The processes that tests start run the code beside these tests, wherever another one is installed.
os.environ["PYTHONPATH"] = os.pathsep.join(
    [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
)


@dataclass(frozen=True, slots=True)
class Namespace:
    """A namespace of its own on the session's server: nothing of other tests lies in it."""

    address: str
    name: str


def free_port() -> int:
    """Return a port that nothing uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _serves(address: str) -> bool:
    """Whether a Temporal server takes clients: its port is open well before it is healthy."""
    try:
        asyncio.run(Client.connect(address))
    except RuntimeError:
        return False
    return True


def find_program() -> Program | None:
    """Return the Temporal CLI of this machine, or None; never downloads or builds."""
    machine = Machine(say=lambda _: None)
    for link in (on_path, cached):
        found = link(machine)
        if isinstance(found, Program):
            return found
    return None


@pytest.fixture(scope="session")
def temporal_program() -> Program:
    """Return the Temporal CLI of this machine; never uses a configured server."""
    program = find_program()
    if program is None:
        pytest.skip("no Temporal server on this machine: run `make setup`")
    return program


@pytest.fixture(scope="session")
def _namespaces(
    temporal_program: Program, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Iterator[Namespace]]:
    with dev_server(temporal_program, tmp_path_factory.mktemp("temporal")) as namespaces:
        yield namespaces


@contextlib.contextmanager
def dev_server(program: Program, folder: Path) -> Iterator[Iterator[Namespace]]:
    """Run a server with fresh namespaces for as long as the block lasts."""
    port = free_port()
    names = [f"test-{number}" for number in range(NAMESPACES)]
    server = DevServer(program, folder, port, free_port(), TYPE_NAMES, names)
    server.prepare()
    log = folder / "log"
    # Tied to this process: a killed test run leaves no server behind.
    command = [
        sys.executable,
        "-I",
        tied.__file__,
        str(os.getpid()),
        *server.command(),
        "--headless",
        # Schedules run in a worker per namespace; the server starts 10 of them in a second unless told.
        "--dynamic-config-value",
        "worker.perNamespaceWorkerStartRate=1000",
    ]
    with (
        log.open("wb") as output,
        subprocess.Popen(command, stdout=output, stderr=output) as process,
    ):
        deadline = time.monotonic() + 60
        while not _serves(f"127.0.0.1:{port}"):
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                pytest.fail(f"the Temporal server did not start: {log.read_text()[-2000:]}")
            time.sleep(0.1)
        yield iter([Namespace(f"127.0.0.1:{port}", name) for name in names])
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()


@pytest.fixture
def namespace(_namespaces: Iterator[Namespace]) -> Namespace:
    """Give the test a fresh namespace with our search attributes."""
    return next(_namespaces)


@pytest.fixture
def repository() -> Path:
    """Return the folder of the repository."""
    return Path(__file__).resolve().parents[1]
