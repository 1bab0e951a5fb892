"""Commands as processes, against cases on a test's Temporal namespace."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import Namespace


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended, and what it wrote."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on standard output."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Shell:
    """Where commands run: the data folder of a stage, and its namespace."""

    namespace: Namespace
    data: Path

    async def caseway(self, *arguments: str) -> Ended:
        """Run one command to its end."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("CASEWAY_", "TEMPORAL_"))
        }
        told = {
            "CASEWAY_DATA": str(self.data),
            "TEMPORAL_ADDRESS": self.namespace.address,
            "TEMPORAL_NAMESPACE": self.namespace.name,
            "TZ": "UTC",
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "cli.main", *arguments,
            env=kept | told, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate()
        assert process.returncode is not None
        return Ended(process.returncode, out.decode(), err.decode())
