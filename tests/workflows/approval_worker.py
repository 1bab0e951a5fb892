"""A worker in a process of its own, to be killed: it writes down whom it has told."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from temporalio import activity
from temporalio.common import RawValue

from tests.conftest import Namespace
from tests.workflows.approval_scenarios import KILLED
from tests.workflows.on_server import Activities, connect, worker_on


class Writing(Activities):
    """Tells people by writing their seats into a file, once per key as a mailbox would."""

    def __init__(self, file: Path) -> None:
        super().__init__((KILLED,))
        self._file = file

    @activity.defn(dynamic=True)
    async def act(self, args: Sequence[RawValue]) -> Any:
        """Write down the key and the seats."""
        request = activity.payload_converter().from_payload(args[0].payload, dict)
        seats = ",".join(each["seat"] for each in request["arguments"]["seats"])
        line = f"{request['key'].partition(':')[2]} {seats}\n"
        known = self._file.read_text() if self._file.exists() else ""
        if line not in known:
            with self._file.open("a") as out:
                out.write(line)
        return {"deliveries": []}


async def main(address: str, namespace: str, file: str) -> None:
    """Work until killed."""
    client = await connect(Namespace(address, namespace))
    async with worker_on(client, Writing(Path(file))):
        print("ready", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
