"""`switch`: the first case whose condition holds says where to go on."""

from __future__ import annotations

from language.functions.schemas import record
from language.tasks.base import FLOW_DIRECTIVE, NATURAL_EXPRESSION
from language.tree import TaskType

_CASE = record({"when": NATURAL_EXPRESSION, "then": FLOW_DIRECTIVE}, ["then"])


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
    natural=(("switch", "*", "*", "when"),),
    plain=(("switch", "*", "*", "then"),),
)
