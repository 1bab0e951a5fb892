"""One look into a mailbox: every waiting mail becomes a case, or is put aside with its reason.

A mail is taken only after the server has confirmed its case, so a crash between the two repeats
the start, which joins the case that is there. A mail that cannot become a case is kept three
times (file store, quarantine, the mailbox's own place for refused mail), and nobody answers it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from cases.errors import (
    DefinitionNotFound,
    InputInvalid,
    RecordsUnavailable,
    ServerUnavailable,
    WorkerSilent,
)
from intake.mail import TEXT_LIMIT_BYTES, Mail, Unreadable, read_mail
from intake.ports import CaseDoor, Quarantine
from integrations.errors import IntegrationError
from integrations.files.interface import FileStore
from integrations.mail.interface import MailSource, WaitingMail

DEFINITION = "omnichannel-intake"
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=5)

_CONCERNS_EVERY_MAIL = (
    ServerUnavailable,
    WorkerSilent,
    DefinitionNotFound,
    RecordsUnavailable,
    IntegrationError,
)
"""Errors after which the next mail would fare no better: the round ends, all mails wait."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Round:
    """What one look into a mailbox came to. `left` mails failed and wait for the next one."""

    taken: int = 0
    refused: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True)
class _Pause:
    until: datetime
    length: timedelta


class Mailbox:
    """A mailbox and where its mails go."""

    def __init__(
        self,
        name: str,
        source: MailSource,
        *,
        cases: CaseDoor,
        files: FileStore,
        quarantine: Quarantine,
        own_addresses: Sequence[str],
        limit_bytes: int,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.name = name
        self._source = source
        self._cases = cases
        self._files = files
        self._quarantine = quarantine
        self._own_addresses = tuple(own_addresses)
        self._limit_bytes = limit_bytes
        self._now = now
        self._pauses: dict[str, _Pause] = {}

    async def take_waiting(self, beat: Callable[[], None] = lambda: None) -> Round:
        """Deal with every mail that waits now, oldest first.

        Args:
            beat: Called after each mail.

        Raises:
            One of `_CONCERNS_EVERY_MAIL`: nothing is lost, all mails not yet taken wait.
        """
        taken = refused = left = 0
        async for waiting in self._source.waiting():
            pause = self._pauses.get(waiting.id)
            if pause is not None and self._now() < pause.until:
                left += 1
                continue
            try:
                if await self._deal_with(waiting):
                    taken += 1
                else:
                    refused += 1
                self._pauses.pop(waiting.id, None)
            except _CONCERNS_EVERY_MAIL:
                raise
            except Exception as error:
                # A fault of ours with this one mail must not keep the next ones waiting.
                left += 1
                self._pause(waiting.id)
                log.exception(
                    "mail left waiting",
                    mailbox=self.name,
                    mail=waiting.id,
                    error=type(error).__name__,
                )
            beat()
        return Round(taken, refused, left)

    async def _deal_with(self, waiting: WaitingMail) -> bool:
        """True where a case has the mail, False where it was put aside."""
        if waiting.truncated or waiting.size > self._limit_bytes:
            reason = f"it has {waiting.size} bytes; at most {self._limit_bytes} are taken"
            await self._put_aside(waiting, "oversized", reason)
            return False
        try:
            mail = read_mail(waiting.raw, self._own_addresses, waiting.envelope.get("sender"))
        except Unreadable as error:
            await self._put_aside(waiting, "unreadable", error.reason)
            return False
        try:
            started = await self._start(mail, waiting.raw)
        except InputInvalid as error:
            await self._put_aside(waiting, "not-accepted", str(error))
            return False
        await self._source.take(waiting.id)
        log.info(
            "mail taken",
            mailbox=self.name,
            mail=waiting.id,
            case=started,
            automatic=mail.automatic,
        )
        return True

    async def _start(self, mail: Mail, raw: bytes) -> str:
        attachments = [
            {
                "name": each.name,
                "mediaType": each.media_type,
                "size": len(each.content),
                "file": await self._files.put(each.content),
            }
            for each in mail.attachments
        ]
        text = mail.text.encode()
        text_file = await self._files.put(text) if len(text) > TEXT_LIMIT_BYTES else None
        message = mail.to_json(
            attachments=attachments, raw=await self._files.put(raw), text_file=text_file
        )
        started = await self._cases.start(
            DEFINITION,
            {"channel": "mail", "message": message},
            key=mail.key,
            by=f"mailbox:{self.name}",
            request_id=f"mail:{mail.key}",
        )
        return started.case

    async def _put_aside(self, waiting: WaitingMail, reason: str, detail: str) -> None:
        digest = await self._files.put(waiting.raw)
        mail = self._legible(waiting)
        await self._quarantine.quarantine(
            id=f"mail:{self.name}:{hashlib.sha256(waiting.id.encode()).hexdigest()[:40]}",
            source=f"mailbox:{self.name}",
            reason=reason,
            detail=detail,
            message_id=mail.message_id if mail else None,
            sender=mail.sender.mail if mail else waiting.envelope.get("sender"),
            subject=mail.subject if mail else None,
            file={"file": digest, "size": len(waiting.raw), "mediaType": "message/rfc822"},
            at=self._now(),
        )
        await self._source.refuse(waiting.id, detail)
        log.warning("mail put aside", mailbox=self.name, mail=waiting.id, reason=reason)

    def _legible(self, waiting: WaitingMail) -> Mail | None:
        """What can be read of a mail that is put aside, for the people who look at it."""
        try:
            return read_mail(waiting.raw, self._own_addresses)
        except Unreadable:
            return None

    def _pause(self, id: str) -> None:
        before = self._pauses.get(id)
        length = min(before.length * 2, LONGEST_PAUSE) if before else FIRST_PAUSE
        self._pauses[id] = _Pause(self._now() + length, length)
