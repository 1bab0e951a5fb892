"""`listen`: waits for events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from language.functions.schemas import choice, list_of, record, text
from language.plan import EventFilter, Listen, Literal, MapTemplate, Transform
from language.source import Node
from language.tasks.base import EXPORT, OUTPUT, TASK_LIST
from language.templates import expression, template
from language.tree import NestedList, TaskNode, TaskType

if TYPE_CHECKING:
    from language.build import Builder

_CORRELATION = record({"from": {"type": "string"}, "expect": text()}, ["from"])
EVENT_FILTER = record(
    {
        "with": {"type": "object", "minProperties": 1},
        "correlate": {"type": "object", "additionalProperties": _CORRELATION},
    },
    ["with"],
)
_FILTERS = list_of(EVENT_FILTER)
_MODES = ("one", "all", "any")
_STRATEGY = {"one": EVENT_FILTER, "all": _FILTERS, "any": _FILTERS}
EVENTS = record(
    {
        **_STRATEGY,
        "until": {
            "anyOf": [{"type": "string"}, record(_STRATEGY, exactly_one=_MODES)],
            "x-says": "an expression, or the event that ends it",
        },
    },
    exactly_one=_MODES,
)


def _names(node: Node) -> tuple[str, str]:
    foreach = node.get("foreach") or node
    item, at = foreach.get("item"), foreach.get("at")
    return (item.text or "item" if item else "item", at.text or "index" if at else "index")


def _lists(node: Node) -> Iterator[NestedList]:
    tasks = (node.get("foreach") or node).get("do") if node.get("foreach") else None
    if tasks is not None:
        yield NestedList("foreach/do", tasks, _names(node))


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
    for mode in _MODES:
        found = node.get(mode)
        if found is not None:
            filters = (found,) if mode == "one" else found.items or ()
            return mode, tuple(_filter(each) for each in filters)
    return "one", ()


def _build(task: TaskNode, builder: Builder, common: dict[str, Any]) -> Listen:
    listen = builder.part(task, "listen")
    to = builder.part(task, "listen", "to")
    mode, filters = _strategy(to)
    until, read, foreach = to.get("until"), listen.get("read"), task.node.get("foreach")
    item, at = _names(task.node)
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


LISTEN = TaskType(
    keyword="listen",
    summary="Waits for events; `call: wait-for` is the short form with a due time.",
    properties={
        "listen": record({"to": EVENTS, "read": choice("data", "envelope", "raw")}, ["to"]),
        "foreach": record(
            {"item": text(), "at": text(), "do": TASK_LIST, "output": OUTPUT, "export": EXPORT}
        ),
    },
    required=("listen",),
    lists=_lists,
    build=_build,
    natural=(
        ("listen", "to", "until"),
        ("foreach", "output", "as"),
        ("foreach", "export", "as"),
        *(
            ("listen", "to", *path, "correlate", "*", "from")
            for path in (
                ("one",), ("all", "*"), ("any", "*"),
                ("until", "one"), ("until", "all", "*"), ("until", "any", "*"),
            )
        ),
    ),
    plain=(("foreach", "item"), ("foreach", "at"), ("foreach", "output", "schema"), ("foreach", "export", "schema")),
)  # fmt: skip
