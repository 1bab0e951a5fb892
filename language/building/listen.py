"""`listen` becomes a task of the plan."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from language.building.templates import expression, template
from language.expressions import ExpressionError, parse
from language.plan import (
    EventFilter,
    EventStrategy,
    Listen,
    Literal,
    MapTemplate,
    Template,
    Transform,
)
from language.source import Node
from language.tasks.listen import MODES, item_names
from language.templates import is_expression
from language.tree import TaskNode

if TYPE_CHECKING:
    from language.building.builder import Builder


def _expectation(node: Node) -> Template:
    """A constant or an expression, which may stand bare: no constant begins as a path does."""
    text = node.text or ""
    if text[:1] in (".", "$") and not is_expression(text):
        with suppress(ExpressionError):
            parse(text)
            return expression(node)
    return template(node)


def _filter(node: Node) -> EventFilter:
    attributes = template(node.get("with") or node)
    correlate = []
    for key, body in (node.get("correlate") or node).entries or () if node.get("correlate") else ():
        source, expect = body.get("from"), body.get("expect")
        if source is not None:
            correlate.append(
                (key.name, expression(source), None if expect is None else _expectation(expect))
            )
    assert isinstance(attributes, MapTemplate | Literal)
    return EventFilter(attributes, tuple(correlate))


def _strategy(node: Node) -> tuple[str, tuple[EventFilter, ...]]:
    for mode in MODES:
        found = node.get(mode)
        if found is not None:
            filters = (found,) if mode == "one" else found.items or ()
            return mode, tuple(_filter(each) for each in filters)
    return "one", ()


def build_strategy(node: Node) -> EventStrategy:
    """An event consumption strategy of the standard; `until` counts with `any` only."""
    mode, filters = _strategy(node)
    until = node.get("until") if mode == "any" else None
    if until is None or until.entries is None:
        return EventStrategy(mode, filters, None if until is None else expression(until))
    until_mode, until_filters = _strategy(until)
    return EventStrategy(mode, filters, None, until_mode, until_filters)


def build(task: TaskNode, builder: Builder, common: dict[str, Any]) -> Listen:
    """A wait for events."""
    listen = builder.part(task, "listen")
    strategy = build_strategy(builder.part(task, "listen", "to"))
    read, foreach = listen.get("read"), task.node.get("foreach")
    item, at = item_names(task.node)
    return Listen(
        **common,
        mode=strategy.mode,
        filters=strategy.filters,
        read=str(read.text) if read else "data",
        until=strategy.until,
        until_mode=strategy.until_mode,
        until_filters=strategy.until_filters,
        foreach_item=item,
        foreach_at=at,
        foreach_tasks=builder.tasks(task, "foreach/do"),
        foreach_output=builder.transform(foreach.get("output"), "as") if foreach else Transform(),
        foreach_export=builder.transform(foreach.get("export"), "as") if foreach else Transform(),
    )
