"""`call` becomes a task of the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from language.plan import Task
from language.tree import TaskNode

if TYPE_CHECKING:
    from language.building.builder import Builder


def build(task: TaskNode, builder: Builder, common: dict[str, Any]) -> Task:
    """The function it calls, or the body of one of the file's own."""
    return builder.call(task, common)
