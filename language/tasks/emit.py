"""`emit`: an event for others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from language.functions.schemas import record, text
from language.plan import Emit
from language.templates import template
from language.tree import TaskNode, TaskType

if TYPE_CHECKING:
    from language.build import Builder

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


def _build(task: TaskNode, builder: Builder, common: dict[str, Any]) -> Emit:
    return Emit(**common, event=template(builder.part(task, "emit", "event", "with")))


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
    build=_build,
)
