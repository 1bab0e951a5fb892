"""The data folder of `caseway up`: made once, used by one `up` at a time."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.problem import CannotRun


@contextmanager
def owned(folder: Path) -> Iterator[None]:
    """Make the folder, for its owner only, and hold it against a second `caseway up`.

    Raises:
        CannotRun: it cannot be written, or another `up` holds it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (folder / "up.lock").open("w")
    except OSError as error:
        raise CannotRun(
            f"{folder} cannot be written ({error.strerror}). "
            "Give it write permission, or set CASEWAY_DATA to a folder that has it."
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotRun(
                f"another `caseway up` uses {folder}. Stop it, or set CASEWAY_DATA to another folder."
            ) from None
        yield
