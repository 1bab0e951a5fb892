"""The tasks of a file as a tree: names, paths and scopes, before anything is compiled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from language.source import Key, Node

Pattern = tuple[str, ...]
"""Keys on the way to a value, `*` for any."""


class NestedList(NamedTuple):
    """A list of tasks inside a task: where it stands, and the variables that its tasks see."""

    path: str
    node: Node
    variables: tuple[str, ...] = ()
    is_sequence: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskType:
    """What the language knows of one of the standard's twelve task types."""

    keyword: str
    summary: str
    properties: Mapping[str, Any]
    """JSON Schemas of the keys of its own."""
    required: tuple[str, ...]
    lists: Callable[[Node], Iterable[NestedList]] = lambda node: ()
    natural: tuple[Pattern, ...] = ()
    """Where its expressions by nature stand."""
    plain: tuple[Pattern, ...] = ()
    """Where no expression can stand, so that text is never taken for one."""
    sees: Callable[[Node], Iterable[tuple[str, tuple[str, ...]]]] = lambda node: ()
    """First keys under which expressions see further variables, and which."""


@dataclass(slots=True, eq=False)
class TaskNode:
    """A task of the file."""

    name: str
    key: Key
    node: Node
    path: str
    type: TaskType | None
    within: TaskList
    index: int
    lists: dict[str, TaskList] = field(default_factory=dict)
    undo: TaskList | None = None

    @property
    def function(self) -> str | None:
        """What `call:` names, or None for other tasks."""
        called = self.node.get("call") if self.type and self.type.keyword == "call" else None
        return called.text if called else None

    def walk(self) -> Iterator[TaskNode]:
        """This task and all inside it."""
        yield self
        for each in self.lists.values():
            yield from each.walk()
        if self.undo:
            yield from self.undo.walk()


@dataclass(slots=True, eq=False)
class TaskList:
    """Tasks that stand in one list: the scope of `then`."""

    path: str
    variables: tuple[str, ...]
    """Names of variables that expressions see beyond the standard's."""
    kind: str
    """flow | beside (clocks and reactions) | undo | function"""
    is_sequence: bool = True
    tasks: tuple[TaskNode, ...] = ()

    def walk(self) -> Iterator[TaskNode]:
        """All tasks of the list and inside them."""
        for each in self.tasks:
            yield from each.walk()

    def find(self, name: str) -> TaskNode | None:
        """The task of that name in this very list."""
        return next((each for each in self.tasks if each.name == name), None)


def pointer(text: str) -> str:
    """A name as a part of a JSON pointer."""
    return text.replace("~", "~0").replace("/", "~1")


def build_list(
    node: Node,
    path: str,
    find_type: Callable[[Node], TaskType | None],
    *,
    kind: str = "flow",
    variables: tuple[str, ...] = (),
    is_sequence: bool = True,
) -> TaskList:
    """Read a list of tasks. What has the wrong shape is left out; the shape check names it."""
    tasks = TaskList(path, variables, kind, is_sequence)
    found: list[TaskNode] = []
    for index, item in enumerate(node.items or ()):
        if len(item.entries or ()) != 1:
            continue
        key, body = (item.entries or ())[0]
        task_path = f"{path}/{index}/{pointer(key.name)}"
        task = TaskNode(key.name, key, body, task_path, find_type(body), tasks, index)
        found.append(task)
        if task.type is None:
            continue
        for nested in task.type.lists(body):
            task.lists[nested.path] = build_list(
                nested.node,
                f"{task_path}/{nested.path}",
                find_type,
                kind=kind,
                variables=(*variables, *nested.variables),
                is_sequence=nested.is_sequence,
            )
        task.undo = build_undo(body, task_path, find_type, variables)
    tasks.tasks = tuple(found)
    return tasks


def build_undo(
    body: Node,
    path: str,
    find_type: Callable[[Node], TaskType | None],
    variables: tuple[str, ...] = (),
) -> TaskList | None:
    """Read how a task is undone; None where it has no list of tasks for it."""
    metadata = body.get("metadata")
    undo = metadata.get("undo") if metadata else None
    if undo is None or undo.items is None:
        return None
    return build_list(undo, f"{path}/metadata/undo", find_type, kind="undo", variables=variables)
