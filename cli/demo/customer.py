"""The customer of the story: writes a mail, reads the answers, follows a link."""

from __future__ import annotations

import re
import smtplib
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody with a mail address."""

    name: str
    address: str

    def question(self, to: str, subject: str, text: str) -> EmailMessage:
        """Write a mail, with a Message-ID of its own."""
        mail = EmailMessage()
        mail["From"] = f"{self.name} <{self.address}>"
        mail["To"] = to
        mail["Subject"] = subject
        mail["Date"] = format_datetime(datetime.now(UTC))
        mail["Message-ID"] = make_msgid(domain=self.address.rpartition("@")[2])
        mail.set_content(text)
        return mail


def send(mail: EmailMessage, host: str, port: int) -> None:
    """Hand the mail to the server; it is delivered when this returns."""
    with smtplib.SMTP(host, port, timeout=20) as server:
        server.send_message(mail)


def received(folder: Path) -> list[EmailMessage]:
    """Read every mail of a recipient's folder, each delivery once, oldest first."""
    if not folder.exists():
        return []
    files = sorted(folder.rglob("*.eml"), key=lambda path: (path.stat().st_mtime_ns, path.name))
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]


def links(mail: EmailMessage, base_url: str) -> list[str]:
    """Find the addresses in a mail's text that begin with ours."""
    body = mail.get_body(("plain",))
    text = body.get_content() if body is not None else ""
    return re.findall(re.escape(base_url) + r"[^\s<>\"')\]]*", text)
