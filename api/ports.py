"""What the HTTP door needs from the rooms behind it; `server.py` fills it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from cases.links import LinkClaims
from language.plan import Plan

Json = Any
"""JSON as Python holds it."""


class Started(Protocol):
    """The answer to a start. `started` is False where the case was there already."""

    @property
    def case(self) -> str:
        """Id of the case."""
        ...

    @property
    def definition(self) -> str:
        """Name of its definition."""
        ...

    @property
    def version(self) -> str:
        """The version it runs on."""
        ...

    @property
    def started(self) -> bool:
        """False where it was there already."""
        ...


class Delivered(Protocol):
    """The answer to an event: delivered, buffered, reopened, duplicate or refused."""

    @property
    def state(self) -> str:
        """What became of it."""
        ...

    @property
    def reason(self) -> str | None:
        """Why it was refused."""
        ...


class Listed(Protocol):
    """A schedule, as people see it."""

    def to_json(self) -> dict[str, Json]:
        """{definition, name, schedule, paused, note, next, last, missed, skipped}."""
        ...


class Schedules(Protocol):
    """What starts cases by itself. All but `list` raise ScheduleNotFound for an unknown one."""

    async def list(self) -> Sequence[Listed]:
        """All of them, by definition and name."""
        ...

    async def show(self, definition: str, name: str) -> Listed:
        """One of them."""
        ...

    async def pause(self, definition: str, name: str, *, by: str, reason: str) -> Listed:
        """Let it start nothing until it is resumed."""
        ...

    async def resume(self, definition: str, name: str, *, by: str, reason: str) -> Listed:
        """Let it start cases again."""
        ...

    async def trigger(self, definition: str, name: str) -> Listed:
        """Start a case of it now."""
        ...


class Page(Protocol):
    """Part of a list, and the cursor of the next part (None at the end)."""

    @property
    def items(self) -> Sequence[Mapping[str, Json]]:
        """The lines of this part."""
        ...

    @property
    def cursor(self) -> str | None:
        """Where the next part begins."""
        ...


class Moved(Protocol):
    """What became of a case that was to move to another version."""

    def to_json(self) -> dict[str, Json]:
        """{case, state, from, to, at, obstacles}."""
        ...


class Cases(Protocol):
    """The part of `cases.Cases` that the API uses; it raises the errors of `cases.errors`.

    `request_id` makes a call repeatable: the same id is carried out once.
    """

    async def start(
        self,
        name: str,
        input: Json,
        *,
        key: str | None = None,
        version: str | None = None,
        by: str,
        link: Mapping[str, Json] | None = None,
        event: Mapping[str, Json] | None = None,
        request_id: str | None = None,
        drill: bool = False,
    ) -> Started:
        """Start a case, or join the one with its key, which then gets the event."""
        ...

    async def show(self, case: str) -> Mapping[str, Json]:
        """Everything about a case."""
        ...

    async def list(
        self, filters: Mapping[str, str], cursor: str | None = None, limit: int = 50
    ) -> Page:
        """Cases that match all filters, newest first."""
        ...

    async def worklist(
        self,
        *,
        person: str | None = None,
        group: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page:
        """Open work items of a person or a group."""
        ...

    async def event(self, case: str, event: Mapping[str, Json]) -> Delivered:
        """Deliver a CloudEvent; the same id twice counts once."""
        ...

    async def answer(
        self,
        case: str,
        item: str,
        outcome: str,
        values: Mapping[str, Json],
        *,
        by: str,
        on_behalf_of: str | None = None,
        reason: str | None = None,
        effort: Json = None,
        via: str,
        request_id: str | None = None,
    ) -> Mapping[str, Json]:
        """Answer a work item; `reason` is why an overseer steps in, here and below.

        `effort` is how long it took: a duration.
        """
        ...

    async def draft(
        self,
        case: str,
        item: str,
        values: Mapping[str, Json],
        *,
        by: str,
        request_id: str | None = None,
    ) -> Mapping[str, Json]:
        """Keep what was filled in so far."""
        ...

    async def delegate(
        self,
        case: str,
        item: str,
        to: str,
        *,
        by: str,
        reason: str | None = None,
        request_id: str | None = None,
    ) -> Mapping[str, Json]:
        """Let another person do a work item; who has it stays accountable."""
        ...

    async def claim(
        self,
        case: str,
        item: str,
        *,
        by: str,
        reason: str | None = None,
        request_id: str | None = None,
    ) -> Mapping[str, Json]:
        """Take a work item out of its pool."""
        ...

    async def release(
        self,
        case: str,
        item: str,
        *,
        by: str,
        reason: str | None = None,
        request_id: str | None = None,
    ) -> Mapping[str, Json]:
        """Give a work item back to its pool."""
        ...

    async def reassign(
        self, case: str, item: str, to: Json, *, by: str, reason: str, request_id: str | None = None
    ) -> Mapping[str, Json]:
        """Give a work item to others; `to` is a Who."""
        ...

    async def cancel(
        self, case: str, reason: str, *, by: str, request_id: str | None = None
    ) -> Mapping[str, Json]:
        """End a case early."""
        ...

    async def recalculate(
        self,
        case: str,
        clock: str,
        *,
        by: str,
        reason: str,
        decide: bool = False,
        request_id: str | None = None,
    ) -> Mapping[str, Json]:
        """Count a running clock's deadline anew: {clock, state, was, deadline}."""
        ...

    async def suspend(
        self,
        case: str,
        reason: str,
        *,
        by: str,
        pause_clocks: bool = False,
        request_id: str | None = None,
    ) -> Mapping[str, Json]:
        """Let no task of a case begin until it is resumed."""
        ...

    async def resume(
        self, case: str, *, by: str, reason: str | None = None, request_id: str | None = None
    ) -> Mapping[str, Json]:
        """Let a suspended case go on."""
        ...

    async def look_at_move(
        self, case: str, to: str, step_map: Mapping[str, Json] | None = None
    ) -> Moved:
        """What moving a case to another version of its definition would do."""
        ...

    async def move(
        self,
        case: str,
        to: str,
        step_map: Mapping[str, Json] | None = None,
        *,
        by: str,
        reason: str | None = None,
        request_id: str | None = None,
    ) -> Moved:
        """Move a case to another version, as a whole or not at all."""
        ...

    async def operate(
        self,
        case: str,
        task: str | None,
        act: str,
        *,
        by: str,
        reason: str | None = None,
        value: Json = None,
        request_id: str | None = None,
    ) -> Mapping[str, Json]:
        """Decide about a held task: retry, skip (with a value) or fail."""
        ...


class Publisher(Protocol):
    """Events that name no case."""

    async def publish(self, event: Mapping[str, Json]) -> None:
        """Publish a CloudEvent; nothing can be lost on return. It raises the errors of `cases.errors`."""
        ...


class Bundle(Protocol):
    """A published definition, as far as the API shows it."""

    @property
    def name(self) -> str:
        """Name of the definition."""
        ...

    @property
    def version(self) -> str:
        """The version it runs on."""
        ...

    @property
    def digest(self) -> str:
        """Digest of the whole bundle."""
        ...

    @property
    def source(self) -> str:
        """The text of the definition."""
        ...

    @property
    def plan(self) -> Plan:
        """Its compiled form."""
        ...


class Definitions(Protocol):
    """Published definitions."""

    async def names(self) -> Sequence[str]:
        """Names of all published definitions, sorted."""
        ...

    async def newest(self, name: str, version: str | None = None) -> Bundle | None:
        """The newest bundle within a version range, or None."""
        ...

    async def by_digest(self, digest: str) -> Bundle | None:
        """The bundle with this digest, or None."""
        ...


class Requests(Protocol):
    """First answers by idempotency key."""

    async def first_answer(self, scope: str, key: str, fingerprint: str) -> Json | None:
        """What was kept, or None.

        Raises:
            KeyReused: the key was used for another request.
        """
        ...

    async def keep_answer(self, scope: str, key: str, fingerprint: str, answer: Json) -> None:
        """Keep an answer; the first one stays."""
        ...


class Links(Protocol):
    """Signed links in mails."""

    def read(self, token: str) -> LinkClaims:
        """What the token says.

        Raises:
            LinkExpired: it was valid once.
            LinkInvalid: it is not ours.
        """
        ...


class Organization(Protocol):
    """Organization data."""

    async def current(self) -> Mapping[str, Json]:
        """The document in force now; `people` is id -> person."""
        ...


class Health(Protocol):
    """Whether cases can be served now."""

    async def problems(self) -> Sequence[str]:
        """One sentence per thing that keeps us from serving; none where all is well."""
        ...
