"""`wait`: some time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from language.functions.schemas import STANDARD_DURATION
from language.plan import Wait
from language.templates import template
from language.tree import TaskNode, TaskType

if TYPE_CHECKING:
    from language.build import Builder


def _build(task: TaskNode, builder: Builder, common: dict[str, Any]) -> Wait:
    return Wait(**common, duration=template(builder.part(task, "wait")))


WAIT = TaskType(
    keyword="wait",
    summary="Lets some time pass; `call: wait-for` knows working time and events.",
    properties={"wait": STANDARD_DURATION},
    required=("wait",),
    build=_build,
)
