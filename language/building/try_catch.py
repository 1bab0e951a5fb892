"""`try` becomes a task of the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from language.building.templates import expression, template
from language.plan import Catch, MapTemplate, Retry, Template, Try
from language.source import Node
from language.tasks.try_catch import error_variable
from language.tree import TaskNode

if TYPE_CHECKING:
    from language.building.builder import Builder


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


def _filter(node: Node) -> Template:
    """The error filter; `details` of earlier drafts is `detail`."""
    return MapTemplate(
        tuple(
            ("detail" if key.name == "details" else key.name, template(value))
            for key, value in node.entries or ()
        )
    )


def build(task: TaskNode, builder: Builder, common: dict[str, Any]) -> Try:
    """Tasks and what catches their errors."""
    catch = builder.part(task, "catch")
    errors = catch.get("errors")
    filter_ = errors.get("with") if errors else None
    when, except_when, then = catch.get("when"), catch.get("exceptWhen"), catch.get("then")
    return Try(
        **common,
        tasks=builder.tasks(task, "try"),
        catch=Catch(
            errors_with=None if filter_ is None else _filter(filter_),
            variable=error_variable(task.node),
            when=None if when is None else expression(when),
            except_when=None if except_when is None else expression(except_when),
            retry=builder.retry(catch.get("retry")),
            tasks=builder.tasks(task, "catch/do"),
            then=str(then.text) if then else "continue",
        ),
    )
