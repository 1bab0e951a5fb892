"""`do`: tasks one after the other, as a block."""

from __future__ import annotations

from collections.abc import Iterator

from language.source import Node
from language.tasks.base import TASK_LIST
from language.tree import NestedList, TaskType


def _lists(node: Node) -> Iterator[NestedList]:
    tasks = node.get("do")
    if tasks is not None:
        yield NestedList("do", tasks)


DO = TaskType(
    keyword="do",
    summary="Tasks one after the other, as a block.",
    properties={"do": TASK_LIST},
    required=("do",),
    lists=_lists,
)
