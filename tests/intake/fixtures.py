"""Mails as they arrive, as bytes, and what tests put in front of intake."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from integrations.mail.interface import WaitingMail

OWN = ("help@example.com",)
FOLDER = Path(__file__).parent / "mails"


def raw_mail(name: str) -> bytes:
    """Return the bytes of a mail of `mails/`."""
    return (FOLDER / f"{name}.eml").read_bytes()


@dataclass
class KeptFiles:
    """A file store in memory."""

    contents: dict[str, bytes] = field(default_factory=dict)

    async def put(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        self.contents[digest] = content
        return digest

    async def get(self, digest: str) -> bytes:
        return self.contents[digest]

    async def has(self, digest: str) -> bool:
        return digest in self.contents


@dataclass
class Waiting:
    """A mailbox in memory."""

    mails: dict[str, WaitingMail] = field(default_factory=dict)
    taken: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)

    def deliver(self, id: str, raw: bytes, *, truncated: bool = False, size: int = 0) -> None:
        """Let a mail wait."""
        self.mails[id] = WaitingMail(id, raw, size or len(raw), truncated)

    async def waiting(self) -> AsyncIterator[WaitingMail]:
        for mail in list(self.mails.values()):
            yield mail

    async def take(self, id: str) -> None:
        self.mails.pop(id, None)
        self.taken.append(id)

    async def refuse(self, id: str, reason: str) -> None:
        self.mails.pop(id, None)
        self.refused[id] = reason
