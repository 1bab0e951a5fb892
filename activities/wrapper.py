"""What is the same for every activity: heartbeats, the request, errors as Temporal carries them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.messages.plain import sound
from activities.ports import Json
from integrations.errors import IntegrationError

HEARTBEAT_EVERY = timedelta(seconds=1)

Kinds = Mapping[type[Exception], type[IntegrationError]]
"""Which of the six kinds an error of a port's implementation is."""


@dataclass(frozen=True, slots=True)
class Request:
    """The single argument of an action's activity."""

    key: str
    """The same on every attempt."""
    arguments: Mapping[str, Json]
    case: Mapping[str, Json]
    """The fields that the function's descriptor names, and `facts` for messages."""
    task: str
    digest: str
    """Of the case's bundle."""
    attempt: int
    """Counts from 1 whenever the interpreter asks, for example when an operator retries."""

    @property
    def case_id(self) -> str:
        """Id of the case that asks, or an empty text."""
        return str(self.case.get("id") or "")


def read_request(body: Mapping[str, Json]) -> Request:
    """Unpack what the interpreter sent; half characters of texts from outside are replaced."""
    body = sound(body)
    return Request(
        key=body["key"],
        arguments=body.get("arguments") or {},
        case=body.get("case") or {},
        task=body.get("task") or "",
        digest=body.get("digest") or "",
        attempt=activity.info().attempt,
    )


@dataclass(frozen=True, slots=True)
class Action:
    """Makes activities out of plain functions from a request to a result."""

    kinds: Kinds

    def __call__(
        self, name: str, act: Callable[[Request], Awaitable[Mapping[str, Json]]]
    ) -> Callable[..., Any]:
        """The activity `name`, which heartbeats while `act` runs and translates its errors."""

        @activity.defn(name=name)
        async def run(body: dict[str, Any]) -> Any:
            return await self._carried_out(act, read_request(body))

        return run

    def repeatable(
        self, name: str, act: Callable[[Mapping[str, Json]], Awaitable[Json]]
    ) -> Callable[..., Any]:
        """A short read, or a write that may come twice: it gets its argument as it is."""

        @activity.defn(name=name)
        async def run(body: dict[str, Any]) -> Any:
            return await self._carried_out(act, body)

        return run

    async def _carried_out(self, act: Callable[[Any], Awaitable[Any]], given: Any) -> Any:
        """Errors of other systems become `ApplicationError`; anything else is a bug and stays."""
        heartbeat = Heartbeat()
        try:
            return await act(given)
        except IntegrationError as error:
            raise as_application_error(error) from error
        except tuple(self.kinds) as error:
            kind = next(self.kinds[each] for each in type(error).__mro__ if each in self.kinds)
            raise as_application_error(kind("caseway", str(error))) from error
        finally:
            heartbeat.stop()


class Heartbeat:
    """Tells the server every second that this attempt is alive, until it is stopped.

    A worker that was killed falls silent, and the server starts the next attempt seconds later.
    A local activity ends with its workflow task: nobody listens to it.
    """

    def __init__(self) -> None:
        self._next: asyncio.TimerHandle | None = None
        if not activity.info().is_local:
            # Most end before the first one: each is a request, and a write of the server.
            self._wait()

    def stop(self) -> None:
        """No more of them."""
        if self._next is not None:
            self._next.cancel()

    def _wait(self) -> None:
        # No task: one that ends before it does anything costs as much as the attempt itself.
        loop = asyncio.get_running_loop()
        self._next = loop.call_later(HEARTBEAT_EVERY.total_seconds(), self._beat)

    def _beat(self) -> None:
        activity.heartbeat()
        self._wait()


def as_application_error(error: IntegrationError) -> ApplicationError:
    """The error with its retry decision, as the interpreter reads it.

    `details[0]` is {system, detail, status}; the type is the name of the kind.
    """
    return ApplicationError(
        error.detail,
        {"system": error.system, "detail": error.detail, "status": error.status},
        type=kind_of(error),
        non_retryable=not error.retry,
        next_retry_delay=error.retry_after,
    )


def kind_of(error: IntegrationError) -> str:
    """Name of the kind, also for a more exact class below it."""
    for each in type(error).__mro__:
        if each.__base__ is IntegrationError:
            return each.__name__
    return type(error).__name__
