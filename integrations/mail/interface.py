"""What Caseway needs from a mail system: one way out, one way in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from integrations.errors import Unavailable


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a mail."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMail:
    """A mail, complete: the sender adds nothing but the encoding.

    `message_id` comes with angle brackets and is the same on every attempt, for SMTP knows no
    idempotency key. Addresses are bare (`amy@example.org`); `sender_name` is shown beside the
    sender's. `headers` are added as they are.
    """

    message_id: str
    sender: str
    to: tuple[str, ...]
    subject: str
    text: str
    at: datetime
    sender_name: str = ""
    cc: tuple[str, ...] = ()
    html: str | None = None
    reply_to: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    attachments: tuple[Attachment, ...] = ()

    @property
    def recipients(self) -> tuple[str, ...]:
        """Everybody it goes to, each address once, in order."""
        return tuple(dict.fromkeys((*self.to, *self.cc)))


@dataclass(frozen=True, slots=True)
class RefusedRecipient:
    """An address that the server did not take, and why."""

    address: str
    reason: str
    lasting: bool
    """False where the server asks to try again later."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server took the mail for at least one recipient."""

    message_id: str
    accepted: tuple[str, ...]
    refused: tuple[RefusedRecipient, ...] = ()


class MaybeAccepted(Unavailable):
    """The connection broke after the mail was handed over: the server may have taken it."""


class MailSender(Protocol):
    """Mail out."""

    async def send(self, mail: OutgoingMail) -> Accepted:
        """Hand a mail to the server, once per call: nothing here looks for a copy.

        Raises:
            Unavailable: no connection, no answer in time, or the server put it off (4xx). It is
                `MaybeAccepted` where the server may have taken the mail all the same.
            RateLimited: the server asks for fewer mails.
            NotAuthorized: the server does not accept the login or the certificate.
            Refused: the server said no to the sender, the content, or every recipient (5xx).
        """
        ...


@dataclass(frozen=True, slots=True)
class WaitingMail:
    """A mail that waits in a mailbox, as the bytes that arrived.

    `raw` holds at most the source's limit, and `truncated` says that this is not all of it;
    `size` is what lies in the mailbox, in bytes.
    """

    id: str
    """Names it within its mailbox until it is taken or refused."""
    raw: bytes
    size: int
    truncated: bool = False
    envelope: dict[str, str] = field(default_factory=dict)
    """`sender` (empty for a bounce) and `recipient`, where the server told them."""


class MailSource(Protocol):
    """Mail in. A mail waits until it is taken or refused, over restarts too."""

    def waiting(self) -> AsyncIterator[WaitingMail]:
        """The mails that wait now, oldest first, one in memory at a time."""
        ...

    async def take(self, id: str) -> None:
        """Mark a mail as dealt with: its case was started or told. Taking it twice is fine."""
        ...

    async def refuse(self, id: str, reason: str) -> None:
        """Put a mail aside with the reason, for a person to look at; it waits no longer."""
        ...
