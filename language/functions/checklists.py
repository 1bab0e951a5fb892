"""Checklists: several things to do, side by side or one after the other."""

from __future__ import annotations

from language.functions.descriptor import Function
from language.functions.schemas import (
    ANYTHING,
    ASSIGN,
    COUNT,
    IN,
    JSON_OBJECT,
    PERSON_ID,
    REMIND,
    TIME,
    choice,
    list_of,
    maybe,
    named,
    optional,
    record,
    text,
)
from language.functions.work_items import WORK_ITEM

_ITEM = record(
    {
        "key": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,60}$", "x-says": "letters, digits, - and _"},
        "title": text("what is to be done"),
        "description": maybe(),
        "assign": optional(ASSIGN),
        "form": {"anyOf": [named("form"), JSON_OBJECT, {"type": "null"}]},
        "due": optional(IN),
        "undo": maybe("what is to be done where the item has to be taken back"),
        "call": {**named("function", literal=True)},
        "with": JSON_OBJECT,
        "run": {**named("definition", literal=True)},
        "input": ANYTHING,
    },
    ["key"],
)  # fmt: skip

CHECKLIST = Function(
    name="checklist",
    kind="waits",
    doc="Several things to do: by people, by functions, by other definitions; side by side or in order.",
    arguments=record(
        {
            "title": text("what all of it is for"),
            "items": {**list_of(_ITEM, minItems=1), "description": "what is to be done"},
            "atMost": {"type": "integer", "minimum": 1, "description": "how many are open at once"},
            "completeWhen": {
                "anyOf": [
                    choice("all"),
                    record({"count": {"type": "integer", "minimum": 1}}, ["count"]),
                    record({"percent": {"type": "number", "exclusiveMinimum": 0, "maximum": 100}}, ["percent"]),
                ],
                "x-says": "all, { count: n } or { percent: p }",
            },
            "stopOn": choice("failed", "never", doc="whether the first failed item ends it"),
            "due": {**IN, "description": "by when it must be done"},
            "remind": REMIND,
            "onDue": {
                "anyOf": [choice("keep"), record({"outcome": choice("missed")}, ["outcome"])],
                "x-says": "keep or { outcome: missed }",
                "description": "what happens when it is not done by then",
            },
        },
        ["title", "items", "due", "onDue"],
    ),
    result=record(
        {
            "outcome": choice("complete", "missed", "failed"),
            "items": list_of(
                record(
                    {
                        "key": text(),
                        "title": optional(text()),
                        "state": choice("done", "failed", "missed", "skipped"),
                        "outcome": optional(text()),
                        "answer": optional(JSON_OBJECT),
                        "result": ANYTHING,
                        "by": PERSON_ID,
                        "at": TIME,
                        "error": optional(text()),
                        "undo": optional(text()),
                        "order": COUNT,
                    },
                    ["key", "state", "outcome", "answer", "result", "by", "at"],
                )
            ),
            "done": COUNT,
            "total": COUNT,
        },
        ["outcome", "items", "done", "total"],
    ),
    needs=WORK_ITEM.needs,
    summary="title",
)  # fmt: skip

FUNCTIONS = (CHECKLIST,)
