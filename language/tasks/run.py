"""`run`: another definition as a part of this case."""

from __future__ import annotations

from language.functions.schemas import FLAG, choice, named, record, text
from language.tree import TaskType

NOT_IN_PROFILE = ("container", "script", "shell")

_WORKFLOW = record(
    {
        "namespace": text("the namespace of the definition"),
        "name": named("definition", "the name of the definition"),
        "version": {**text("a version, a range, or latest"), "x-literal": True},
        "input": {},
    },
    ["namespace", "name", "version"],
)


RUN = TaskType(
    keyword="run",
    summary="Another definition as a part of this case.",
    properties={
        "run": record(
            {
                "workflow": _WORKFLOW,
                "await": FLAG,
                "return": choice("stdout", "stderr", "code", "all", "none"),
            },
            ["workflow"],
        )
    },
    required=("run",),
    plain=(("run", "workflow", "namespace"), ("run", "workflow", "name")),
)
