"""The single argument of an action's activity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from temporalio import activity

from activities.masking import Mask
from activities.messages.plain import sound
from activities.ports import Json


@dataclass(frozen=True, slots=True)
class Request:
    """What an activity is asked to do."""

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
    deferred: Mapping[str, Json] | None = None
    """Arguments that name secrets: {value, variables, places}."""
    mask: Mask = field(default_factory=Mask)
    """What must stand in no result and no error."""

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
        deferred=body.get("deferred"),
    )
