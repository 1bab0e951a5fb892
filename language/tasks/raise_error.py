"""`raise`: an error on purpose."""

from __future__ import annotations

from language.functions.schemas import record, text
from language.tree import TaskType

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
)
