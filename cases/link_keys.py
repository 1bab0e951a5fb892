"""The keys that sign links: made once, in a file that only its owner may read."""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from cases.errors import CaseError

KEY_BYTES = 32


class LinkKeysDamaged(CaseError):
    """The key file is there but cannot be read as one."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is not a file of link keys. Restore it, or remove it: "
            "links in mails that were sent before will not open any more."
        )
        self.path = path


class KeyFile(Mapping[str, bytes]):
    """Key id -> key, the newest first; read again whenever the file has changed.

    So a key that one process adds is known at once to the others, also to those that only read.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, or make it with one key where there is none.

        Raises:
            LinkKeysDamaged: it is not a file of keys.
            OSError: it cannot be read or written.
        """
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._keys: Mapping[str, bytes] = {}
        if not path.exists():
            self._make()
        self._current()

    def __getitem__(self, name: str) -> bytes:
        return self._current()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._current())

    def __len__(self) -> int:
        return len(self._current())

    def add(self) -> str:
        """Sign with a new key from now on, and give its id; the others go on opening their links."""
        name = secrets.token_hex(4)
        draft = self._draft({name: secrets.token_bytes(KEY_BYTES), **self._current()})
        draft.replace(self._path)
        return name

    def _current(self) -> Mapping[str, bytes]:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            # What is known goes on counting; the next process makes a file of its own.
            return self._keys
        stamp = (status.st_mtime_ns, status.st_ino)
        if stamp != self._stamp:
            self._keys, self._stamp = _read(self._path), stamp
        return self._keys

    def _make(self) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self._draft({secrets.token_hex(4): secrets.token_bytes(KEY_BYTES)})
        try:
            # A link, and not a rename: where another process was faster, its keys count.
            self._path.hardlink_to(draft)
        except FileExistsError:
            return
        finally:
            draft.unlink()

    def _draft(self, keys: Mapping[str, bytes]) -> Path:
        # A temporary file is 0600 from its first byte.
        handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=".links-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            lines = [{"id": name, "key": key.hex()} for name, key in keys.items()]
            json.dump({"keys": lines}, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        return Path(name)


def _read(path: Path) -> Mapping[str, bytes]:
    try:
        found = json.loads(path.read_text("utf-8"))["keys"]
        keys = {str(each["id"]): bytes.fromhex(each["key"]) for each in found}
    except (ValueError, KeyError, TypeError) as error:
        raise LinkKeysDamaged(path) from error
    if not keys or any(len(key) < KEY_BYTES or "." in name for name, key in keys.items()):
        raise LinkKeysDamaged(path)
    return keys
