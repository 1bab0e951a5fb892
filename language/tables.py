"""Decision tables as files: the shape of a table and whether its rows fit its columns."""

from __future__ import annotations

import re
from typing import Any

from language.functions.schemas import DURATION, FLAG, choice, list_of, map_of, record, text
from language.report import OneCode, Report
from language.shape import Shape
from language.source import Node
from language.words import suggestion

TYPES = ("string", "number", "integer", "boolean", "date", "duration", "object", "any")
_COMPARISON = re.compile(r"(>=|<=|!=|>|<|=)\s*(?P<value>.+)\Z", re.DOTALL)
_RANGE = re.compile(r"(?P<low>.*?)\.\.(?P<high>.*)\Z", re.DOTALL)
_DURATION_TEXT = re.compile(
    r"(P\S+|\d+(\.\d+)?\s*(business\s+)?(days?|hours?|minutes?|seconds?|weeks?|d|h|m|s))\Z"
)


def table_schema() -> dict[str, Any]:
    """The shape of `table:` in a file."""
    column = {
        "anyOf": [
            choice(*TYPES),
            record(
                {
                    "enum": list_of({}, minItems=1),
                    "type": choice(*TYPES),
                    "minimum": {"type": "number"},
                    "maximum": {"type": "number"},
                    "title": {},
                },
                minProperties=1,
            ),
        ],
        "x-says": "a type such as string or duration, or { enum: [...] }",
    }
    return record(
        {
            "name": text("the name of the table, the same as the file's"),
            "version": text("the version of the table"),
            "title": {"anyOf": [text(), map_of(text())]},
            "hit": choice("first", "unique", "collect", doc="which rows count"),
            "assumption": FLAG,
            "inputs": map_of(column, minProperties=1, description="what it decides by"),
            "outputs": map_of(column, minProperties=1, description="what it decides"),
            "rows": list_of(
                record({"when": {"type": "object"}, "then": {"type": "object"}}, ["then"]),
                minItems=1,
                description="the rows",
            ),
        },
        ["name", "version", "hit", "inputs", "outputs", "rows"],
    )


def check_table(table: Node, stem: str, report: Report) -> None:
    """Say which rows do not fit the columns; gaps and overlaps are another check."""
    name = table.get("name")
    if name is not None and name.text is not None and name.text != stem:
        report.say(
            "CW111",
            name,
            f'the table is named "{name.text}" and its file "{stem}"',
            "Both must be the same: a definition names the table, and the file is found by it.",
        )
    inputs, outputs = table.get("inputs"), table.get("outputs")
    if inputs is None or outputs is None or not inputs.entries or not outputs.entries:
        return
    rows = table.get("rows")
    for row in (rows.items if rows else None) or ():
        when, then = row.get("when"), row.get("then")
        for key, cell in (when.entries if when else None) or ():
            column = inputs.get(key.name)
            if column is None:
                report.say(
                    "CW309",
                    key,
                    f'the table has no input "{key.name}"',
                    suggestion(key.name, inputs.names(), allowed="Inputs"),
                )
            else:
                _check_condition(cell, column.value, key.name, report)
        for key, cell in (then.entries if then else None) or ():
            column = outputs.get(key.name)
            if column is None:
                report.say(
                    "CW309",
                    key,
                    f'the table has no output "{key.name}"',
                    suggestion(key.name, outputs.names(), allowed="Outputs"),
                )
            else:
                _check_value(cell, column.value, f'output "{key.name}"', report)
        for missing in outputs.names():
            if then is not None and then.entries is not None and then.get(missing) is None:
                report.say("CW309", then, f'this row does not say the output "{missing}"')


def _check_condition(cell: Node, column: Any, name: str, report: Report) -> None:
    """A condition is a value, a list of values, a comparison or a range."""
    if cell.items is not None:
        for each in cell.items:
            _check_condition(each, column, name, report)
        return
    if cell.text is not None and (_COMPARISON.match(cell.text) or _RANGE.match(cell.text)):
        return
    if cell.kind == "null":
        return
    _check_value(cell, column, f'input "{name}"', report)


def _check_value(cell: Node, column: Any, what: str, report: Report) -> None:
    if not isinstance(column, str | dict):
        # The shape check says what a column is.
        return
    schema = {"type": column} if isinstance(column, str) else dict(column)
    kind = schema.pop("type", None)
    if kind == "duration":
        if cell.text is not None:
            if not _DURATION_TEXT.match(cell.text):
                report.say(
                    "CW309",
                    cell,
                    f'{what}: "{cell.text}" is not a duration',
                    "Write for example 4 business hours, or { businessHours: 4 }.",
                )
            return
        Shape(OneCode(report, "CW309"), expressions=False).check(cell, DURATION, what)
        return
    if isinstance(schema.get("enum"), list) and cell.scalar not in schema["enum"]:
        shown = cell.text if cell.text is not None else cell.raw
        allowed = [str(each) for each in schema["enum"]]
        report.say(
            "CW309",
            cell,
            f'{what}: "{shown}" is not one of its values',
            suggestion(str(shown), allowed),
        )
        return
    if kind not in (None, "any", "date"):
        wrong = kind != cell.kind and not (kind == "number" and cell.kind == "integer")
        if wrong and cell.kind != "null":
            report.say("CW309", cell, f"{what} holds values of type {kind}, not {cell.kind}")
