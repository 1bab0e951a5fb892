"""`set` becomes a task of the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from language.building.templates import template
from language.plan import Set
from language.tree import TaskNode

if TYPE_CHECKING:
    from language.building.builder import Builder


def build(task: TaskNode, builder: Builder, common: dict[str, Any]) -> Set:
    """The value that flows on."""
    return Set(**common, value=template(builder.part(task, "set")))
