"""`ticket.*`: the ticket system, in the words of the vocabulary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from activities.attachments import digests_of
from activities.messages.catalog import Messages
from activities.messages.plain import one_line, without_controls
from activities.ports import Json, OrganizationStore
from activities.request import Request
from integrations.errors import NotFound, Refused
from integrations.tickets.interface import NewTicket, TicketQuery, TicketSystem

SYSTEM = "tickets"
_NEVER_EMPTY = ("status", "subject", "fields")


class Tickets:
    """Actions on one ticket system."""

    def __init__(
        self, tickets: TicketSystem, messages: Messages, organization: OrganizationStore
    ) -> None:
        self._tickets = tickets
        self._messages = messages
        self._organization = organization

    async def create(self, request: Request) -> Mapping[str, Json]:
        """`ticket.create`: opens a ticket, or finds the one that this action has opened."""
        given = request.arguments
        ticket = await self._tickets.create(
            request.key,
            NewTicket(
                subject=one_line(given["subject"]),
                requester=address_of(given["requester"]),
                text=without_controls(given.get("text") or ""),
                queue=given.get("queue"),
                priority=given.get("priority"),
                status=given.get("status") or "new",
                owner=given.get("owner"),
                group=given.get("group"),
                fields=given.get("fields") or {},
                attachments=digests_of(given.get("attach")),
            ),
        )
        return ticket.to_json()

    async def update(self, request: Request) -> Mapping[str, Json]:
        """`ticket.update`: sets fields and reads the ticket back.

        With `onConflict: fail` a ticket that has changed since the case read it is left alone.
        An empty status or subject leaves that of the ticket.
        """
        given = request.arguments
        changes = {
            name: value
            for name, value in given["set"].items()
            if value is not None or name not in _NEVER_EMPTY
        }
        if changes.get("subject") is not None:
            changes["subject"] = one_line(changes["subject"])
        ticket = await self._tickets.update(
            request.key,
            _ticket(request),
            changes,
            _version(request) if given.get("onConflict") == "fail" else None,
        )
        return ticket.to_json()

    async def comment(self, request: Request) -> Mapping[str, Json]:
        """`ticket.comment`: adds a text, internal or public."""
        given = request.arguments
        text = given.get("text")
        if text is None:
            organization = await self._organization.current()
            zone = await self._messages.zone(request, organization, None)
            rendered = await self._messages.render(
                request, given["message"], _language(request), zone, organization=organization
            )
            text = rendered.text
        comment = await self._tickets.comment(
            request.key,
            _ticket(request),
            without_controls(text),
            given["visibility"],
            digests_of(given.get("attach")),
        )
        return {"id": comment.id, "at": comment.at}

    async def link(self, request: Request) -> Mapping[str, Json]:
        """`ticket.link`: says how two tickets belong together."""
        to = id_of(request.arguments["to"])
        await self._tickets.link(request.key, _ticket(request), to, request.arguments["kind"])
        return {"linked": True}

    async def close(self, request: Request) -> Mapping[str, Json]:
        """`ticket.close`: closes a ticket and reads it back."""
        given = request.arguments
        ticket = await self._tickets.close(
            request.key, _ticket(request), given.get("resolution") or "", given.get("comment")
        )
        return ticket.to_json()

    async def find(self, request: Request) -> Mapping[str, Json]:
        """`ticket.find`: tickets that match a query, newest first."""
        query = request.arguments["query"]
        requester, status = query.get("requester"), query.get("status") or ()
        found = await self._tickets.find(
            TicketQuery(
                key=query.get("key"),
                requester=None if requester is None else address_of(requester),
                status=(status,) if isinstance(status, str) else tuple(status),
                text=query.get("text"),
                fields=query.get("fields") or {},
            ),
            int(request.arguments.get("limit") or 20),
        )
        return {"tickets": [each.to_json() for each in found.tickets], "more": found.more}


def id_of(ticket: Any) -> str:
    """The id of a ticket that is given as an id or as a whole ticket.

    Raises:
        NotFound: there is none.
    """
    named = ticket.get("id") if isinstance(ticket, Mapping) else ticket
    if not named:
        raise NotFound(SYSTEM, "the case has no ticket: open one, or name one in the task")
    return str(named)


def address_of(person: Any) -> str:
    """The address that a ticket system knows a person by.

    Raises:
        Refused: there is none.
    """
    if isinstance(person, Mapping):
        named = person.get("mail") or person.get("id") or person.get("name")
    else:
        named = person
    if not named:
        raise Refused(SYSTEM, "a ticket needs a requester with a mail address or an id")
    return str(named)


def _ticket(request: Request) -> str:
    return id_of(_meant(request))


def _meant(request: Request) -> Any:
    given = request.arguments.get("ticket")
    return request.case.get("ticket") if given is None else given


def _version(request: Request) -> str | None:
    meant = _meant(request)
    version = meant.get("version") if isinstance(meant, Mapping) else None
    return None if version is None else str(version)


def _language(request: Request) -> str | None:
    """The requester's for what the requester may read; nobody's for what stays inside."""
    requester = request.case.get("requester")
    if request.arguments["visibility"] != "public" or not isinstance(requester, Mapping):
        return None
    language = requester.get("language")
    return None if language is None else str(language)
