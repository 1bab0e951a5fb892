"""`run`: another definition as a part of this case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from language.functions.schemas import FLAG, choice, named, record, text
from language.plan import Literal, RunWorkflow
from language.templates import template
from language.tree import TaskNode, TaskType

if TYPE_CHECKING:
    from language.build import Builder

NOT_IN_PROFILE = ("container", "script", "shell")

_WORKFLOW = record(
    {
        "namespace": text("the namespace of the definition"),
        "name": named("definition", "the name of the definition"),
        "version": {**text("a version, a range, or latest"), "x-literal": True},
        "input": {},
    },
    ["namespace", "name", "version"],
)


def _build(task: TaskNode, builder: Builder, common: dict[str, Any]) -> RunWorkflow:
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


RUN = TaskType(
    keyword="run",
    summary="Another definition as a part of this case.",
    properties={
        "run": record(
            {
                "workflow": _WORKFLOW,
                "await": FLAG,
                "return": choice("stdout", "stderr", "code", "all", "none"),
            },
            ["workflow"],
        )
    },
    required=("run",),
    build=_build,
    plain=(("run", "workflow", "namespace"), ("run", "workflow", "name")),
)
