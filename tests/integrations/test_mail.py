"""The embedded mailbox as a process, and the way out over SMTP."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from integrations.errors import Refused, Unavailable
from integrations.mail.interface import Attachment, MaybeAccepted, OutgoingMail, WaitingMail
from integrations.mail.mailbox.source import MailFolder
from integrations.mail.smtp.sender import SmtpSender, SmtpSettings

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


@dataclass(frozen=True)
class Running:
    """A mailbox process."""

    process: subprocess.Popen[str]
    port: int
    folder: Path

    def sender(self) -> SmtpSender:
        """The way out to this mailbox."""
        return SmtpSender(SmtpSettings(host="127.0.0.1", port=self.port))

    def source(self, address: str) -> MailFolder:
        """What lies there for an address."""
        return MailFolder(self.folder, address, limit_bytes=1_000_000)


@pytest.fixture
def mailbox(tmp_path: Path, repository: Path) -> Iterator[Running]:
    """A mailbox on a free port."""
    folder = tmp_path / "mail"
    command = [sys.executable, "-P", "-m", "integrations.mail.mailbox", "--port", "0"]
    with subprocess.Popen(
        [*command, "--folder", str(folder), "--limit", "200000"],
        cwd=repository,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline().rpartition(":")[2])
        yield Running(process, port, folder)
        process.kill()


async def waiting(source: MailFolder) -> list[WaitingMail]:
    """Everything that waits."""
    return [each async for each in source.waiting()]


def read(mail: WaitingMail) -> EmailMessage:
    """The mail as a mail program sees it."""
    return message_from_bytes(mail.raw, policy=policy.default)


def test_a_mail_arrives_as_it_was_written(mailbox: Running) -> None:
    """Subject, text and thread are the same, in Chinese too, and the attachment as well."""
    file = Attachment("說明.txt", "text/plain", "內容".encode())
    mail = replace(MAIL, attachments=(file,))

    accepted = asyncio.run(mailbox.sender().send(mail))
    [found] = asyncio.run(waiting(mailbox.source("bin@customer.example")))

    message = read(found)
    body = message.get_body(("plain",))
    assert accepted.accepted == ("bin@customer.example",)
    assert message["Subject"] == MAIL.subject
    assert message["Message-ID"] == MAIL.message_id
    assert message["In-Reply-To"] == MAIL.in_reply_to
    assert str(message["References"]).split() == list(MAIL.references)
    assert body is not None
    assert body.get_content().replace("\r\n", "\n").strip() == MAIL.text.strip()
    assert [part.get_filename() for part in message.iter_attachments()] == ["說明.txt"]
    assert found.envelope["sender"] == "help@example.org"


def test_the_mailbox_looks_for_no_copies(mailbox: Running) -> None:
    """What is delivered twice lies there twice: doubles cannot hide."""
    for _ in range(2):
        asyncio.run(mailbox.sender().send(MAIL))

    assert len(asyncio.run(waiting(mailbox.source("bin@customer.example")))) == 2


def test_what_was_accepted_survives_a_kill(mailbox: Running) -> None:
    """A mail is answered with 250 only after it is on disk."""
    asyncio.run(mailbox.sender().send(MAIL))
    os.kill(mailbox.process.pid, signal.SIGKILL)
    mailbox.process.wait()

    assert len(asyncio.run(waiting(mailbox.source("bin@customer.example")))) == 1


def test_a_mail_waits_until_it_is_taken(mailbox: Running) -> None:
    """Taken twice it is taken once; put aside, its reason lies beside it."""
    for number in range(2):
        mail = replace(MAIL, message_id=f"<{number}@example.org>")
        asyncio.run(mailbox.sender().send(mail))
    source = mailbox.source("bin@customer.example")
    first, second = asyncio.run(waiting(source))

    async def deal() -> list[WaitingMail]:
        await source.take(first.id)
        await source.take(first.id)
        await source.refuse(second.id, "it cannot be read")
        return await waiting(source)

    assert asyncio.run(deal()) == []
    [reason] = mailbox.folder.rglob("*.reason")
    assert "cannot be read" in reason.read_text()


def test_a_mail_that_is_too_big_is_refused(mailbox: Running) -> None:
    """The server says no for good: another attempt would fare no better."""
    with pytest.raises(Refused, match="552"):
        asyncio.run(mailbox.sender().send(replace(MAIL, text="x\n" * 200_000)))


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "hello\r\nBcc: all@example.org"},
        {"to": ("a@example.org\r\nRCPT TO:<b@example.org>",)},
        {"message_id": "<x@y>\r\nBcc: all@example.org"},
    ],
)
def test_no_header_can_be_smuggled_in(mailbox: Running, change: dict[str, object]) -> None:
    """A line break in a value never becomes a header or a command."""
    with pytest.raises(Refused):
        asyncio.run(mailbox.sender().send(replace(MAIL, **change)))  # type: ignore[arg-type]

    assert not mailbox.folder.exists() or list(mailbox.folder.rglob("*.eml")) == []


def test_nobody_listens(mailbox: Running) -> None:
    """No connection is an error that is tried again, and nothing can have gone out."""
    mailbox.process.kill()
    mailbox.process.wait()

    with pytest.raises(Unavailable) as raised:
        asyncio.run(mailbox.sender().send(MAIL))
    assert not isinstance(raised.value, MaybeAccepted)


def test_a_server_that_breaks_off_after_the_mail_may_have_taken_it() -> None:
    """The sender says so, for only then a second copy can come about."""

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            word = line[:4].upper()
            if word == b"DATA":
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
                break
            writer.write(b"250 ok\r\n")
        writer.close()

    async def story() -> None:
        server = await asyncio.start_server(speak, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            await SmtpSender(SmtpSettings(host="127.0.0.1", port=port)).send(MAIL)

    with pytest.raises(MaybeAccepted):
        asyncio.run(story())


def test_an_empty_mailbox_is_no_error(tmp_path: Path) -> None:
    """Nobody has written yet."""
    source = MailFolder(tmp_path, "help@example.org", limit_bytes=1000)
    assert asyncio.run(waiting(source)) == []


def test_a_long_mail_is_marked_as_cut(mailbox: Running) -> None:
    """Only the beginning is read, and the reader says so."""
    asyncio.run(mailbox.sender().send(MAIL))
    [found] = asyncio.run(waiting(MailFolder(mailbox.folder, MAIL.to[0], limit_bytes=50)))

    assert (len(found.raw), found.truncated) == (50, True)
    assert found.size > 50
