"""What every way out and way in of mail must do; each implementation's test subclasses the suite."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from integrations.errors import Refused
from integrations.mail.interface import (
    Attachment,
    MailSender,
    MailSource,
    OutgoingMail,
    WaitingMail,
)

MAIL = OutgoingMail(
    message_id="<one@example.org>",
    sender="help@example.org",
    to=("bin@customer.example",),
    subject="問題解決了嗎？",
    text="您好：\n\n已更換碳粉匣。\n",
    at=datetime(2026, 3, 2, 1, tzinfo=UTC),
    in_reply_to="<question@customer.example>",
    references=("<first@customer.example>", "<question@customer.example>"),
)

SMUGGLED: tuple[Mapping[str, Any], ...] = (
    {"subject": "hello\r\nBcc: all@example.org"},
    {"to": ("a@example.org\r\nRCPT TO:<b@example.org>",)},
    {"message_id": "<x@y>\r\nBcc: all@example.org"},
    {"headers": (("X-Case", "1\r\nBcc: all@example.org"),)},
)
"""Values with a line break where another header or command could begin."""


async def waiting(source: MailSource) -> list[WaitingMail]:
    """Everything that waits, oldest first."""
    return [each async for each in source.waiting()]


class MailConformance(ABC):
    """Tests of a sender and a source that see the same mailboxes, all empty at first."""

    @abstractmethod
    def sender(self) -> MailSender:
        """The way out under test."""

    @abstractmethod
    def source(self, address: str) -> MailSource:
        """The way in: the mailbox of an address."""

    def test_a_mail_arrives_as_it_was_written(self) -> None:
        """Subject, text and thread are the same, in Chinese too, and the attachment as well."""
        file = Attachment("說明.txt", "text/plain", "內容".encode())

        async def story() -> tuple[tuple[str, ...], list[WaitingMail]]:
            accepted = await self.sender().send(replace(MAIL, attachments=(file,)))
            return accepted.accepted, await waiting(self.source(MAIL.to[0]))

        accepted, [found] = asyncio.run(story())
        message: EmailMessage = message_from_bytes(found.raw, policy=policy.default)
        body = message.get_body(("plain",))
        assert accepted == MAIL.to
        assert message["Subject"] == MAIL.subject
        assert message["Message-ID"] == MAIL.message_id
        assert message["In-Reply-To"] == MAIL.in_reply_to
        assert str(message["References"]).split() == list(MAIL.references)
        assert body is not None
        assert body.get_content().replace("\r\n", "\n").strip() == MAIL.text.strip()
        assert [part.get_filename() for part in message.iter_attachments()] == [file.name]
        assert found.envelope["sender"] == MAIL.sender

    def test_a_mail_waits_until_it_is_taken(self) -> None:
        """Taken twice it is taken once; what was refused waits no longer either."""

        async def story() -> tuple[list[WaitingMail], list[WaitingMail]]:
            for number in range(2):
                await self.sender().send(replace(MAIL, message_id=f"<{number}@example.org>"))
            source = self.source(MAIL.to[0])
            before = await waiting(source)
            await source.take(before[0].id)
            await source.take(before[0].id)
            await source.refuse(before[1].id, "it cannot be read")
            return before, await waiting(self.source(MAIL.to[0]))

        before, after = asyncio.run(story())
        assert [b"<0@example.org>" in mail.raw for mail in before] == [True, False]
        assert after == []

    def test_no_header_can_be_smuggled_in(self) -> None:
        """A line break in a value never becomes a header or a command."""

        async def story() -> tuple[list[bool], list[WaitingMail]]:
            refused = [await self._refuses(replace(MAIL, **change)) for change in SMUGGLED]
            return refused, await waiting(self.source(MAIL.to[0]))

        refused, delivered = asyncio.run(story())
        assert refused == [True] * len(SMUGGLED)
        assert delivered == []

    def test_an_empty_mailbox_is_no_error(self) -> None:
        """Nobody has written yet."""
        assert asyncio.run(waiting(self.source("help@example.org"))) == []

    async def _refuses(self, mail: OutgoingMail) -> bool:
        try:
            await self.sender().send(mail)
        except Refused:
            return True
        return False
