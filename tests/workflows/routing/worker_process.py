"""A worker in a process of its own, to be killed: `python -m ... ADDRESS NAMESPACE`."""

from __future__ import annotations

import asyncio
import sys

from tests.conftest import Namespace
from tests.workflows.event_scenarios import EVENT_SCENARIOS
from tests.workflows.on_server import Activities, connect, worker_on
from tests.workflows.routing.test_router import LISTENERS


async def work(namespace: Namespace) -> None:
    """Work until killed."""
    client = await connect(namespace)
    async with worker_on(client, Activities([*EVENT_SCENARIOS, *LISTENERS])):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(work(Namespace(sys.argv[1], sys.argv[2])))
