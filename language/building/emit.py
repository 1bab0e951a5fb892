"""`emit` becomes a task of the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from language.building.templates import template
from language.plan import Emit
from language.tree import TaskNode

if TYPE_CHECKING:
    from language.building.builder import Builder


def build(task: TaskNode, builder: Builder, common: dict[str, Any]) -> Emit:
    """An event for others."""
    return Emit(**common, event=template(builder.part(task, "emit", "event", "with")))
