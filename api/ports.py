"""What the HTTP door needs from the rooms behind it; `server.py` fills it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from language.plan import Plan

Json = Any
"""JSON as Python holds it."""


class Started(Protocol):
    """The answer to a start. `started` is False where the case was there already."""

    @property
    def case(self) -> str: ...
    @property
    def definition(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def started(self) -> bool: ...


class Delivered(Protocol):
    """The answer to an event: delivered, buffered, reopened, duplicate or refused."""

    @property
    def state(self) -> str: ...
    @property
    def reason(self) -> str | None: ...


class Page(Protocol):
    """Part of a list, and the cursor of the next part (None at the end)."""

    @property
    def items(self) -> Sequence[Mapping[str, Json]]: ...
    @property
    def cursor(self) -> str | None: ...


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
    ) -> Started: ...

    async def show(self, case: str) -> Mapping[str, Json]: ...

    async def list(
        self, filters: Mapping[str, str], cursor: str | None = None, limit: int = 50
    ) -> Page: ...

    async def worklist(
        self,
        *,
        person: str | None = None,
        group: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page: ...

    async def event(self, case: str, event: Mapping[str, Json]) -> Delivered: ...

    async def answer(
        self,
        case: str,
        item: str,
        outcome: str,
        values: Mapping[str, Json],
        *,
        by: str,
        on_behalf_of: str | None = None,
        via: str,
        request_id: str | None = None,
    ) -> Mapping[str, Json]: ...

    async def claim(
        self, case: str, item: str, *, by: str, request_id: str | None = None
    ) -> Mapping[str, Json]: ...

    async def release(
        self, case: str, item: str, *, by: str, request_id: str | None = None
    ) -> Mapping[str, Json]: ...

    async def cancel(
        self, case: str, reason: str, *, by: str, request_id: str | None = None
    ) -> Mapping[str, Json]: ...


class Bundle(Protocol):
    """A published definition, as far as the API shows it."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def digest(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def plan(self) -> Plan: ...


class Definitions(Protocol):
    """Published definitions, and the check of ones that are not."""

    async def names(self) -> Sequence[str]: ...

    async def newest(self, name: str, version: str | None = None) -> Bundle | None: ...

    async def by_digest(self, digest: str) -> Bundle | None: ...

    def check(self, text: str, file: str) -> Sequence[Mapping[str, Json]]:
        """The findings of a definition's text, each as `validate --format json` gives it."""
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


@dataclass(frozen=True, slots=True)
class LinkClaims:
    """What a signed link says: this person may answer this work item of this case."""

    case: str
    item: str
    person: str


class LinkExpired(Exception):
    """The link was valid once."""


class LinkInvalid(Exception):
    """The link is not one of ours, or was changed."""


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
