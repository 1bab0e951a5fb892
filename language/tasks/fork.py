"""`fork`: branches side by side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from language.functions.schemas import FLAG, record
from language.plan import Fork
from language.source import Node
from language.tasks.base import TASK_LIST
from language.tree import NestedList, TaskNode, TaskType

if TYPE_CHECKING:
    from language.build import Builder


def _lists(node: Node) -> Iterator[NestedList]:
    branches = (node.get("fork") or node).get("branches")
    if branches is not None:
        yield NestedList("fork/branches", branches, is_sequence=False)


def _build(task: TaskNode, builder: Builder, common: dict[str, Any]) -> Fork:
    compete = builder.part(task, "fork").get("compete")
    return Fork(
        **common,
        branches=builder.tasks(task, "fork/branches"),
        compete=bool(compete and compete.scalar),
    )


FORK = TaskType(
    keyword="fork",
    summary="Branches side by side; with `compete` the first to end wins.",
    properties={"fork": record({"branches": TASK_LIST, "compete": FLAG}, ["branches"])},
    required=("fork",),
    lists=_lists,
    build=_build,
)
