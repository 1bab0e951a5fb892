"""`emit`: an event for others."""

from __future__ import annotations

from language.functions.schemas import record, text
from language.tree import TaskType

_ATTRIBUTES = {
    "type": "object",
    "required": ["type"],
    "properties": {
        "id": text(),
        "source": {"type": "string", "format": "uri-template"},
        "type": text("the type of the event"),
        "time": {"type": "string", "format": "date-time"},
        "subject": text(),
        "datacontenttype": text(),
        "dataschema": {"type": "string", "format": "uri-template"},
    },
}


EMIT = TaskType(
    keyword="emit",
    summary="An event for others.",
    properties={
        "emit": record(
            {"event": record({"with": _ATTRIBUTES}, ["with"], closed=False)},
            ["event"],
        )
    },
    required=("emit",),
)
