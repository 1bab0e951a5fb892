"""`python -m integrations.mail.mailbox`: the embedded mailbox as a process."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
import time
from pathlib import Path

from integrations.mail.mailbox.maildir import remove_abandoned
from integrations.mail.mailbox.server import listen

LIMIT_BYTES = 25_000_000


async def serve(host: str, port: int, folder: Path, limit_bytes: int) -> None:
    """Take mail until the process is asked to stop."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = await listen(folder, host, port, limit_bytes)
    bound = server.sockets[0].getsockname()[1]
    sys.stdout.write(f"mailbox listens on {host}:{bound}\n")
    sys.stdout.flush()
    async with server:
        await stop.wait()


def main() -> int:
    """Exit status: 0 after a request to stop, 2 where it could not start."""
    parser = argparse.ArgumentParser(prog="python -m integrations.mail.mailbox")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True, help="0 takes a free one")
    parser.add_argument("--folder", type=Path, required=True, help="one folder per recipient")
    parser.add_argument("--limit", type=int, default=LIMIT_BYTES, help="largest mail, in bytes")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    try:
        arguments.folder.mkdir(parents=True, exist_ok=True)
        remove_abandoned(arguments.folder, time.time())
        asyncio.run(serve(arguments.host, arguments.port, arguments.folder, arguments.limit))
    except OSError as error:
        sys.stderr.write(
            f"The mailbox cannot listen on {arguments.host}:{arguments.port} and keep mail in "
            f"{arguments.folder}: {error.strerror or error}. "
            "Choose another port or folder, or end the process that uses it.\n"
        )
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
