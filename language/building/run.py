"""`run` becomes a task of the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from language.building.templates import template
from language.plan import Literal, RunWorkflow
from language.tree import TaskNode

if TYPE_CHECKING:
    from language.building.builder import Builder


def build(task: TaskNode, builder: Builder, common: dict[str, Any]) -> RunWorkflow:
    """Another definition as a part of the case."""
    run = builder.part(task, "run")
    workflow = builder.part(task, "run", "workflow")
    wait = run.get("await")
    value = workflow.get("input")
    on_cancel = (task.node.get("metadata") or run).get("onCancel")

    def of(key: str) -> str:
        found = workflow.get(key)
        return str(found.text) if found else "latest"

    return RunWorkflow(
        **common,
        namespace=of("namespace"),
        workflow=of("name"),
        version=of("version"),
        value=Literal(None) if value is None else template(value),
        wait=wait is None or bool(wait.scalar),
        on_cancel=str(on_cancel.text) if on_cancel else "cancel",
    )
