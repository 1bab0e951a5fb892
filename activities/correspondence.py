"""`mail.send`, `mail.reply`: what belongs to the correspondence of a case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from activities import attachments
from activities.messages.catalog import Messages
from activities.messages.plain import without_controls
from activities.ports import Json, OrganizationStore
from activities.request import Request
from activities.sending import Outbox, skipped
from activities.thread import (
    identifiers,
    is_requester,
    last_mail,
    last_of_requester,
    ticket_of,
    with_token,
)
from integrations.files.interface import FileStore
from integrations.mail.interface import OutgoingMail
from service.mail_threading import automatic_headers, message_id
from service.people import resolve


@dataclass(frozen=True, slots=True)
class _Reader:
    """Who gets a mail, and in which language."""

    person: str | None
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
        """`mail.reply`: answers in the thread of the requester's mail.

        The subject is that of the matter, unless the message file has one of its own.
        """
        given = request.arguments
        thread = identifiers(given.get("inReplyTo")) or last_of_requester(request)
        about = str(request.case.get("subject") or "").strip()
        subject = about if about.lower().startswith("re:") else f"Re: {about}".strip()
        # A mail whose name no header can carry is answered as well: the limits of answers hold.
        answers = bool(given.get("inReplyTo") or last_mail(request))
        to = given.get("to") or "requester"
        return await self._mail(request, to, subject, thread=thread, answers=answers)

    async def _mail(
        self,
        request: Request,
        to: Any,
        subject: str,
        *,
        thread: tuple[str, ...],
        answers: bool = False,
    ) -> Mapping[str, Json]:
        given = request.arguments
        organization = await self._organization.current()
        readers = self._readers(request, organization, to)
        if not readers:
            return skipped(self._now(), "nobody it is meant for has a mail address")
        copies = self._readers(request, organization, given["cc"]) if given.get("cc") else []
        text = given.get("text")
        if text is None:
            # One text for all: in the language and on the clock of the first reader.
            first = readers[0]
            zone = await self._messages.zone(request, organization, first.person)
            rendered = await self._messages.render(
                request, given["message"], first.language, zone, organization=organization
            )
            subject, text = rendered.subject or subject, rendered.text
        automatic = given.get("author") is None
        mail = OutgoingMail(
            message_id=message_id(request.key, self._sender.rpartition("@")[2]),
            sender=self._sender,
            to=tuple(each.address for each in readers),
            cc=tuple(each.address for each in copies),
            subject=with_token(
                subject, None if given.get("repliesTo") == "none" else ticket_of(request)
            ),
            text=without_controls(text),
            at=self._now(),
            in_reply_to=thread[0] if thread else None,
            references=tuple(reversed(thread)),
            headers=tuple(automatic_headers(reply=answers).items()) if automatic else (),
            attachments=await attachments.load(self._files, given.get("attach")),
        )
        return await self._outbox.send(
            mail,
            case=request.case_id,
            kind="acknowledgement" if automatic and answers else "correspondence",
            automatic=automatic,
            hold_uncertain=given.get("uncertain") == "hold",
            attempt=request.attempt,
        )

    def _readers(
        self, request: Request, organization: Mapping[str, Any], who: Any
    ) -> list[_Reader]:
        """Addresses as given, and those of the people who are meant; each once."""
        found: dict[str, _Reader] = {}
        for each in who if isinstance(who, list) else [who]:
            address = each if isinstance(each, str) and "@" in each else None
            meant = {"person": {"mail": address}} if address else each
            for person in resolve(organization, meant, request.case, self._now()).people:
                mail = address or person.get("mail")
                if mail:
                    reader = _Reader(str(person["id"]), str(mail), _language(request, person))
                    found.setdefault(reader.address.lower(), reader)
        return list(found.values())


def _language(request: Request, person: Mapping[str, Any]) -> str | None:
    language = person.get("language")
    requester = request.case.get("requester")
    if not language and isinstance(requester, Mapping) and is_requester(request, person):
        language = requester.get("language")
    return str(language) if language else None
