"""What all task types share."""

from __future__ import annotations

from typing import Any

from language.functions.schemas import JSON_OBJECT, STANDARD_DURATION, record, text

Schema = dict[str, Any]

NATURAL_EXPRESSION: Schema = {
    "type": "string",
    "x-says": 'an expression such as ${ $case.priority == "P1" }',
}
NATURAL_TEMPLATE: Schema = {
    "anyOf": [{"type": "string"}, JSON_OBJECT],
    "x-says": "an expression such as ${ .x }, or keys and values with expressions in them",
}
TASK_LIST: Schema = {"type": "array", "x-says": "a list of tasks, each as `- name: ...`"}
FLOW_DIRECTIVE: Schema = {"type": "string", "x-says": "continue, exit, end or the name of a task"}

_JSON_SCHEMA = {"type": ["object", "boolean"]}
_SCHEMA = record(
    {
        "format": text(),
        "document": _JSON_SCHEMA,
        "resource": record({"name": text(), "endpoint": {}}, ["endpoint"]),
    },
    exactly_one=("document", "resource"),
)
INPUT = record({"schema": _SCHEMA, "from": NATURAL_TEMPLATE})
OUTPUT = record({"schema": _SCHEMA, "as": NATURAL_TEMPLATE})
EXPORT = record({"schema": _SCHEMA, "as": NATURAL_TEMPLATE})
TIMEOUT: Schema = {
    "anyOf": [
        record({"after": STANDARD_DURATION}, ["after"]),
        {"type": "string", "x-name": "timeout"},
    ],
    "x-says": "{ after: duration } or the name of a timeout of use.timeouts",
}

TASK_BASE: dict[str, Schema] = {
    "if": NATURAL_EXPRESSION,
    "input": INPUT,
    "output": OUTPUT,
    "export": EXPORT,
    "timeout": TIMEOUT,
    "then": FLOW_DIRECTIVE,
    "metadata": {
        **JSON_OBJECT,
        "properties": {
            "safeRead": {
                "type": "boolean",
                "description": "whether the call changes nothing: it may be made twice, and at once",
            }
        },
    },
}
"""Keys that every task may have."""

TASK_BASE_NATURAL: tuple[tuple[str, ...], ...] = (
    ("if",),
    ("input", "from"),
    ("output", "as"),
    ("export", "as"),
)
TASK_BASE_PLAIN: tuple[tuple[str, ...], ...] = (
    ("input", "schema"),
    ("output", "schema"),
    ("export", "schema"),
    ("then",),
    ("metadata",),
)
