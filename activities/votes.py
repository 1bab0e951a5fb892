"""The announcements of approvals: each voter gets a link that votes for one seat."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from activities import attachments
from activities.messages.catalog import Messages
from activities.messages.rendering import Rendered
from activities.notices import Notices, Person
from activities.ports import Json, Links, OrganizationStore
from activities.request import Request
from activities.thread import ticket_of
from integrations.files.interface import FileStore
from service.people import resolve
from service.voters import told_of


class Votes:
    """Tells people that they are asked for a vote, or are not any more."""

    def __init__(
        self,
        notices: Notices,
        messages: Messages,
        organization: OrganizationStore,
        files: FileStore,
        links: Links,
        now: Callable[[], datetime],
    ) -> None:
        self._notices = notices
        self._messages = messages
        self._organization = organization
        self._files = files
        self._links = links
        self._now = now

    async def announce(self, request: Request) -> Mapping[str, Json]:
        """`approval.announce`: {round, kind, seats: [{seat, item}], who?} -> {deliveries}.

        Absences are those of now. With `who` others are told how the vote stands, without a link.
        """
        given = request.arguments
        organization = await self._organization.current()
        at = self._now()
        files = await attachments.load(
            self._files, given["round"].get("files") if given["kind"] == "opened" else None
        )
        deliveries = []
        if given.get("who") is not None:
            for person in resolve(organization, given["who"], request.case, at).people:
                rendered = await self._rendered(request, organization, None, person)
                key = f"{request.key}/{person['id']}"
                deliveries.append(await self._notices.deliver(request, person, rendered, key, ()))
            return {"deliveries": deliveries}
        for seat, person in told_of(organization, given, request.case, at):
            rendered = await self._rendered(request, organization, seat, person)
            # A deputy of two members gets a mail, and a link, for each of them.
            key = f"{request.key}/{seat['item'] or seat['seat']}/{person['id']}"
            deliveries.append(await self._notices.deliver(request, person, rendered, key, files))
        return {"deliveries": deliveries}

    async def _rendered(
        self,
        request: Request,
        organization: Mapping[str, Any],
        seat: Mapping[str, Any] | None,
        person: Person,
    ) -> Rendered:
        given = request.arguments
        voting, kind = given["round"], given["kind"]
        link = None
        if seat is not None and seat["item"] is not None and kind != "withdrawn":
            link = self._links.answer(request.case_id, seat["item"], str(person["id"]))
        if given.get("message") or given.get("text"):
            return await self._notices.said(request, organization, person, link)
        behalf = seat is not None and seat["seat"] != person.get("id")
        values = {
            "name": person.get("name") or "",
            "title": voting["title"],
            "description": voting.get("description") or "",
            "version": voting.get("version"),
            "due": voting.get("dueAt"),
            "seat": _name(organization, seat["seat"]) if seat is not None and behalf else None,
            "missing": ", ".join(_name(organization, each["seat"]) for each in given["seats"]),
            "decision": voting.get("decision"),
            "about": request.case.get("subject"),
            "ticket": ticket_of(request),
        }
        zone = await self._messages.zone(request, organization, str(person["id"]))
        return self._messages.render_own(
            request,
            f"vote-{'waiting' if seat is None else kind}",
            person.get("language"),
            zone,
            link=link,
            values=values,
        )


def _name(organization: Mapping[str, Any], person: str) -> str:
    entry = (organization.get("people") or {}).get(person) or {}
    return str(entry.get("name") or person)
