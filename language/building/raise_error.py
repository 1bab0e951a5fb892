"""`raise` becomes a task of the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from language.plan import Raise
from language.tree import TaskNode

if TYPE_CHECKING:
    from language.building.builder import Builder


def build(task: TaskNode, builder: Builder, common: dict[str, Any]) -> Raise:
    """An error on purpose."""
    return Raise(**common, error=builder.error(builder.part(task, "raise", "error")))
