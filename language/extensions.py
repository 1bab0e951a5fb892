"""`use.extensions`: tasks before and after every task of a type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from language.functions.schemas import choice, record
from language.source import Key, Node
from language.tasks import type_of
from language.tasks.base import NATURAL_EXPRESSION, TASK_LIST
from language.tree import TaskList, build_list, pointer

_TYPES = (
    "call", "composite", "emit", "for", "listen", "raise", "run", "set", "switch", "try", "wait", "all",
)  # fmt: skip
_COMPOSITES = ("do", "fork")
"""What the standard calls composite: tasks that are made of tasks and do nothing else."""

EXTENSION = record(
    {
        "extend": choice(*_TYPES),
        "when": NATURAL_EXPRESSION,
        "before": TASK_LIST,
        "after": TASK_LIST,
    },
    ["extend"],
)
EXTENSIONS = {
    "type": "array",
    "items": {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": EXTENSION,
    },
    "x-says": "a list of extensions, each as `- name: { extend: ... }`",
}


class Extension(NamedTuple):
    """One extension of a file."""

    name: str
    key: Key
    node: Node
    before: TaskList | None
    after: TaskList | None

    def extends(self, keyword: str) -> bool:
        """Whether it belongs around tasks of a type."""
        wanted = self.node.get("extend")
        kind = wanted.text if wanted is not None else None
        return kind in ("all", keyword) or (kind == "composite" and keyword in _COMPOSITES)

    def at(self, path: str) -> tuple[TaskList | None, TaskList | None]:
        """Its tasks as if they stood at a task's path, so that their keys are of that task."""
        place = f"{path}/extensions/{pointer(self.name)}"
        before, after = (
            _tasks(self.node.get(each), f"{place}/{each}") for each in ("before", "after")
        )
        return before, after


def read_extensions(node: Node) -> Iterator[Extension]:
    """The extensions of `use.extensions`. What has the wrong shape is left out."""
    for index, item in enumerate(node.items or ()):
        for key, body in item.entries or ():
            place = f"/use/extensions/{index}/{pointer(key.name)}"
            yield Extension(
                key.name,
                key,
                body,
                _tasks(body.get("before"), f"{place}/before"),
                _tasks(body.get("after"), f"{place}/after"),
            )


def _tasks(node: Node | None, path: str) -> TaskList | None:
    return None if node is None else build_list(node, path, type_of, kind="extension")
