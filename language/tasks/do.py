"""`do`: tasks one after the other, as a block."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from language.plan import Do
from language.source import Node
from language.tasks.base import TASK_LIST
from language.tree import NestedList, TaskNode, TaskType

if TYPE_CHECKING:
    from language.build import Builder


def _lists(node: Node) -> Iterator[NestedList]:
    tasks = node.get("do")
    if tasks is not None:
        yield NestedList("do", tasks)


def _build(task: TaskNode, builder: Builder, common: dict[str, Any]) -> Do:
    return Do(**common, tasks=builder.tasks(task, "do"))


DO = TaskType(
    keyword="do",
    summary="Tasks one after the other, as a block.",
    properties={"do": TASK_LIST},
    required=("do",),
    lists=_lists,
    build=_build,
)
