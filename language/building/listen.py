"""`listen` becomes a task of the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from language.building.templates import expression, template
from language.plan import EventFilter, Listen, Literal, MapTemplate, Transform
from language.source import Node
from language.tasks.listen import MODES, item_names
from language.tree import TaskNode

if TYPE_CHECKING:
    from language.building.builder import Builder


def _filter(node: Node) -> EventFilter:
    attributes = template(node.get("with") or node)
    correlate = []
    for key, body in (node.get("correlate") or node).entries or () if node.get("correlate") else ():
        source, expect = body.get("from"), body.get("expect")
        if source is not None:
            correlate.append(
                (key.name, expression(source), None if expect is None else template(expect))
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


def build(task: TaskNode, builder: Builder, common: dict[str, Any]) -> Listen:
    """A wait for events."""
    listen = builder.part(task, "listen")
    to = builder.part(task, "listen", "to")
    mode, filters = _strategy(to)
    until, read, foreach = to.get("until"), listen.get("read"), task.node.get("foreach")
    item, at = item_names(task.node)
    return Listen(
        **common,
        mode=mode,
        filters=filters,
        read=str(read.text) if read else "data",
        until=expression(until) if until is not None and until.entries is None else None,
        until_filters=_strategy(until)[1] if until is not None and until.entries else (),
        foreach_item=item,
        foreach_at=at,
        foreach_tasks=builder.tasks(task, "foreach/do"),
        foreach_output=builder.transform(foreach.get("output"), "as") if foreach else Transform(),
        foreach_export=builder.transform(foreach.get("export"), "as") if foreach else Transform(),
    )
