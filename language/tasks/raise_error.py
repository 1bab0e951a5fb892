"""`raise`: an error on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from language.functions.schemas import record, text
from language.plan import Raise
from language.tree import TaskNode, TaskType

if TYPE_CHECKING:
    from language.build import Builder

ERROR = record(
    {
        "type": {"type": "string", "format": "uri-template"},
        "status": {"type": "integer"},
        "instance": text(),
        "title": text(),
        "detail": text(),
    },
    ["type", "status"],
)


def _build(task: TaskNode, builder: Builder, common: dict[str, Any]) -> Raise:
    return Raise(**common, error=builder.error(builder.part(task, "raise", "error")))


RAISE = TaskType(
    keyword="raise",
    summary="An error on purpose.",
    properties={
        "raise": record(
            {
                "error": {
                    "anyOf": [ERROR, {"type": "string", "x-name": "error"}],
                    "x-says": "an error with type and status, or the name of one of use.errors",
                }
            },
            ["error"],
        )
    },
    required=("raise",),
    build=_build,
)
