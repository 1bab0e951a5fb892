"""The embedded mailbox as a process, and the way out over SMTP."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from integrations.errors import Refused, Unavailable
from integrations.mail.conformance import MAIL, MailConformance, waiting
from integrations.mail.interface import MaybeAccepted
from integrations.mail.mailbox.source import MailFolder
from integrations.mail.smtp.sender import SmtpSender, SmtpSettings


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


class TestMailbox(MailConformance):
    """The embedded mailbox, and the way out over SMTP that leads to it."""

    @pytest.fixture(autouse=True)
    def _place(self, mailbox: Running) -> None:
        self.mailbox = mailbox

    def sender(self) -> SmtpSender:
        """The way out."""
        return self.mailbox.sender()

    def source(self, address: str) -> MailFolder:
        """The way in."""
        return self.mailbox.source(address)


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


def test_the_reason_lies_beside_a_refused_mail(mailbox: Running) -> None:
    """Who looks into the folder sees why it was put aside."""
    asyncio.run(mailbox.sender().send(MAIL))
    source = mailbox.source("bin@customer.example")

    async def refuse() -> None:
        [mail] = await waiting(source)
        await source.refuse(mail.id, "it cannot be read")

    asyncio.run(refuse())
    [reason] = mailbox.folder.rglob("*.reason")
    assert "cannot be read" in reason.read_text()


def test_a_mail_that_is_too_big_is_refused(mailbox: Running) -> None:
    """The server says no for good: another attempt would fare no better."""
    with pytest.raises(Refused, match="552"):
        asyncio.run(mailbox.sender().send(replace(MAIL, text="x\n" * 200_000)))


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


def test_a_long_mail_is_marked_as_cut(mailbox: Running) -> None:
    """Only the beginning is read, and the reader says so."""
    asyncio.run(mailbox.sender().send(MAIL))
    [found] = asyncio.run(waiting(MailFolder(mailbox.folder, MAIL.to[0], limit_bytes=50)))

    assert (len(found.raw), found.truncated) == (50, True)
    assert found.size > 50
