"""`for` becomes a task of the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from language.building.templates import expression, template
from language.plan import For
from language.tasks.for_each import variable_name
from language.tree import TaskNode

if TYPE_CHECKING:
    from language.building.builder import Builder


def build(task: TaskNode, builder: Builder, common: dict[str, Any]) -> For:
    """A loop."""
    while_ = task.node.get("while")
    return For(
        **common,
        each=variable_name(task.node, "each", "item"),
        at=variable_name(task.node, "at", "index"),
        items=template(builder.part(task, "for", "in"), natural=True),
        while_=None if while_ is None else expression(while_),
        tasks=builder.tasks(task, "do"),
    )
