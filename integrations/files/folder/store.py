"""Keeps files in a folder under the digest of their content."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import tempfile
from pathlib import Path

from integrations.errors import Conflict, NotFound, Refused, Unavailable

SYSTEM = "files"
_DIGEST = re.compile(r"[0-9a-f]{64}")


class FolderFiles:
    """`FileStore` in a folder; `ab/abcd...` holds the file with that digest."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, content: bytes) -> str:
        """See `FileStore.put`."""
        return await asyncio.to_thread(self._put, content)

    async def get(self, digest: str) -> bytes:
        """See `FileStore.get`."""
        return await asyncio.to_thread(self._get, digest)

    async def has(self, digest: str) -> bool:
        """See `FileStore.has`."""
        return await asyncio.to_thread(self._place(digest).exists)

    def _place(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise Refused(SYSTEM, "a file is named by 64 hexadecimal digits in lower case")
        return self._folder / digest[:2] / digest

    def _put(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        place = self._place(digest)
        if place.exists():
            return digest
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            handle, draft = tempfile.mkstemp(dir=place.parent, prefix=".")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                # The same content from two processes at once: either rename gives the same file.
                Path(draft).rename(place)
            except BaseException:
                Path(draft).unlink(missing_ok=True)
                raise
            parent = os.open(place.parent, os.O_RDONLY)
            try:
                os.fsync(parent)
            finally:
                os.close(parent)
        except OSError as error:
            raise Unavailable(SYSTEM, f"a file cannot be kept: {error.strerror}") from error
        return digest

    def _get(self, digest: str) -> bytes:
        try:
            content = self._place(digest).read_bytes()
        except FileNotFoundError as error:
            raise NotFound(SYSTEM, f"there is no file {digest}") from error
        except OSError as error:
            raise Unavailable(SYSTEM, f"a file cannot be read: {error.strerror}") from error
        if hashlib.sha256(content).hexdigest() != digest:
            raise Conflict(SYSTEM, f"the file {digest} was changed after it was kept")
        return content
