"""CloudEvents that come over HTTP: structured, binary and in batches, as the standard's binding says."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from service.cloud_events import BATCH_MEDIA_TYPE, MEDIA_TYPE, problems
from service.forms import Problem

__all__ = [
    "BATCH_MEDIA_TYPE",
    "FORMS",
    "MEDIA_TYPE",
    "BodyBroken",
    "EventsInvalid",
    "NotEvents",
    "read_events",
]

MOST_EVENTS = 1_000
PREFIX = "ce-"
FORMS = (
    f"{MEDIA_TYPE} for one event, {BATCH_MEDIA_TYPE} for several, or any content type with the "
    "headers ce-specversion, ce-id, ce-source and ce-type"
)


class NotEvents(Exception):
    """The request has no form of CloudEvents."""


class BodyBroken(Exception):
    """The body cannot be read."""


class EventsInvalid(Exception):
    """What was read are no CloudEvents; `problems` have pointers into the body, or name the header."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems[0].message)
        self.problems = problems


def read_events(headers: Mapping[str, str], body: bytes) -> list[dict[str, Any]]:
    """The events of a request, all of them sound. Names of headers are in lower case.

    Raises:
        NotEvents: no content type or header says that these are events.
        BodyBroken: the body is no JSON, or not of the form that was announced.
        EventsInvalid: with one problem per thing that is wrong.
    """
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == BATCH_MEDIA_TYPE:
        return _batch(_json(body))
    if kind == MEDIA_TYPE:
        return _checked([(_object(_json(body)), "")])
    if PREFIX + "specversion" in headers:
        return _binary(headers, kind, body)
    if kind == "application/json":
        # Programs that cannot set a content type of their own.
        value = _json(body)
        return _batch(value) if isinstance(value, list) else _checked([(_object(value), "")])
    raise NotEvents


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BodyBroken("The body is not JSON.") from error


def _object(value: Any) -> Any:
    if not isinstance(value, dict):
        raise BodyBroken("The body is no JSON object: one CloudEvent.")
    return value


def _batch(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        raise BodyBroken("The body is no JSON list: a batch of CloudEvents.")
    if len(value) > MOST_EVENTS:
        raise BodyBroken(f"The batch has more than {MOST_EVENTS} events: send several.")
    return _checked([(each, f"/{number}") for number, each in enumerate(value)])


def _binary(headers: Mapping[str, str], kind: str, body: bytes) -> list[dict[str, Any]]:
    event: dict[str, Any] = {
        name.removeprefix(PREFIX): unquote(value)
        for name, value in headers.items()
        if name.startswith(PREFIX)
    }
    if "content-type" in headers:
        event["datacontenttype"] = headers["content-type"]
    if body:
        if kind in ("", "application/json") or kind.endswith("+json"):
            event["data"] = _json(body)
        else:
            event |= _text_or_bytes(kind, body)
    found = problems(event)
    if found:
        # There is no place in the body: the attributes are headers.
        raise EventsInvalid(
            [
                Problem(each.pointer, f"(header {PREFIX}{each.pointer[1:]}) {each.message}")
                for each in found
            ]
        )
    return [event]


def _text_or_bytes(kind: str, body: bytes) -> dict[str, Any]:
    if kind.startswith("text/"):
        try:
            return {"data": body.decode()}
        except ValueError:
            pass
    return {"data_base64": base64.b64encode(body).decode()}


def _checked(events: list[tuple[Any, str]]) -> list[dict[str, Any]]:
    found = [
        Problem(place + each.pointer, each.message)
        for event, place in events
        for each in problems(event)
    ]
    if found:
        raise EventsInvalid(found)
    return [dict(event) for event, _ in events]
