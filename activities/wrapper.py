"""What is the same for every activity: heartbeats, the request, errors as Temporal carries them."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.masking import Mask
from activities.ports import Json, Secrets
from activities.request import Request, read_request
from activities.revealing import NoSecrets, reveal
from integrations.errors import IntegrationError, Refused
from service.drill import instead, is_done, is_drill
from service.sizes import json_size, surely_fits

LARGEST_RESULT = 2_000_000
"""Bytes; a letter beyond ASCII has six of them, so an answer of 1 MB may have three times as many."""

HEARTBEAT_EVERY = timedelta(seconds=1)

Kinds = Mapping[type[Exception], type[IntegrationError]]
"""Which of the six kinds an error of a port's implementation is."""


@dataclass(frozen=True, slots=True)
class Action:
    """Makes activities out of plain functions from a request to a result."""

    kinds: Kinds
    secrets: Secrets = field(default_factory=NoSecrets)

    def __call__(
        self, name: str, act: Callable[[Request], Awaitable[Mapping[str, Json]]]
    ) -> Callable[..., Any]:
        """The activity `name`, which heartbeats while `act` runs and translates its errors.

        What the case has left to it is evaluated first, and no secret leaves it again. In a drill
        nothing is written: what `act` would give is made up.
        """

        async def revealed(request: Request) -> Json:
            if is_drill(activity.info().workflow_id or "") and not is_done(name, request.arguments):
                return instead(name, request.arguments, request.key, datetime.now(UTC))
            if request.deferred is not None:
                request = await reveal(name, request, self.secrets)
            return request.mask.clean(await act(request))

        @activity.defn(name=name)
        async def run(body: dict[str, Any]) -> Any:
            request = read_request(body)
            value = await self._carried_out(revealed, request, request.mask)
            if activity.info().is_local:
                # A read on the spot: the case has no other way to know the time.
                return {"value": value, "at": datetime.now(UTC).isoformat()}
            return value

        return run

    def repeatable(
        self, name: str, act: Callable[[Mapping[str, Json]], Awaitable[Json]]
    ) -> Callable[..., Any]:
        """A short read, or a write that may come twice: it gets its argument as it is."""

        @activity.defn(name=name)
        async def run(body: dict[str, Any]) -> Any:
            return await self._carried_out(act, body)

        return run

    async def _carried_out(
        self, act: Callable[[Any], Awaitable[Any]], given: Any, mask: Mask | None = None
    ) -> Any:
        """Errors of other systems become `ApplicationError`; anything else is a bug and stays.

        Where there is something to hide, no error carries what it came from: Temporal would write
        its whole text into the history.
        """
        heartbeat = Heartbeat()
        try:
            return _held_to_size(await act(given))
        except IntegrationError as error:
            raise as_application_error(error, mask) from (None if mask else error)
        except tuple(self.kinds) as error:
            kind = next(self.kinds[each] for each in type(error).__mro__ if each in self.kinds)
            known = kind("caseway", str(error))
            raise as_application_error(known, mask) from (None if mask else error)
        except Exception as error:
            if not mask:
                raise
            raise _without_values(error) from None
        finally:
            heartbeat.stop()


def _held_to_size(value: Any) -> Any:
    """The result, which Temporal takes up to 2 MB, as JSON in ASCII.

    A larger one would fail each attempt, and of a local activity the workflow task, for ever.

    Raises:
        Refused: it is larger; another attempt would be as large.
    """
    if surely_fits(value, LARGEST_RESULT):
        return value
    found = json_size(value)
    if found > LARGEST_RESULT:
        raise Refused(
            "caseway",
            f"the answer has {found:,} bytes as JSON; at most {LARGEST_RESULT:,} can be kept",
            status=413,
        )
    return value


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


def as_application_error(error: IntegrationError, mask: Mask | None = None) -> ApplicationError:
    """The error with its retry decision, as the interpreter reads it.

    `details[0]` is {system, detail, status}, with `standard` where the kind does not say which of
    the standard's errors it is; the type is the name of the kind.
    """
    detail = mask.text(error.detail) if mask else error.detail
    facts: dict[str, Any] = {"system": error.system, "detail": detail, "status": error.status}
    if error.standard is not None:
        facts["standard"] = error.standard
    return ApplicationError(
        detail,
        facts,
        type=kind_of(error),
        non_retryable=not error.retry,
        next_retry_delay=error.retry_after,
    )


def _without_values(error: Exception) -> ApplicationError:
    """A bug of ours without its text, in which a value may stand; where it is must be enough."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{PurePath(place.filename).name}, line {place.lineno}"
    return ApplicationError(f"{type(error).__name__} in {where}", type=type(error).__name__)


def kind_of(error: IntegrationError) -> str:
    """Name of the kind, also for a more exact class below it."""
    for each in type(error).__mro__:
        if each.__base__ is IntegrationError:
            return each.__name__
    return type(error).__name__
