"""`call`: a function of the catalog, or one of `use.functions`."""

from __future__ import annotations

from language.functions.schemas import JSON_OBJECT
from language.tree import TaskType

CALL = TaskType(
    keyword="call",
    summary="A function: it decides, waits, acts or reads.",
    properties={"call": {"type": "string", "minLength": 1, "x-literal": True}, "with": JSON_OBJECT},
    required=("call",),
    plain=(("call",),),
)
