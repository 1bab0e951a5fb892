"""Files that several processes write and read at once: whole or not there, never half."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


def write_new(file: Path, content: bytes) -> bool:
    """Write a file that must not be there yet; False where it is, and then it stays as it is."""
    with _written(file, content) as temporary:
        try:
            # A hard link appears with its whole content, or fails because somebody was first.
            file.hardlink_to(temporary)
        except FileExistsError:
            return False
        _sync(file.parent)
        return True


def write_over(file: Path, content: bytes) -> None:
    """Write a file, in place of one that may be there: readers see the old one or the new one."""
    with _written(file, content) as temporary:
        temporary.replace(file)
        _sync(file.parent)


def read(file: Path) -> bytes | None:
    """The content of a file, or None where there is none."""
    try:
        return file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


@contextlib.contextmanager
def _written(file: Path, content: bytes) -> Iterator[Path]:
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".part")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    """Make the name of a new file survive a loss of power, as its content does."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
