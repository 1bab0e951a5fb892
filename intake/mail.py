"""A raw mail to the message that a case starts with: first step of everything that comes by mail.

Senders write what they like, so reading is lenient where a person could still read the mail, and
ends with `Unreadable` where nobody could answer it. Nothing else is raised, for any bytes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from email import message_from_bytes, policy
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any

from intake.charsets import clean, decode, decode_header_text
from intake.html_text import text_of_html
from service import mail_threading

TEXT_LIMIT_BYTES = 64_000
"""A longer text goes to the file store; the case carries its beginning."""

_DEPTH_LIMIT = 20
_PARTS_LIMIT = 500
_KEY = re.compile(r"[A-Za-z0-9._@+=$-]{1,200}")
_MESSAGE_ID = re.compile(r"<([^<>\s]+)>")
_ADDRESS = re.compile(r"[^@\s<>,;]{1,200}@[^@\s<>,;]{1,255}")
_STABLE_HEADERS = ("from", "to", "cc", "subject", "date")


class Unreadable(Exception):
    """The bytes are no mail that a case could be made of. `reason` says why, in words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox and the name its owner gives; the mail part in lower case after the @."""

    mail: str
    name: str = ""

    def to_json(self) -> dict[str, str]:
        """`{mail, name}`"""
        return {"mail": self.mail, "name": self.name}


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a mail, decoded."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail as people read it. Message ids have angle brackets; `date` is ISO 8601 in UTC."""

    message_id: str | None
    sender: Address
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    subject: str = ""
    text: str = ""
    date: str | None = None
    references: tuple[str, ...] = ()
    in_reply_to: str | None = None
    automatic: str | None = None
    """Why it counts as written by a machine (C3), or None for a person's mail."""
    token: str | None = None
    attachments: tuple[Attachment, ...] = ()
    content_hash: str
    """SHA-256 of what stays the same on every delivery: some headers and the body."""

    @property
    def key(self) -> str:
        """Key of the case: equal for every delivery of this mail, safe in addresses."""
        if self.message_id is None:
            return f"mail-{self.content_hash[:40]}"
        bare = self.message_id[1:-1]
        if _KEY.fullmatch(bare):
            return bare
        return f"id-{hashlib.sha256(self.message_id.encode()).hexdigest()[:40]}"

    def to_json(
        self, *, attachments: Sequence[Mapping[str, Any]], raw: str, text_file: str | None = None
    ) -> dict[str, Any]:
        """The `message` of the case's input, with files as references into the file store."""
        message: dict[str, Any] = {
            "messageId": self.message_id or f"<{self.key}@no-message-id.invalid>",
            "from": self.sender.to_json(),
            "to": [address.to_json() for address in self.to],
            "cc": [address.to_json() for address in self.cc],
            "subject": self.subject,
            "text": first_bytes(self.text, TEXT_LIMIT_BYTES),
            "date": self.date,
            "references": list(self.references),
            "inReplyTo": self.in_reply_to,
            "automatic": self.automatic,
            "token": self.token,
            "attachments": [dict(each) for each in attachments],
            "raw": raw,
        }
        if text_file is not None:
            message["textFile"] = text_file
        return message


def read_mail(raw: bytes, own_addresses: Sequence[str], envelope_sender: str | None = None) -> Mail:
    """The mail in `raw`.

    Args:
        raw: The message as it was delivered, headers first.
        own_addresses: Ours; a mail from one of them is automatic.
        envelope_sender: What the server was told, empty for a bounce; None where unknown.

    Raises:
        Unreadable: no headers, no sender, or nested beyond what any mail program writes.
    """
    try:
        return _read(raw, own_addresses, envelope_sender)
    except Unreadable:
        raise
    except Exception as error:
        # The standard parser lets IndexError, KeyError, RecursionError and others through for
        # broken input; whatever it was, this mail must not stop the next one.
        raise Unreadable(f"it cannot be read as a mail ({type(error).__name__})") from error


def first_bytes(text: str, limit: int) -> str:
    """The beginning of a text that takes at most `limit` bytes of UTF-8, in whole characters."""
    encoded = text.encode()
    return text if len(encoded) <= limit else encoded[:limit].decode("utf-8", "ignore")


def _read(raw: bytes, own_addresses: Sequence[str], envelope_sender: str | None) -> Mail:
    message = message_from_bytes(raw, policy=policy.compat32)
    headers = _headers(message)
    if not headers:
        raise Unreadable("it has no headers")
    if envelope_sender is not None:
        headers.setdefault("return-path", [f"<{envelope_sender}>"])
    senders = _addresses(message, "from") or _addresses(message, "sender")
    if not senders:
        raise Unreadable("it names no sender that could be answered")

    body = _Body()
    body.take(message, 0)
    subject = _first(headers, "subject")
    to, cc = _addresses(message, "to"), _addresses(message, "cc")
    receivers = [address.mail for address in (*to, *cc)]
    receivers += headers.get("delivered-to", []) + headers.get("x-original-to", [])
    return Mail(
        message_id=_message_id(_first(headers, "message-id")),
        sender=senders[0],
        to=to,
        cc=cc,
        subject=subject,
        text="\n".join(text for text in body.texts if text).strip(),
        date=_date(_first(headers, "date")),
        references=tuple(mail_threading.references(headers)),
        in_reply_to=_message_id(_first(headers, "in-reply-to")),
        automatic=mail_threading.classify(headers, own_addresses),
        token=mail_threading.token(subject, receivers),
        attachments=tuple(body.attachments),
        content_hash=_content_hash(raw, headers),
    )


def _headers(message: Message) -> dict[str, list[str]]:
    """Name in lower case -> values in order, decoded."""
    charset = _charset(message)
    headers: dict[str, list[str]] = {}
    for name, value in message.raw_items():
        text = decode_header_text(str(value), charset)
        headers.setdefault(name.lower(), []).append(text)
    return headers


def _addresses(message: Message, header: str) -> tuple[Address, ...]:
    """Addresses are split before names are decoded: a decoded name may contain a comma."""
    charset = _charset(message)
    raw = [str(value) for name, value in message.raw_items() if name.lower() == header]
    found = []
    for name, mail in getaddresses(raw):
        local, at, domain = clean(mail).strip().rpartition("@")
        address = f"{local}{at}{domain.lower()}"
        if _ADDRESS.fullmatch(address):
            found.append(Address(address, decode_header_text(name, charset)))
    return tuple(found)


class _Body:
    """Collects what is to be read and what came along, in the order of the mail."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.attachments: list[Attachment] = []
        self._parts = 0

    def take(self, part: Message, depth: int) -> None:
        self._parts += 1
        if depth > _DEPTH_LIMIT or self._parts > _PARTS_LIMIT:
            raise Unreadable("its parts are nested deeper or are more than any mail program writes")
        kind = part.get_content_type()
        if kind == "multipart/alternative" and part.is_multipart():
            self._take_best(part, depth)
        elif part.get_content_maintype() == "multipart" and part.is_multipart():
            for child in _children(part):
                self.take(child, depth + 1)
        elif _is_text(part):
            content = decode(_content(part), _charset(part))
            self.texts.append(text_of_html(content) if kind == "text/html" else content)
        else:
            self.attachments.append(
                Attachment(_file_name(part, len(self.attachments) + 1), kind, _content(part))
            )

    def _take_best(self, part: Message, depth: int) -> None:
        """Of several forms of one text the plain one; a form without any text does not count."""
        forms = []
        for child in _children(part):
            form = _Body()
            form._parts = self._parts
            form.take(child, depth + 1)
            self._parts = form._parts
            forms.append((child.get_content_type() != "text/plain", form))
        readable = [(rich, form) for rich, form in forms if any(t.strip() for t in form.texts)]
        if readable:
            self.texts += min(readable, key=lambda each: each[0])[1].texts
        for _, form in forms:
            self.attachments += form.attachments


def _children(part: Message) -> Iterator[Message]:
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from (child for child in payload if isinstance(child, Message))


def _is_text(part: Message) -> bool:
    # A multipart whose boundary is missing has a string for its payload: people can still read it.
    if part.get_content_type() not in ("text/plain", "text/html"):
        return part.get_content_maintype() == "multipart"
    return part.get_content_disposition() != "attachment" and part.get_filename() is None


def _content(part: Message) -> bytes:
    if part.is_multipart():
        return b"\n".join(child.as_bytes(policy=policy.compat32) for child in _children(part))
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _charset(part: Message) -> str | None:
    return part.get_content_charset()


def _file_name(part: Message, number: int) -> str:
    given = decode_header_text(part.get_filename() or "")
    last = re.split(r"[/\\]", given)[-1].strip()
    return last[:200] if last.strip(". ") else f"attachment-{number}"


def _first(headers: Mapping[str, Sequence[str]], name: str) -> str:
    return headers[name][0] if headers.get(name) else ""


def _message_id(value: str) -> str | None:
    match = _MESSAGE_ID.search(value)
    bare = match.group(1) if match else "".join(value.split()).strip("<>")
    return f"<{bare[:990]}>" if bare else None


def _date(value: str) -> str | None:
    try:
        at = parsedate_to_datetime(value)
        aware = at if at.tzinfo else at.replace(tzinfo=UTC)
        return aware.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except (TypeError, ValueError, OverflowError):
        return None


def _content_hash(raw: bytes, headers: Mapping[str, Sequence[str]]) -> str:
    body = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[1:]
    hashed = hashlib.sha256()
    for name in _STABLE_HEADERS:
        hashed.update(f"{name}:{' '.join(_first(headers, name).split())}\n".encode())
    hashed.update(b"".join(body).replace(b"\r\n", b"\n").rstrip())
    return hashed.hexdigest()
