"""`try`: tasks whose errors are caught, and tried again."""

from __future__ import annotations

from collections.abc import Iterator

from language.functions.schemas import COUNT, STANDARD_DURATION, record, text
from language.source import Node
from language.tasks.base import FLOW_DIRECTIVE, NATURAL_EXPRESSION, TASK_LIST
from language.tree import NestedList, TaskType

_BACKOFFS = ("constant", "exponential", "linear")

RETRY_POLICY = record(
    {
        "when": NATURAL_EXPRESSION,
        "exceptWhen": NATURAL_EXPRESSION,
        "delay": STANDARD_DURATION,
        "backoff": record(
            {name: {"type": ["object", "null"]} for name in _BACKOFFS}, exactly_one=_BACKOFFS
        ),
        "limit": record(
            {
                "attempt": record({"count": COUNT, "duration": STANDARD_DURATION}),
                "duration": STANDARD_DURATION,
            }
        ),
        "jitter": record({"from": STANDARD_DURATION, "to": STANDARD_DURATION}, ["from", "to"]),
    }
)
_ERROR_FILTER = {
    "type": "object",
    "minProperties": 1,
    "properties": {
        "type": text(),
        "status": {"type": "integer"},
        "instance": text(),
        "title": text(),
        "detail": text(),
        # Earlier drafts of the standard called it so.
        "details": text(),
    },
    "additionalProperties": False,
}
_CATCH = record(
    {
        "errors": record({"with": _ERROR_FILTER}),
        "as": {"type": "string", "pattern": r"^[A-Za-z_]\w*$", "x-says": "a variable's name"},
        "when": NATURAL_EXPRESSION,
        "exceptWhen": NATURAL_EXPRESSION,
        "retry": {
            "anyOf": [RETRY_POLICY, {"type": "string", "x-name": "retry"}],
            "x-says": "a retry policy or the name of one of use.retries",
        },
        "do": TASK_LIST,
        "then": FLOW_DIRECTIVE,
    }
)


def error_variable(node: Node) -> str:
    """The name of the variable that holds the error."""
    name = (node.get("catch") or node).get("as")
    return name.text or "error" if name else "error"


def _lists(node: Node) -> Iterator[NestedList]:
    tasks = node.get("try")
    if tasks is not None:
        yield NestedList("try", tasks)
    handler = (node.get("catch") or node).get("do") if node.get("catch") else None
    if handler is not None:
        yield NestedList("catch/do", handler, (error_variable(node),))


TRY = TaskType(
    keyword="try",
    summary="Tasks whose errors are caught, and which may be tried again.",
    properties={
        "try": TASK_LIST,
        "catch": _CATCH | {"type": ["object", "null"], "x-literal": True},
    },
    required=("try", "catch"),
    lists=_lists,
    natural=(
        ("catch", "when"),
        ("catch", "exceptWhen"),
        ("catch", "retry", "when"),
        ("catch", "retry", "exceptWhen"),
    ),
    plain=(("catch", "as"), ("catch", "then")),
    sees=lambda node: [("catch", (error_variable(node),))],
)
