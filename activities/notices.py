"""`notify` and the announcements of work items: telling people in their channel.

Channels are tried in the order of preference; this installation has mail. A person who has none is
`skipped`, and a person whose address is refused is `failed`, and neither keeps the others from being
told. Whom a delivery window keeps quiet is `held`: the case tells when it opens.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from activities import attachments
from activities.messages.catalog import Messages
from activities.messages.plain import one_line, without_controls
from activities.messages.rendering import Rendered
from activities.ports import Json, Links, OrganizationStore
from activities.request import Request
from activities.sending import Outbox
from activities.thread import is_requester, last_of_requester, ticket_of, with_token
from integrations.errors import NotFound, Refused
from integrations.files.interface import FileStore
from integrations.mail.interface import Attachment, OutgoingMail
from service.delivery import channels, opens
from service.errors import ServiceError
from service.instants import write_instant
from service.mail_threading import automatic_headers, message_id
from service.people import resolve

SYSTEM = "mail"
WITHOUT_FILES = ("reminder", "withdrawn", "over", "lent")
"""Announcements to people who have the files of an item, or need them no more."""
Person = Mapping[str, Any]
Send = Callable[
    [Request, Person, Rendered, str, tuple[Attachment, ...]], Awaitable[Mapping[str, Json]]
]
"""Tells one person by one channel: a delivery that is sent, skipped or failed, with the reason."""


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
        self._channels: Mapping[str, Send] = {"mail": self._by_mail}

    async def notify(self, request: Request) -> Mapping[str, Json]:
        """`notify`: tells everybody who is meant; {deliveries}."""
        given = request.arguments
        organization = await self._organization.current()
        people = resolve(organization, given["to"], request.case, self._now()).people
        files = await attachments.load(self._files, given.get("attach"))
        # A second notice with the same key has the Message-ID of the first, and is not sent again.
        once = f"{request.case_id}/{given['key']}" if given.get("key") else _once(request)
        deliveries = []
        for person in people:
            held = self._held(request, organization, person)
            if held is not None:
                deliveries.append(held)
                continue
            rendered = await self.said(request, organization, person)
            deliveries.append(
                await self.deliver(request, person, rendered, f"{once}/{person['id']}", files)
            )
        return {"deliveries": deliveries}

    async def announce(self, request: Request) -> Mapping[str, Json]:
        """`work-item.announce`: {item, kind, to, who?} -> {deliveries}.

        Everybody gets a link of their own, by which the item can be answered without an account.
        """
        given = request.arguments
        item, kind = given["item"], given["kind"]
        organization = await self._organization.current()
        deliveries = []
        files, lost = await self._files_of(item, kind)
        for person in self._asked(request, organization):
            held = self._held(request, organization, person)
            if held is not None:
                deliveries.append(held)
                continue
            link = self._links.answer(request.case_id, item["id"], str(person["id"]))
            if given.get("message") or given.get("text"):
                rendered = await self.said(request, organization, person, link)
            else:
                rendered = await self._announcement(request, organization, kind, item, person, link)
            key = f"{_once(request)}/{person['id']}"
            deliveries.append(await self.deliver(request, person, rendered, key, files))
        return {"deliveries": deliveries, **({"withoutFiles": lost} if lost else {})}

    async def _files_of(
        self, item: Mapping[str, Any], kind: str
    ) -> tuple[tuple[Attachment, ...], str | None]:
        """The files that go along, and why there are none: a lost file keeps nobody from being asked."""
        if kind in WITHOUT_FILES:
            return (), None
        try:
            return await attachments.load(self._files, item.get("files")), None
        except (NotFound, Refused) as error:
            return (), error.detail

    def _held(
        self, request: Request, organization: Mapping[str, Any], person: Person
    ) -> Mapping[str, Json] | None:
        """The delivery to a person whom a window keeps quiet now; the case tells when it opens."""
        try:
            at = opens(organization, request.arguments, request.case, person, self._now())
        except ServiceError as error:
            raise Refused("caseway", str(error)) from error
        if at <= self._now():
            return None
        channel = channels(request.arguments.get("channel"), person)[0]
        named = person.get("id")
        return {
            "person": None if named is None else str(named),
            "channel": channel,
            "state": "held",
            "at": write_instant(at),
        }

    def _asked(self, request: Request, organization: Mapping[str, Any]) -> list[Person]:
        """The people of an item; of a pool all members of its groups."""
        given = request.arguments
        to = given["to"]
        who: Any = given.get("who")
        if who is None:
            who = [{"person": each} for each in to.get("people") or ()]
            who = who or [{"group": each} for each in to.get("groups") or ()]
        people = resolve(organization, who, request.case, self._now()).people
        return [_as_requester(request, person) for person in people]

    async def _announcement(
        self,
        request: Request,
        organization: Mapping[str, Any],
        kind: str,
        item: Mapping[str, Any],
        person: Person,
        link: str,
    ) -> Rendered:
        # Whose matter it is, is asked politely; everybody else gets a piece of work.
        name = "asked" if kind == "opened" and is_requester(request, person) else kind
        language = person.get("language")
        values = {
            "name": person.get("name") or "",
            "title": item["title"],
            "description": item.get("description") or "",
            "due": item.get("dueAt"),
            "about": request.case.get("subject"),
            "ticket": ticket_of(request),
            "owner": _name(organization, item.get("person")),
            "delegate": _name(organization, item.get("delegate")),
            "reason": _last_reason(item),
        }
        zone = await self._messages.zone(request, organization, str(person["id"]))
        return self._messages.render_own(request, name, language, zone, link=link, values=values)

    async def said(
        self,
        request: Request,
        organization: Mapping[str, Any],
        person: Person,
        link: str | None = None,
    ) -> Rendered:
        """What a task says with `message` or `text`, in a language of the person's."""
        given = request.arguments
        language = person.get("language")
        if given.get("message"):
            zone = await self._messages.zone(request, organization, str(person["id"]))
            return await self._messages.render(
                request, given["message"], language, zone, organization=organization, link=link
            )
        text = without_controls(str(given.get("text") or ""))
        if link is not None and link not in text:
            # A text of the task has no place for a link, and without one nobody can answer.
            text = f"{text}\n\n{link}\n"
        return Rendered(None, text, language or "")

    async def deliver(
        self,
        request: Request,
        person: Person,
        rendered: Rendered,
        key: str,
        files: tuple[Attachment, ...],
    ) -> Mapping[str, Json]:
        """Tell a person by the first channel that takes it."""
        tried: list[dict[str, Json]] = []
        for channel in channels(request.arguments.get("channel"), person):
            send = self._channels.get(channel)
            if send is None:
                tried.append({"channel": channel, "reason": "this installation does not have it"})
                continue
            told = await send(request, person, rendered, key, files)
            if told["state"] == "sent":
                return {**told, "tried": tried} if tried else told
            tried.append({"channel": channel, "reason": told["reason"], "state": told["state"]})
        last = tried.pop()
        named = person.get("id")
        missed: dict[str, Json] = {
            "person": None if named is None else str(named),
            "channel": last["channel"],
            "state": last.get("state", "failed"),
            "reason": last["reason"],
        }
        return {**missed, "tried": tried} if tried else missed

    async def _by_mail(
        self,
        request: Request,
        person: Person,
        rendered: Rendered,
        key: str,
        files: tuple[Attachment, ...],
    ) -> Mapping[str, Json]:
        named = person.get("id")
        told: dict[str, Json] = {
            "person": None if named is None else str(named),
            "channel": "mail",
        }
        address = person.get("mail")
        if not address:
            return {**told, "state": "skipped", "reason": "the person has no mail address"}
        subject = rendered.subject or one_line(str(request.case.get("subject") or request.case_id))
        thread: tuple[str, ...] = ()
        if is_requester(request, person):
            # What the requester answers by mail has to find its way back to the case.
            thread = last_of_requester(request)
            subject = with_token(subject, ticket_of(request))
        mail = OutgoingMail(
            message_id=message_id(key, self._sender.rpartition("@")[2]),
            sender=self._sender,
            to=(str(address),),
            subject=subject,
            text=rendered.text,
            at=self._now(),
            in_reply_to=thread[0] if thread else None,
            references=tuple(reversed(thread)),
            headers=tuple(automatic_headers(reply=False).items()),
            attachments=files,
        )
        try:
            sent = await self._outbox.send(
                mail, case=request.case_id, kind="notice", automatic=True
            )
        except Refused as error:
            return {**told, "state": "failed", "reason": error.detail}
        if sent.get("skipped") or sent.get("instead"):
            reason = sent.get("skipped") or "a drill: the drill list is told instead"
            return {**told, "state": "skipped", "reason": reason}
        more = {"repeated": True} if sent.get("repeated") else {}
        return {**told, "state": "sent", "at": sent["at"], "id": sent["messageId"], **more}


def _once(request: Request) -> str:
    """What makes a notice this one: of one that was held back, the key of when it was to be told."""
    return str(request.arguments.get("once") or request.key)


def _as_requester(request: Request, person: Person) -> Person:
    """A requester from outside with name and language as the case knows them."""
    requester = request.case.get("requester")
    if not isinstance(requester, Mapping) or not is_requester(request, person):
        return person
    known = {name: value for name, value in requester.items() if value}
    return {**known, **{name: value for name, value in person.items() if value}, **_spoken(known)}


def _name(organization: Mapping[str, Any], person: Any) -> str:
    entry = (organization.get("people") or {}).get(person) or {}
    return str(entry.get("name") or person or "")


def _last_reason(item: Mapping[str, Any]) -> str:
    """Why the last thing that happened to an item happened."""
    history = item.get("history") or ()
    return str(history[-1].get("reason") or "") if history else ""


def _spoken(requester: Mapping[str, Any]) -> dict[str, Any]:
    return {name: requester[name] for name in ("name", "language") if name in requester}
