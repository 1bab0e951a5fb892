"""`for`: the same tasks for each of several things."""

from __future__ import annotations

from collections.abc import Iterator

from language.functions.schemas import JSON_OBJECT, record
from language.source import Node
from language.tasks.base import NATURAL_EXPRESSION, TASK_LIST
from language.tree import NestedList, TaskType

_VARIABLE = {
    "type": "string",
    "pattern": r"^[A-Za-z_]\w*$",
    "x-says": "a name of letters, digits and _",
}


def variable_name(node: Node, key: str, default: str) -> str:
    """The name of a loop variable."""
    found = (node.get("for") or node).get(key)
    return found.text or default if found else default


def _variables(node: Node) -> tuple[str, str]:
    return variable_name(node, "each", "item"), variable_name(node, "at", "index")


def _lists(node: Node) -> Iterator[NestedList]:
    tasks = node.get("do")
    if tasks is not None:
        yield NestedList("do", tasks, _variables(node))


FOR = TaskType(
    keyword="for",
    summary="The same tasks for each of several things, one after the other.",
    properties={
        "for": record(
            {
                "each": _VARIABLE,
                "at": _VARIABLE,
                "in": {"type": ["string", "array"], "items": JSON_OBJECT},
            },
            ["in"],
        ),
        "while": NATURAL_EXPRESSION,
        "do": TASK_LIST,
    },
    required=("for", "do"),
    lists=_lists,
    natural=(("for", "in"), ("while",)),
    plain=(("for", "each"), ("for", "at")),
    sees=lambda node: [("while", _variables(node))],
)
