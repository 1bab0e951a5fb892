"""`for`: the same tasks for each of several things."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from language.functions.schemas import record
from language.plan import For
from language.source import Node
from language.tasks.base import NATURAL_EXPRESSION, TASK_LIST
from language.templates import expression, template
from language.tree import NestedList, TaskNode, TaskType

if TYPE_CHECKING:
    from language.build import Builder

_VARIABLE = {
    "type": "string",
    "pattern": r"^[A-Za-z_]\w*$",
    "x-says": "a name of letters, digits and _",
}


def _name(node: Node, key: str, default: str) -> str:
    found = (node.get("for") or node).get(key)
    return found.text or default if found else default


def _lists(node: Node) -> Iterator[NestedList]:
    tasks = node.get("do")
    if tasks is not None:
        yield NestedList("do", tasks, (_name(node, "each", "item"), _name(node, "at", "index")))


def _build(task: TaskNode, builder: Builder, common: dict[str, Any]) -> For:
    while_ = task.node.get("while")
    return For(
        **common,
        each=_name(task.node, "each", "item"),
        at=_name(task.node, "at", "index"),
        items=template(builder.part(task, "for", "in"), natural=True),
        while_=None if while_ is None else expression(while_),
        tasks=builder.tasks(task, "do"),
    )


FOR = TaskType(
    keyword="for",
    summary="The same tasks for each of several things, one after the other.",
    properties={
        "for": record(
            {"each": _VARIABLE, "at": _VARIABLE, "in": {"type": ["string", "array"]}}, ["in"]
        ),
        "while": NATURAL_EXPRESSION,
        "do": TASK_LIST,
    },
    required=("for", "do"),
    lists=_lists,
    build=_build,
    natural=(("for", "in"), ("while",)),
    plain=(("for", "each"), ("for", "at")),
)
