"""What the interpreter may ask the world for: everything that is not pure computation.

Temporal (`workflows.on_temporal`) and the rehearsal world (`workflows.rehearsal`) implement
`Effects`; one suite of tests holds both to the same behavior.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Action:
    """One call of a function that reaches another system.

    `key` is the same on every attempt, after continue-as-new, reset and migration: first run id,
    task path, occurrence, and the step inside the function.
    """

    function: str
    key: str
    arguments: Mapping[str, Any]
    case: Mapping[str, Any]
    path: str
    summary: str
    timeout_seconds: float = 30.0
    patience_seconds: float = 3600.0
    deferred: Mapping[str, Any] | None = None
    """Arguments that only the activity can evaluate, since they name secrets."""
    on_the_spot: bool = False
    """Whether it changes nothing outside and nothing else is under way in the case: it may be tried
    once at once, and must not be known to have been tried."""

    def request(self, digest: str) -> dict[str, Any]:
        """The single argument of the activity."""
        request = {
            "key": self.key,
            "arguments": dict(self.arguments),
            "case": dict(self.case),
            "task": self.path,
            "digest": digest,
        }
        if self.deferred is not None:
            request["deferred"] = dict(self.deferred)
        return request


class ActionFailed(Exception):
    """An action ended with one of the six kinds of error, retries included.

    `kind` is the class name in `integrations.errors`, or `TimedOut` where no attempt ever ended.
    """

    def __init__(
        self, kind: str, detail: str, status: int = 500, standard: str | None = None
    ) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.detail = detail
        self.status = status
        self.standard = standard
        """Type of the standard's error, where the kind does not say it."""


@dataclass(frozen=True, slots=True)
class CaseStart:
    """A case to be started from another one. `id` is complete: `<definition>:<key>`."""

    definition: str
    version: str | None
    id: str
    input: Any
    link: Mapping[str, Any]
    summary: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """What lists and the Temporal UI show of a case: search attributes and a page in Markdown.

    An attribute with the value None is unset.
    """

    attributes: Mapping[str, Any] = field(default_factory=dict)
    details: str = ""


class Effects(Protocol):
    """The world as a case sees it. Times are aware and in UTC."""

    def now(self) -> datetime:
        """The case's own time; moves only between steps."""
        ...

    async def sleep_until(self, at: datetime, summary: str) -> None:
        """Return at `at` or later; cancelling the awaiting task withdraws the timer."""
        ...

    async def act(self, action: Action) -> Any:
        """Carry out an action once, with retries by kind of error.

        Raises:
            ActionFailed: no attempt succeeded, and no further one is made.
        """
        ...

    async def read(self, name: str, arguments: Mapping[str, Any], summary: str) -> Any:
        """A read that is safe to repeat and takes well under two seconds.

        Raises:
            ActionFailed: kind `NotFound` or `Refused`, with the reason in words.
        """
        ...

    async def record(self, payload: Mapping[str, Any], *, last: bool) -> None:
        """Keep a projection of the case outside of it; repeating changes nothing.

        `last` promises that the case asks for nothing more and takes nothing more.
        """
        ...

    async def announce(self, events: Sequence[Mapping[str, Any]]) -> Sequence[str]:
        """Deliver lifecycle events to the sink, in order; the ids of those that it refuses.

        Raises:
            ActionFailed: the sink could not be reached for long.
        """
        ...

    async def start_case(self, start: CaseStart) -> bool:
        """Start another case; False where a case with that id runs or ran already."""
        ...

    async def part_ended(self, case: str) -> Mapping[str, Any] | None:
        """How a part has ended, {as, output, error}; None while it goes on."""
        ...

    async def send(self, case: str, event: Mapping[str, Any]) -> str:
        """Deliver an event to another case: `delivered`, or `refused` where none runs."""
        ...

    async def subscribe(self, subscription: Mapping[str, Any]) -> None:
        """Let the routers of events know what a case listens to (`workflows.routing.subscriptions`).

        The same id again replaces what was listened to; events then come as if they were sent.

        Raises:
            ActionFailed: nobody could be told.
        """
        ...

    async def unsubscribe(self, subscription: Mapping[str, Any]) -> None:
        """Let them forget it; nothing happens where they do not know it."""
        ...

    async def cancel_case(self, case: str, reason: str) -> None:
        """Ask another case to end as cancelled; nothing happens where none runs."""
        ...

    def publish(self, look: Callable[[], View]) -> None:
        """Show where the case stands, as `look` says when it is shown.

        Called often: several calls at one instant look once, and equal values cost nothing.
        """
        ...
