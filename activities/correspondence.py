"""`mail.send`, `mail.reply`: what belongs to the correspondence of a case."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from activities import attachments
from activities.messages.catalog import Messages
from activities.ports import Json, OrganizationStore
from activities.sending import Outbox
from activities.wrapper import Request
from integrations.errors import Refused
from integrations.files.interface import FileStore
from integrations.mail.interface import OutgoingMail
from service.mail_threading import automatic_headers, message_id
from service.people import resolve

SYSTEM = "mail"
_ID = re.compile(r"<[^<>\s]+>|[^<>\s,]+@[^<>\s,]+")


@dataclass(frozen=True, slots=True)
class _Reader:
    """Who gets a mail, and in which language."""

    address: str
    language: str | None


class Correspondence:
    """Mails of a case, in the thread of its requester."""

    def __init__(
        self,
        outbox: Outbox,
        messages: Messages,
        organization: OrganizationStore,
        files: FileStore,
        sender: str,
        now: Callable[[], datetime],
    ) -> None:
        self._outbox = outbox
        self._messages = messages
        self._organization = organization
        self._files = files
        self._sender = sender
        self._now = now

    async def send(self, request: Request) -> Mapping[str, Json]:
        """`mail.send`: a mail of its own, outside the requester's thread."""
        subject = request.arguments["subject"]
        return await self._mail(request, request.arguments["to"], subject, thread=())

    async def reply(self, request: Request) -> Mapping[str, Json]:
        """`mail.reply`: answers in the thread of the requester's mail."""
        given = request.arguments
        answered = given.get("inReplyTo") or (request.case.get("data") or {}).get("lastMail")
        about = str(request.case.get("subject") or "").strip()
        subject = about if about.lower().startswith("re:") else f"Re: {about}".strip()
        to = given.get("to") or "requester"
        return await self._mail(request, to, subject, thread=_identifiers(answered))

    async def _mail(
        self, request: Request, to: Any, subject: str, *, thread: tuple[str, ...]
    ) -> Mapping[str, Json]:
        given = request.arguments
        readers = await self._readers(request, to)
        if not readers:
            raise Refused(SYSTEM, "nobody it is meant for has a mail address")
        copies = await self._readers(request, given["cc"]) if given.get("cc") else []
        text = given.get("text")
        if text is None:
            # One text for all: the language of the first reader.
            rendered = await self._messages.render(request, given["message"], readers[0].language)
            subject, text = rendered.subject or subject, rendered.text
        automatic = given.get("author") is None
        replies = bool(thread)
        mail = OutgoingMail(
            message_id=message_id(request.key, self._sender.rpartition("@")[2]),
            sender=self._sender,
            to=tuple(each.address for each in readers),
            cc=tuple(each.address for each in copies),
            subject=_with_token(subject, request.case.get("ticket"), given.get("repliesTo")),
            text=text,
            at=self._now(),
            in_reply_to=thread[0] if thread else None,
            references=tuple(reversed(thread)),
            headers=tuple(automatic_headers(reply=replies).items()) if automatic else (),
            attachments=await attachments.load(self._files, given.get("attach")),
        )
        return await self._outbox.send(
            mail,
            case=request.case_id,
            kind="acknowledgement" if automatic and replies else "correspondence",
            automatic=automatic,
            hold_uncertain=given.get("uncertain") == "hold",
        )

    async def _readers(self, request: Request, who: Any) -> list[_Reader]:
        """Addresses as given, and those of the people who are meant; each once."""
        organization = await self._organization.current()
        found: dict[str, _Reader] = {}
        for each in who if isinstance(who, list) else [who]:
            if isinstance(each, str) and "@" in each:
                readers = [_Reader(each, _language_of(request, each))]
            else:
                people = resolve(organization, each, request.case, self._now()).people
                readers = [
                    _Reader(str(person["mail"]), person.get("language"))
                    for person in people
                    if person.get("mail")
                ]
            found.update({reader.address.lower(): reader for reader in readers})
        return list(found.values())


def _language_of(request: Request, address: str) -> str | None:
    requester = request.case.get("requester")
    if isinstance(requester, Mapping) and requester.get("mail") == address:
        language = requester.get("language")
        return None if language is None else str(language)
    return None


def _identifiers(value: Any) -> tuple[str, ...]:
    """Message-IDs with angle brackets, the newest first; a bare one is taken too."""
    given = value if isinstance(value, list) else [value]
    found = [name for each in given if isinstance(each, str) for name in _ID.findall(each)]
    return tuple(dict.fromkeys(f"<{each.strip('<>')}>" for each in found))


def _with_token(subject: str, ticket: Any, replies_to: Any) -> str:
    """The subject with the ticket's token, by which an answer without thread headers is known."""
    line = " ".join(subject.split())
    named = ticket.get("id") if isinstance(ticket, Mapping) else ticket
    if not named or replies_to == "none" or f"[#{named}]" in line:
        return line
    return f"{line} [#{named}]"
