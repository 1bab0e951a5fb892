"""`try`: tasks whose errors are caught, and tried again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from language.functions.schemas import COUNT, STANDARD_DURATION, record, text
from language.plan import Catch, Retry, Try
from language.source import Node
from language.tasks.base import FLOW_DIRECTIVE, NATURAL_EXPRESSION, TASK_LIST
from language.templates import expression, template
from language.tree import NestedList, TaskNode, TaskType

if TYPE_CHECKING:
    from language.build import Builder

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


def _variable(node: Node) -> str:
    name = (node.get("catch") or node).get("as")
    return name.text or "error" if name else "error"


def _lists(node: Node) -> Iterator[NestedList]:
    tasks = node.get("try")
    if tasks is not None:
        yield NestedList("try", tasks)
    handler = (node.get("catch") or node).get("do") if node.get("catch") else None
    if handler is not None:
        yield NestedList("catch/do", handler, (_variable(node),))


def build_retry(node: Node) -> Retry:
    """The plan's retry policy from the standard's."""

    def natural(key: str) -> Any:
        found = node.get(key)
        return None if found is None else expression(found)

    def value(*keys: str) -> Any:
        found: Node | None = node
        for key in keys:
            found = found.get(key) if found else None
        return None if found is None else template(found)

    backoff = node.get("backoff")
    count = (node.get("limit") or node).get("attempt")
    attempts = count.get("count") if count else None
    return Retry(
        when=natural("when"),
        except_when=natural("exceptWhen"),
        delay=value("delay"),
        backoff=backoff.names()[0] if backoff and backoff.names() else "constant",
        jitter_from=value("jitter", "from"),
        jitter_to=value("jitter", "to"),
        attempts=None if attempts is None else attempts.scalar,
        attempt_duration=value("limit", "attempt", "duration"),
        duration=value("limit", "duration"),
    )


def _build(task: TaskNode, builder: Builder, common: dict[str, Any]) -> Try:
    catch = builder.part(task, "catch")
    errors = catch.get("errors")
    filter_ = errors.get("with") if errors else None
    when, except_when, then = catch.get("when"), catch.get("exceptWhen"), catch.get("then")
    return Try(
        **common,
        tasks=builder.tasks(task, "try"),
        catch=Catch(
            errors_with=None if filter_ is None else template(filter_),
            variable=_variable(task.node),
            when=None if when is None else expression(when),
            except_when=None if except_when is None else expression(except_when),
            retry=builder.retry(catch.get("retry")),
            tasks=builder.tasks(task, "catch/do"),
            then=str(then.text) if then else "continue",
        ),
    )


TRY = TaskType(
    keyword="try",
    summary="Tasks whose errors are caught, and which may be tried again.",
    properties={
        "try": TASK_LIST,
        "catch": _CATCH | {"type": ["object", "null"], "x-literal": True},
    },
    required=("try", "catch"),
    lists=_lists,
    build=_build,
    natural=(
        ("catch", "when"),
        ("catch", "exceptWhen"),
        ("catch", "retry", "when"),
        ("catch", "retry", "exceptWhen"),
    ),
    plain=(("catch", "as"), ("catch", "then")),
)
