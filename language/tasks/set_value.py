"""`set`: the value that flows on."""

from __future__ import annotations

from language.tree import TaskType

SET = TaskType(
    keyword="set",
    summary="Replaces the value that flows on to the next task.",
    properties={"set": {"anyOf": [{"type": "object", "minProperties": 1}, {"type": "string"}]}},
    required=("set",),
)
