"""`call`: a function of the catalog, or one of `use.functions`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from language.plan import Task
from language.tree import TaskNode, TaskType

if TYPE_CHECKING:
    from language.build import Builder


def _build(task: TaskNode, builder: Builder, common: dict[str, Any]) -> Task:
    return builder.call(task, common)


CALL = TaskType(
    keyword="call",
    summary="A function: it decides, waits, acts or reads.",
    properties={"call": {"type": "string", "minLength": 1, "x-literal": True}, "with": {}},
    required=("call",),
    build=_build,
    plain=(("call",),),
)
