"""Notices changed files below a folder, by looking every now and then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

LOOK_EVERY_SECONDS = 0.5

Seen = dict[Path, tuple[int, int]]


def look(folder: Path) -> Seen:
    """Return time of change and size of every file below the folder; hidden ones and editors' copies left out."""
    seen: Seen = {}
    for path in folder.rglob("*"):
        if path.name.startswith(".") or path.name.endswith("~"):
            continue
        try:
            status = path.stat()
        except OSError:
            continue  # deleted between the listing and the look
        if path.is_file():
            seen[path] = (status.st_mtime_ns, status.st_size)
    return seen


async def changes(
    folder: Path, pause: float = LOOK_EVERY_SECONDS
) -> AsyncIterator[frozenset[Path]]:
    """Yield the files that were changed, added or removed, once nothing has moved for a moment.

    An editor that writes in several steps, or a checkout of many files, is one change.
    """
    known = await asyncio.to_thread(look, folder)
    latest = known
    while True:
        await asyncio.sleep(pause)
        now = await asyncio.to_thread(look, folder)
        if now != known and now == latest:
            yield frozenset(
                path for path in known.keys() | now.keys() if known.get(path) != now.get(path)
            )
            known = now
        latest = now
