"""`switch`: the first case whose condition holds says where to go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from language.functions.schemas import record
from language.plan import Case, Switch
from language.tasks.base import FLOW_DIRECTIVE, NATURAL_EXPRESSION
from language.templates import expression
from language.tree import TaskNode, TaskType

if TYPE_CHECKING:
    from language.build import Builder

_CASE = record({"when": NATURAL_EXPRESSION, "then": FLOW_DIRECTIVE}, ["then"])


def _build(task: TaskNode, builder: Builder, common: dict[str, Any]) -> Switch:
    cases = []
    for item in builder.part(task, "switch").items or ():
        for key, body in item.entries or ():
            when = body.get("when")
            then = body.get("then")
            cases.append(
                Case(
                    key.name,
                    None if when is None else expression(when),
                    str(then.text) if then else "continue",
                )
            )
    return Switch(**common, cases=tuple(cases))


SWITCH = TaskType(
    keyword="switch",
    summary="Goes on at the task of the first case that holds.",
    properties={
        "switch": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "minProperties": 1,
                "maxProperties": 1,
                "additionalProperties": _CASE,
            },
        }
    },
    required=("switch",),
    build=_build,
    natural=(("switch", "*", "*", "when"),),
    plain=(("switch", "*", "*", "then"),),
)
