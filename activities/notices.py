"""`notify` and the announcements of work items: telling people in their channel.

The channel of this installation is mail; a person who has none is `skipped`, and a person whose
address is refused is `failed`, and neither keeps the others from being told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from activities import attachments
from activities.messages.catalog import Messages
from activities.messages.rendering import Rendered
from activities.ports import Json, Links, OrganizationStore
from activities.sending import Outbox
from activities.wrapper import Request
from integrations.errors import Refused
from integrations.files.interface import FileStore
from integrations.mail.interface import Attachment, OutgoingMail
from service.mail_threading import automatic_headers, message_id
from service.people import resolve

SYSTEM = "mail"
Person = Mapping[str, Any]


class Notices:
    """Notices to people, each in a language of theirs."""

    def __init__(
        self,
        outbox: Outbox,
        messages: Messages,
        organization: OrganizationStore,
        files: FileStore,
        links: Links,
        sender: str,
        now: Callable[[], datetime],
    ) -> None:
        self._outbox = outbox
        self._messages = messages
        self._organization = organization
        self._files = files
        self._links = links
        self._sender = sender
        self._now = now

    async def notify(self, request: Request) -> Mapping[str, Json]:
        """`notify`: tells everybody who is meant; {deliveries}."""
        given = request.arguments
        organization = await self._organization.current()
        people = resolve(organization, given["to"], request.case, self._now()).people
        files = await attachments.load(self._files, given.get("attach"))
        # A second notice with the same key has the Message-ID of the first, and is not sent again.
        once = f"{request.case_id}/{given['key']}" if given.get("key") else request.key
        deliveries = []
        for person in people:
            rendered = await self._said(request, person)
            deliveries.append(
                await self._deliver(request, person, rendered, f"{once}/{person['id']}", files)
            )
        return {"deliveries": deliveries}

    async def announce(self, request: Request) -> Mapping[str, Json]:
        """`work-item.announce`: {item, kind, to, who?} -> {deliveries}.

        Everybody gets a link of their own, by which the item can be answered without an account.
        """
        given = request.arguments
        item, kind = given["item"], given["kind"]
        deliveries = []
        for person in await self._asked(request):
            link = self._links.answer(request.case_id, item["id"], str(person["id"]))
            if given.get("message") or given.get("text"):
                rendered = await self._said(request, person, link)
            else:
                rendered = self._announcement(request, kind, item, person, link)
            key = f"{request.key}/{person['id']}"
            deliveries.append(await self._deliver(request, person, rendered, key, ()))
        return {"deliveries": deliveries}

    async def _asked(self, request: Request) -> list[Person]:
        """The people of an item; of a pool all members of its groups."""
        given = request.arguments
        to = given["to"]
        who: Any = given.get("who")
        if who is None:
            who = [{"person": each} for each in to.get("people") or ()]
            who = who or [{"group": each} for each in to.get("groups") or ()]
        organization = await self._organization.current()
        people = resolve(organization, who, request.case, self._now()).people
        return [_as_requester(request, person) for person in people]

    def _announcement(
        self, request: Request, kind: str, item: Mapping[str, Any], person: Person, link: str
    ) -> Rendered:
        # Somebody outside of the organization is asked politely; our own people get their work.
        name = "asked" if kind == "opened" and _is_requester(request, person) else kind
        language = person.get("language")
        values = {
            "name": person.get("name") or "",
            "title": _in_language(item["title"], language),
            "description": item.get("description") or "",
            "due": _readable(item.get("dueAt")),
        }
        return self._messages.render_own(request, name, language, link=link, values=values)

    async def _said(self, request: Request, person: Person, link: str | None = None) -> Rendered:
        given = request.arguments
        language = person.get("language")
        if given.get("message"):
            return await self._messages.render(request, given["message"], language, link=link)
        text = str(given.get("text") or "")
        return Rendered(None, text, language or "")

    async def _deliver(
        self,
        request: Request,
        person: Person,
        rendered: Rendered,
        key: str,
        files: tuple[Attachment, ...],
    ) -> Mapping[str, Json]:
        told: dict[str, Json] = {"person": str(person["id"]), "channel": "mail"}
        address = person.get("mail")
        if not address:
            return {**told, "state": "skipped", "reason": "the person has no mail address"}
        mail = OutgoingMail(
            message_id=message_id(key, self._sender.rpartition("@")[2]),
            sender=self._sender,
            to=(str(address),),
            subject=rendered.subject or _subject(request),
            text=rendered.text,
            at=self._now(),
            headers=tuple(automatic_headers(reply=False).items()),
            attachments=files,
        )
        try:
            sent = await self._outbox.send(
                mail, case=request.case_id, kind="notice", automatic=True
            )
        except Refused as error:
            return {**told, "state": "failed", "reason": error.detail}
        more = {"repeated": True} if sent.get("repeated") else {}
        return {**told, "state": "sent", "at": sent["at"], "id": sent["messageId"], **more}


def _is_requester(request: Request, person: Person) -> bool:
    requester = request.case.get("requester")
    if isinstance(requester, Mapping):
        same = [requester.get("id"), requester.get("mail")]
        return person["id"] in same or (bool(person.get("mail")) and person["mail"] in same)
    return bool(requester) and requester in (person["id"], person.get("mail"))


def _as_requester(request: Request, person: Person) -> Person:
    """A requester from outside with name and language as the case knows them."""
    requester = request.case.get("requester")
    if not isinstance(requester, Mapping) or not _is_requester(request, person):
        return person
    known = {name: value for name, value in requester.items() if value}
    return {**known, **{name: value for name, value in person.items() if value}, **_spoken(known)}


def _spoken(requester: Mapping[str, Any]) -> dict[str, Any]:
    return {name: requester[name] for name in ("name", "language") if name in requester}


def _in_language(text: Any, language: str | None) -> str:
    if isinstance(text, Mapping):
        return str(text.get(language or "en") or text.get("en") or next(iter(text.values()), ""))
    return str(text)


def _readable(at: str | None) -> str | None:
    return None if not at else at.replace("T", " ").replace("Z", " UTC")


def _subject(request: Request) -> str:
    return " ".join(str(request.case.get("subject") or request.case.get("id") or "").split())
