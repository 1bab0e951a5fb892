"""`do` becomes a task of the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from language.plan import Do
from language.tree import TaskNode

if TYPE_CHECKING:
    from language.building.builder import Builder


def build(task: TaskNode, builder: Builder, common: dict[str, Any]) -> Do:
    """A block."""
    return Do(**common, tasks=builder.tasks(task, "do"))
