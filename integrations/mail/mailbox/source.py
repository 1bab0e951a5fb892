"""Reads the mail of one recipient from its folder."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

from integrations.errors import NotFound, Unavailable
from integrations.mail.interface import WaitingMail
from integrations.mail.mailbox.maildir import REFUSED, TAKEN, WAITING, folder_of, sync_folder

SYSTEM = "mailbox"
_SEEN = ":2,S"
_ENVELOPE = re.compile(rb"\A(?:Return-Path: <([^>\r\n]*)>\r?\n)(?:Delivered-To: ([^\r\n]*)\r?\n)?")


class MailFolder:
    """`MailSource` over the folder of one address in the embedded mailbox."""

    def __init__(self, root: Path, address: str, *, limit_bytes: int) -> None:
        self._folder = folder_of(root, address)
        self._limit_bytes = limit_bytes

    async def waiting(self) -> AsyncIterator[WaitingMail]:
        """See `MailSource.waiting`."""
        for name in await asyncio.to_thread(self._names):
            mail = await asyncio.to_thread(self._read, name)
            if mail is not None:
                yield mail

    async def take(self, id: str) -> None:
        """See `MailSource.take`."""
        await asyncio.to_thread(self._move, self._place(id), self._folder / TAKEN / (id + _SEEN))

    async def refuse(self, id: str, reason: str) -> None:
        """See `MailSource.refuse`; the reason lies beside the mail as `<id>.reason`."""
        await asyncio.to_thread(self._refuse, self._place(id), id, reason)

    def _names(self) -> list[str]:
        try:
            return sorted(
                entry.name
                for entry in os.scandir(self._folder / WAITING)
                if entry.is_file() and not entry.name.startswith(".")
            )
        except FileNotFoundError:
            # Nobody has written to this address yet.
            return []
        except OSError as error:
            raise Unavailable(SYSTEM, f"the mailbox cannot be read: {error.strerror}") from error

    def _read(self, name: str) -> WaitingMail | None:
        try:
            with (self._folder / WAITING / name).open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                raw = file.read(self._limit_bytes)
        except FileNotFoundError:
            # Taken by somebody else since the names were listed.
            return None
        except OSError as error:
            raise Unavailable(SYSTEM, f"a mail cannot be read: {error.strerror}") from error
        return WaitingMail(name, raw, size, truncated=size > len(raw), envelope=_envelope(raw))

    def _place(self, id: str) -> Path:
        if Path(id).name != id or id.startswith("."):
            raise NotFound(SYSTEM, f'"{id}" is not a mail of this mailbox')
        return self._folder / WAITING / id

    def _refuse(self, place: Path, id: str, reason: str) -> None:
        target = self._folder / REFUSED / id
        # The reason first: a mail that was put aside is never without one.
        try:
            target.parent.mkdir(exist_ok=True)
            if place.exists():
                target.with_name(f"{id}.reason").write_text(reason + "\n", encoding="utf-8")
        except OSError as error:
            raise Unavailable(SYSTEM, f"a mail cannot be put aside: {error.strerror}") from error
        self._move(place, target)

    def _move(self, place: Path, target: Path) -> None:
        try:
            target.parent.mkdir(exist_ok=True)
            place.rename(target)
            sync_folder(target.parent)
        except FileNotFoundError:
            # Dealt with before: the crash came between the case's start and this move.
            return
        except OSError as error:
            raise Unavailable(SYSTEM, f"a mail cannot be moved: {error.strerror}") from error


def _envelope(raw: bytes) -> dict[str, str]:
    """What the server wrote on top when it took the mail."""
    found = _ENVELOPE.match(raw)
    if found is None:
        return {}
    sender, recipient = found.groups()
    envelope = {"sender": sender.decode("utf-8", "replace")}
    if recipient is not None:
        envelope["recipient"] = recipient.decode("utf-8", "replace")
    return envelope
