"""`listen`: waits for events."""

from __future__ import annotations

from collections.abc import Iterator

from language.functions.schemas import choice, list_of, record, text
from language.source import Node
from language.tasks.base import EXPORT, OUTPUT, TASK_LIST
from language.tree import NestedList, TaskType

_ATTRIBUTES = {
    name: text()
    for name in ("id", "source", "type", "time", "subject", "datacontenttype", "dataschema")
}
_CORRELATION = record({"from": {"type": "string"}, "expect": text()}, ["from"])
EVENT_FILTER = record(
    {
        "with": {"type": "object", "minProperties": 1, "properties": _ATTRIBUTES},
        "correlate": {"type": "object", "additionalProperties": _CORRELATION},
    },
    ["with"],
)
_FILTERS = list_of(EVENT_FILTER)
MODES = ("one", "all", "any")
_STRATEGY = {"one": EVENT_FILTER, "all": _FILTERS, "any": _FILTERS}
EVENTS = record(
    {
        **_STRATEGY,
        "until": {
            "anyOf": [{"type": "string"}, record(_STRATEGY, exactly_one=MODES)],
            "x-says": "an expression, or the event that ends it",
        },
    },
    exactly_one=MODES,
)


def item_names(node: Node) -> tuple[str, str]:
    """Names of the variables of event and index in `foreach`."""
    foreach = node.get("foreach") or node
    item, at = foreach.get("item"), foreach.get("at")
    return (item.text or "item" if item else "item", at.text or "index" if at else "index")


def _lists(node: Node) -> Iterator[NestedList]:
    tasks = (node.get("foreach") or node).get("do") if node.get("foreach") else None
    if tasks is not None:
        yield NestedList("foreach/do", tasks, item_names(node))


def natural_in(*place: str) -> tuple[tuple[str, ...], ...]:
    """What is an expression by nature in a strategy that stands at a place."""
    return (
        (*place, "until"),
        *(
            (*place, *path, "correlate", "*", "from")
            for path in (
                ("one",), ("all", "*"), ("any", "*"),
                ("until", "one"), ("until", "all", "*"), ("until", "any", "*"),
            )
        ),
    )  # fmt: skip


EVENT_START_NATURAL = natural_in("schedule", "on")
"""The same of what starts a case."""

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
    natural=(
        *natural_in("listen", "to"),
        ("foreach", "output", "as"),
        ("foreach", "export", "as"),
    ),
    plain=(("foreach", "item"), ("foreach", "at"), ("foreach", "output", "schema"), ("foreach", "export", "schema")),
)  # fmt: skip
