"""The Temporal SDK's download of the CLI, with a time limit, into our cache."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

LIMIT_SECONDS = 60

SCRIPT = """
import asyncio, os, sys
from temporalio.testing import WorkflowEnvironment

async def main():
    async with await WorkflowEnvironment.start_local(
        download_dest_dir=sys.argv[1], dev_server_download_version=sys.argv[2]
    ):
        pass

status = 0
try:
    asyncio.run(main())
except RuntimeError as error:
    print(error, file=sys.stderr, flush=True)
    status = 1
# The SDK may crash while the interpreter shuts down (its issue 300): leave without that.
os._exit(status)
"""
"""The SDK downloads only as a part of starting a server; a process of its own can be stopped at the limit."""


class DownloadFailed(Exception):
    """Why there is no downloaded program."""


def download(target: Path, version: str, limit_seconds: float = LIMIT_SECONDS) -> None:
    """Put the CLI of that version at `target`, complete or not at all.

    Raises:
        DownloadFailed: no connection, no such version, or not within the limit.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        folder = tempfile.TemporaryDirectory(dir=target.parent, prefix=".download-")
    except OSError as error:
        raise DownloadFailed(f"{target.parent} cannot be written ({error.strerror})") from error
    with folder as name:
        try:
            done = subprocess.run(
                [sys.executable, "-P", "-c", SCRIPT, name, f"v{version}"],
                capture_output=True,
                text=True,
                timeout=limit_seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise DownloadFailed(f"it did not finish within {limit_seconds:.0f} s") from None
        if done.returncode != 0:
            raise DownloadFailed(_reason(done.stderr))
        programs = [path for path in Path(name).iterdir() if path.is_file()]
        if len(programs) != 1:
            raise DownloadFailed("the SDK left no program where it was asked to")
        programs[0].replace(target)


def _reason(stderr: str) -> str:
    lines = stderr.strip().splitlines()
    last = lines[-1] if lines else "the SDK did not say why"
    # The address of the download site only hides what went wrong.
    return last.split(" for url ")[0].removeprefix("Failed starting Temporal dev server: ")
