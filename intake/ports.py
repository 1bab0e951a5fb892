"""What intake needs from the rest of Caseway, as Protocols that the composition roots fill."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol


class Started(Protocol):
    """The answer to a start. `started` is False where the case was there already."""

    @property
    def case(self) -> str:
        """Id of the case."""
        ...

    @property
    def started(self) -> bool:
        """False where it was there already."""
        ...


class Delivered(Protocol):
    """The answer to an event: delivered, buffered, duplicate or refused."""

    @property
    def state(self) -> str:
        """What became of it."""
        ...


class CaseDoor(Protocol):
    """The part of `cases.Cases` that intake uses; it raises the errors of `cases.errors`."""

    async def start(
        self,
        name: str,
        input: Any,
        *,
        key: str | None = None,
        version: str | None = None,
        by: str,
        link: Mapping[str, Any] | None = None,
        event: Mapping[str, Any] | None = None,
        request_id: str | None = None,
    ) -> Started:
        """Start a case, or join the one with its key, which then gets the event."""
        ...

    async def event(self, case: str, event: Mapping[str, Any]) -> Delivered:
        """Deliver a CloudEvent; the same id twice counts once."""
        ...


class Quarantine(Protocol):
    """Where everything is written down that came in and was not taken."""

    async def quarantine(
        self,
        *,
        id: str,
        source: str,
        reason: str,
        detail: str | None = None,
        message_id: str | None = None,
        sender: str | None = None,
        subject: str | None = None,
        case: str | None = None,
        file: Mapping[str, Any] | None = None,
        at: datetime | None = None,
    ) -> None:
        """Write one down, durable on return; the same id again changes nothing."""
        ...

    async def quarantined(self, id: str) -> Mapping[str, Any] | None:
        """The entry with this id, or None."""
        ...
