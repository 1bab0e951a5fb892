"""`fork`: branches side by side."""

from __future__ import annotations

from collections.abc import Iterator

from language.functions.schemas import FLAG, record
from language.source import Node
from language.tasks.base import TASK_LIST
from language.tree import NestedList, TaskType


def _lists(node: Node) -> Iterator[NestedList]:
    branches = (node.get("fork") or node).get("branches")
    if branches is not None:
        yield NestedList("fork/branches", branches, is_sequence=False)


FORK = TaskType(
    keyword="fork",
    summary="Branches side by side; with `compete` the first to end wins.",
    properties={"fork": record({"branches": TASK_LIST, "compete": FLAG}, ["branches"])},
    required=("fork",),
    lists=_lists,
)
