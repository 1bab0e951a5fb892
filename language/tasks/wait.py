"""`wait`: some time."""

from __future__ import annotations

from language.functions.schemas import STANDARD_DURATION
from language.tree import TaskType

WAIT = TaskType(
    keyword="wait",
    summary="Lets some time pass; `call: wait-for` knows working time and events.",
    properties={"wait": STANDARD_DURATION},
    required=("wait",),
)
