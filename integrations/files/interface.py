"""What Caseway needs from a file store: keep bytes, give them back by their digest."""

from __future__ import annotations

from typing import Protocol


class FileStore(Protocol):
    """Immutable files, each named by the SHA-256 of its content in hexadecimal."""

    async def put(self, content: bytes) -> str:
        """Keep the content, durable on return; the same content again changes nothing.

        Raises:
            Unavailable: the store cannot be written now.
        """
        ...

    async def get(self, digest: str) -> bytes:
        """The content of a file.

        Raises:
            NotFound: no such file.
            Conflict: the content no longer has this digest.
            Refused: not a digest.
        """
        ...

    async def has(self, digest: str) -> bool:
        """Whether the file is there.

        Raises:
            Refused: not a digest.
        """
        ...
