"""Folders of mail, one per recipient: `tmp` while it is written, `new` while it waits, `cur` after.

A mail is a file of its own, moved by atomic renames, so a killed process leaves whole mails only.
Nothing looks for copies: what was delivered twice lies there twice.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import time
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

WAITING = "new"
TAKEN = "cur"
WRITING = "tmp"
REFUSED = "quarantine"

ABANDONED_AFTER_SECONDS = 36 * 3600
"""A file that is still in `tmp` after this long was never accepted; Maildir's own figure."""

_NAME_LIMIT = 180
_numbers = itertools.count()


def folder_of(root: Path, address: str) -> Path:
    """The folder of a recipient, whatever characters the address has."""
    name = quote(address.lower(), safe="@+-_.=")
    if len(name) > _NAME_LIMIT or name.startswith("."):
        digest = hashlib.sha256(address.lower().encode()).hexdigest()
        name = f"{digest}{'@' if '@' in name else ''}"
    return root / name


def deliver(folder: Path, content: bytes) -> str:
    """Put a mail where it waits, durable on return, and give its file name.

    Names sort by time of arrival. The order is: write, sync the file, rename, sync the folder.
    """
    for part in (WRITING, WAITING, TAKEN):
        (folder / part).mkdir(parents=True, exist_ok=True)
    name = f"{time.time_ns():020d}.{os.getpid()}-{next(_numbers):06d}.eml"
    draft = folder / WRITING / name
    with draft.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(folder / WAITING / name)
    sync_folder(folder / WAITING)
    return name


def sync_folder(folder: Path) -> None:
    """Make renames into a folder survive a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_abandoned(root: Path, now: float) -> None:
    """Remove drafts that no server finished. `now` is seconds since 1970."""
    for draft in _drafts(root):
        if now - draft.stat().st_mtime > ABANDONED_AFTER_SECONDS:
            draft.unlink(missing_ok=True)


def _drafts(root: Path) -> Iterable[Path]:
    return root.glob(f"*/{WRITING}/*")
