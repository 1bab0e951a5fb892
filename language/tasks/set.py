"""`set`: the value that flows on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from language.plan import Set
from language.templates import template
from language.tree import TaskNode, TaskType

if TYPE_CHECKING:
    from language.build import Builder


def _build(task: TaskNode, builder: Builder, common: dict[str, Any]) -> Set:
    return Set(**common, value=template(builder.part(task, "set")))


SET = TaskType(
    keyword="set",
    summary="Replaces the value that flows on to the next task.",
    properties={"set": {"anyOf": [{"type": "object", "minProperties": 1}, {"type": "string"}]}},
    required=("set",),
    build=_build,
)
