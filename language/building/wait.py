"""`wait` becomes a task of the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from language.building.templates import template
from language.plan import Wait
from language.tree import TaskNode

if TYPE_CHECKING:
    from language.building.builder import Builder


def build(task: TaskNode, builder: Builder, common: dict[str, Any]) -> Wait:
    """Some time."""
    return Wait(**common, duration=template(builder.part(task, "wait")))
