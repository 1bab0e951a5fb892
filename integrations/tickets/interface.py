"""What Caseway needs from a ticket system, in its own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Visibility = Literal["internal", "public"]
LinkKind = Literal["relates", "duplicates", "parent", "child", "blocks"]

SETTABLE = ("status", "priority", "owner", "group", "subject", "requester", "fields")
"""What `update` may set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A ticket as it stands in its system.

    `status` is a word of the definitions, in kebab case: a system maps it to its own. `version` changes with every write; what it looks like is the system's own affair.
    """

    system: str
    id: str
    url: str | None
    subject: str
    status: str
    priority: str | None
    requester: str | None
    owner: str | None
    group: str | None
    fields: Mapping[str, Any] = field(default_factory=dict)
    version: str
    updated_at: str
    """ISO 8601, UTC."""

    def to_json(self) -> dict[str, Any]:
        """The vocabulary's Ticket."""
        return {
            "system": self.system,
            "id": self.id,
            "url": self.url,
            "subject": self.subject,
            "status": self.status,
            "priority": self.priority,
            "requester": self.requester,
            "owner": self.owner,
            "group": self.group,
            "fields": dict(self.fields),
            "version": self.version,
            "updatedAt": self.updated_at,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTicket:
    """What a ticket is opened with."""

    subject: str
    requester: str
    text: str = ""
    queue: str | None = None
    priority: str | None = None
    status: str = "new"
    owner: str | None = None
    group: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    attachments: tuple[str, ...] = ()
    """Digests in the file store."""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment that stands in the ticket system."""

    id: str
    at: str
    """ISO 8601, UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketQuery:
    """What is looked for; everything given must match.

    `text` is found in the subject or in a comment, whatever the case of its letters.
    """

    key: str | None = None
    requester: str | None = None
    status: tuple[str, ...] = ()
    text: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """One page of tickets, newest first, and whether there are more."""

    tickets: tuple[Ticket, ...]
    more: bool


class TicketSystem(Protocol):
    """A ticket system. Every method may raise `Unavailable`, `RateLimited`, `NotAuthorized`.

    `key` is the action's idempotency key: the same key again gives the first result and writes
    nothing. It is also what marks a write as our own (echo guard).
    """

    async def create(self, key: str, ticket: NewTicket) -> Ticket:
        """Open a ticket, searching by `key` first; the key stays in the ticket as external key.

        Raises:
            Refused: a field that the system does not accept.
        """
        ...

    async def get(self, id: str) -> Ticket:
        """A ticket as it stands.

        Raises:
            NotFound: no such ticket.
        """
        ...

    async def update(
        self, key: str, id: str, changes: Mapping[str, Any], version: str | None = None
    ) -> Ticket:
        """Set what `changes` names (see `SETTABLE`; `fields` are merged) and read it back.

        Raises:
            NotFound: no such ticket.
            Conflict: `version` is given and the ticket has another one.
            Refused: an unknown field or status, or the system did not do what it confirmed.
        """
        ...

    async def comment(
        self,
        key: str,
        id: str,
        text: str,
        visibility: Visibility,
        attachments: tuple[str, ...] = (),
    ) -> Comment:
        """Add a comment.

        Raises:
            NotFound: no such ticket.
        """
        ...

    async def link(self, key: str, id: str, to: str, kind: LinkKind) -> None:
        """Say how a ticket stands to another one; the same link again changes nothing.

        Raises:
            NotFound: one of the two does not exist.
            Refused: a ticket linked to itself, or an unknown kind.
        """
        ...

    async def close(self, key: str, id: str, resolution: str, comment: str | None = None) -> Ticket:
        """Close a ticket with a resolution, kept in `fields.resolution`.

        Raises:
            NotFound: no such ticket.
        """
        ...

    async def find(self, query: TicketQuery, limit: int = 20) -> Found:
        """Tickets that match, newest first."""
        ...
