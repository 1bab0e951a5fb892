"""The SMTP server of the embedded mailbox: takes mail for every address and keeps it in folders.

It is for one machine and its tests: no relay, no login, no filter. A mail is answered with 250
only after it is on disk for each of its recipients.
"""

from __future__ import annotations

import asyncio
import logging
from email.utils import formatdate
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from integrations.mail.mailbox.maildir import deliver, folder_of

HOST_NAME = "caseway.local"
MOST_RECIPIENTS = 100

log = logging.getLogger(__name__)


class _Keeper:
    """aiosmtpd's handler: its methods are named after the commands that they answer."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take every address that could be one."""
        local, at, domain = address.rpartition("@")
        if not (local and at and domain) or any(ord(each) <= 32 for each in address):
            return "550 5.1.3 this is not an address"
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 too many recipients"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 ok"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep the mail, then say so."""
        content = envelope.original_content or b""
        try:
            for recipient in dict.fromkeys(envelope.rcpt_tos):
                # A bounce has no sender: the server tells it as "<>".
                sender = (envelope.mail_from or "").removeprefix("<").removesuffix(">")
                trace = _trace(sender, recipient, session)
                folder = folder_of(self._root, recipient)
                await asyncio.to_thread(deliver, folder, trace + content)
        except OSError as error:
            # What was kept for earlier recipients stays; the client tries all of them again.
            log.exception("a mail could not be kept")
            return f"452 4.3.1 the mail cannot be kept: {error.strerror}"
        return "250 2.0.0 kept"


def _trace(sender: str, recipient: str, session: Session) -> bytes:
    """The lines that a final delivery puts on top: RFC 5321 section 4.4."""
    peer = session.peer[0] if session.peer else "unknown"
    return (
        f"Return-Path: <{sender}>\r\n"
        f"Delivered-To: {recipient}\r\n"
        f"Received: from [{peer}] by {HOST_NAME} (Caseway mailbox); {formatdate()}\r\n"
    ).encode()


async def listen(root: Path, host: str, port: int, limit_bytes: int) -> asyncio.Server:
    """Start to take mail; port 0 takes any free one.

    Raises:
        OSError: the port is taken.
    """
    keeper = _Keeper(root)

    def greet() -> SMTP:
        return SMTP(
            keeper,
            data_size_limit=limit_bytes,
            enable_SMTPUTF8=True,
            hostname=HOST_NAME,
            ident="Caseway mailbox",
        )

    return await asyncio.get_running_loop().create_server(greet, host, port)
