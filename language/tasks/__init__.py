"""The twelve task types of the standard, by their keyword."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from language.source import Node
from language.tasks.call import CALL
from language.tasks.do import DO
from language.tasks.emit import EMIT
from language.tasks.for_each import FOR
from language.tasks.fork import FORK
from language.tasks.listen import LISTEN
from language.tasks.raise_error import RAISE
from language.tasks.run import RUN
from language.tasks.set_value import SET
from language.tasks.switch import SWITCH
from language.tasks.try_catch import TRY
from language.tasks.wait import WAIT
from language.tree import TaskType

TASK_TYPES: Mapping[str, TaskType] = MappingProxyType(
    {
        each.keyword: each
        for each in (
            CALL, FOR, TRY, FORK, LISTEN, SWITCH, RUN, SET, RAISE, EMIT, WAIT, DO,
        )
    }
)  # fmt: skip
"""Keyword -> type. `for` comes before `do`, which is also a key of it."""


def keywords_of(node: Node) -> tuple[str, ...]:
    """The task keywords that a task has; one, when it is right."""
    found = tuple(key for key in node.names() if key in TASK_TYPES)
    if "for" in found:
        return tuple(each for each in found if each != "do")
    return found


def type_of(node: Node) -> TaskType | None:
    """The type of a task, or None when it has no keyword or several."""
    found = keywords_of(node)
    return TASK_TYPES[found[0]] if len(found) == 1 else None
