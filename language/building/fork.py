"""`fork` becomes a task of the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from language.plan import Fork
from language.tree import TaskNode

if TYPE_CHECKING:
    from language.building.builder import Builder


def build(task: TaskNode, builder: Builder, common: dict[str, Any]) -> Fork:
    """Branches."""
    compete = builder.part(task, "fork").get("compete")
    return Fork(
        **common,
        branches=builder.tasks(task, "fork/branches"),
        compete=bool(compete and compete.scalar),
    )
