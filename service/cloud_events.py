"""CloudEvents 1.0 as JSON: what one must have, what it is known by, and how it is read."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from service.digests import canonical
from service.forms import Problem

VERSION = "1.0"
LONGEST_ATTRIBUTE = 1000
LARGEST_BYTES = 65_536
"""What the standard asks everybody to hand on; a larger body is a file's reference."""

MEDIA_TYPE = "application/cloudevents+json"
BATCH_MEDIA_TYPE = "application/cloudevents-batch+json"

ROUTER = "caseway-events"
"""Type of the workflow that routes events."""

STARTER = "caseway-event-start"
"""Type of the workflow that starts cases of one definition on events."""

EVERY_TYPE = f"{ROUTER}:*"
"""Where those are known who listen to events of any type."""

_NAME = re.compile(r"[a-z0-9]{1,64}\Z")
_LONGEST_TYPE = 150
_JSON_TYPE = re.compile(r"[^;]*[/+]json\s*(;.*)?\Z", re.IGNORECASE)


def problems(event: Any) -> tuple[Problem, ...]:
    """What keeps a value from being a CloudEvent, with pointers into it; empty for a sound one."""
    if not isinstance(event, Mapping):
        return (Problem("", "must be an object: a CloudEvent in JSON"),)
    found = []
    if event.get("specversion") != VERSION:
        found.append(Problem("/specversion", f'must be "{VERSION}"'))
    for name in ("id", "source", "type"):
        value = event.get(name)
        if not isinstance(value, str) or not value.strip():
            found.append(Problem(f"/{name}", "is missing: a text that is not empty"))
        elif len(value) > LONGEST_ATTRIBUTE or not value.isprintable():
            said = f"must be 1 to {LONGEST_ATTRIBUTE} printable characters"
            found.append(Problem(f"/{name}", said))
    for name, value in event.items():
        if name in ("data", "specversion", "id", "source", "type"):
            continue
        if name == "data_base64":
            found += _bytes(event)
        elif not _NAME.match(name):
            said = "is no attribute of a CloudEvent: names are lower-case letters and digits"
            found.append(Problem(f"/{_escaped(name)}", said))
        elif value is not None and not isinstance(value, str | int | bool):
            said = "must be a text, a whole number or a truth value; everything else is data"
            found.append(Problem(f"/{name}", said))
        elif name in ("time", "subject", "datacontenttype", "dataschema"):
            found += _attribute(name, value)
    if not found and size(event) > LARGEST_BYTES:
        found.append(
            Problem("", f"has more than {LARGEST_BYTES} bytes: keep what is large in a file")
        )
    return tuple(found)


def _bytes(event: Mapping[str, Any]) -> list[Problem]:
    if event.get("data") is not None:
        return [Problem("/data_base64", "stands beside data: an event has one of the two")]
    try:
        base64.b64decode(event["data_base64"], validate=True)
    except (ValueError, TypeError):
        return [Problem("/data_base64", "must be Base64")]
    return []


def _attribute(name: str, value: Any) -> list[Problem]:
    if value is None:
        return []
    if not isinstance(value, str) or not value:
        return [Problem(f"/{name}", "must be a text that is not empty")]
    if name == "time":
        try:
            if datetime.fromisoformat(value).tzinfo is not None and "T" in value.upper():
                return []
        except ValueError:
            pass
        return [Problem("/time", "must be a time with its offset, such as 2026-03-02T01:00:00Z")]
    return []


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def size(event: Mapping[str, Any]) -> int:
    """Bytes of the event as JSON."""
    return len(canonical(dict(event)).encode(errors="replace"))


def identity(event: Mapping[str, Any]) -> str:
    """What makes it one event: the standard says source and id; our own have no source."""
    source = event.get("source")
    return f"{source} {event['id']}" if source else str(event["id"])


def envelope(event: Mapping[str, Any]) -> dict[str, Any]:
    """The event with all attributes that a CloudEvent has; those of a case's own doors may lack some."""
    told = {"specversion": VERSION, "source": "caseway", **event}
    return {name: value for name, value in told.items() if value is not None or name == "data"}


def data_of(event: Mapping[str, Any]) -> Any:
    """The data: JSON as it is, bytes as text or JSON where their content type says so."""
    encoded = event.get("data_base64")
    if encoded is None:
        return event.get("data")
    kind = str(event.get("datacontenttype") or "application/json")
    try:
        raw = base64.b64decode(encoded)
        if _JSON_TYPE.match(kind):
            return json.loads(raw)
        if kind.startswith("text/"):
            return raw.decode()
    except (TypeError, ValueError):
        # Signals come from anybody, with anything in them.
        pass
    return encoded


def read_as(event: Mapping[str, Any], mode: str) -> Any:
    """The event as `listen` reads it: `data`, `envelope`, or `raw` (the data as text, Base64 for bytes)."""
    if mode == "envelope":
        return envelope(event)
    if mode == "data":
        return data_of(event)
    encoded = event.get("data_base64")
    if encoded is not None:
        return encoded
    data = event.get("data")
    if data is None or isinstance(data, str):
        return data
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def starter_of(definition: str) -> str:
    """Id of the workflow that starts cases of a definition on events."""
    return f"{STARTER}:{definition}"


def router_of(type: str | None) -> str:
    """Id of the workflow that routes events of a type; None stands for all types."""
    if type is None:
        return EVERY_TYPE
    if len(type) <= _LONGEST_TYPE and type != "*" and type.isprintable():
        return f"{ROUTER}:{type}"
    digest = hashlib.sha256(type.encode(errors="replace")).hexdigest()[:16]
    readable = f"{type[:_LONGEST_TYPE]}:" if type.isprintable() else ""
    return f"{ROUTER}:{readable}{digest}"
