"""Decisions by tables of the organization."""

from __future__ import annotations

from language.functions.descriptor import Function
from language.functions.schemas import JSON_OBJECT, list_of, named, record, text

DECIDE = Function(
    name="decide",
    kind="decides",
    doc="Looks a decision up in a table; its outputs are the fields of the result.",
    arguments=record(
        {
            "table": named("table", "which table decides"),
            "facts": {**JSON_OBJECT, "description": "the table's inputs and their values"},
        },
        ["table", "facts"],
    ),
    result=record(
        {
            "rows": list_of(JSON_OBJECT),
            "explain": record({"table": text(), "row": {}, "digest": text()}, closed=False),
        },
        ["explain"],
        closed=False,
    ),
    summary="table",
)

FUNCTIONS = (DECIDE,)
