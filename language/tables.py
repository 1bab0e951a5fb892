"""Decision tables as files: the shape of a table, whether its rows fit its columns and each other."""

from __future__ import annotations

import re
from typing import Any

from language.functions.schemas import DURATION, FLAG, choice, list_of, map_of, record, text
from language.report import OneCode, Report
from language.shape import Shape
from language.source import Node
from language.table_analysis import Unreachable, analyse
from language.table_cells import (
    COMPARISON,
    NUMBERS,
    RANGE,
    column_kind,
    column_values,
    limit_of,
)
from language.words import suggestion

TYPES = ("string", "number", "integer", "boolean", "date", "duration", "object", "any")
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
    """Say which rows do not fit the columns, then which facts have no row, or two, and why."""
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
    if cell.kind == "null":
        return
    kind = column_kind(column)
    text = (cell.text or "").strip()
    compared, between = COMPARISON.fullmatch(text), RANGE.fullmatch(text)
    if compared is not None:
        _check_comparison(cell, compared.group(1), compared.group(2).strip(), column, name, report)
    elif between is not None and kind in (*NUMBERS, "date"):
        low, high = (limit_of(each.strip(), kind) for each in between.groups())
        if low is None or high is None:
            _say_no_limit(cell, kind, name, report)
        elif low > high:
            report.say(
                "CW264",
                cell,
                f'input "{name}": "{text}" holds for nothing',
                f"Write the smaller end first: {between.group(2)}..{between.group(1)}.",
            )
    else:
        _check_value(cell, column, f'input "{name}"', report)


def _check_comparison(
    cell: Node, sign: str, text: str, column: Any, name: str, report: Report
) -> None:
    kind, listed = column_kind(column), [str(each) for each in column_values(column)]
    if sign not in ("=", "!="):
        if limit_of(text, kind) is None:
            _say_no_limit(cell, kind, name, report)
    elif listed and text not in listed:
        report.say(
            "CW309",
            cell,
            f'input "{name}": "{text}" is not one of its values',
            suggestion(text, listed),
        )
    elif kind in ("number", "integer", "date") and limit_of(text, kind) is None:
        _say_no_limit(cell, kind, name, report)


def _say_no_limit(cell: Node, kind: str, name: str, report: Report) -> None:
    like = "'>= 2026-04-01'" if kind == "date" else "'>= 3' or '2..5'"
    if kind in (*NUMBERS, "date"):
        hint = f"Write it like {like}."
    else:
        hint = "Only numbers and dates have an order: give the input that type, or list its values."
    report.say("CW264", cell, f'input "{name}": "{cell.text}" compares with nothing', hint)


def check_rows(table: Node, report: Report) -> None:
    """Say for which facts no row applies, or two, and which rows never do.

    Only for a table whose shape is right and whose rows fit.
    """
    value = table.value
    rows = table.get("rows")
    if rows is None or not rows.items:
        return
    hit = str(value.get("hit"))
    found = analyse(value["inputs"], [each.get("when") or {} for each in value["rows"]], hit)
    if found.gap is not None:
        last = "a last row without `when` takes what is left"
        if hit == "unique":
            last = f"with `hit: first` {last}"
        report.say(
            "CW261",
            rows.items[-1],
            f"no row applies to {found.gap.facts}",
            f"Add a row for it; {last}.",
        )
    elif not found.proven and all(each.get("when") for each in value["rows"]):
        report.say(
            "CW261",
            rows.items[-1],
            "the table is too large to be proven complete",
            "Let a last row without `when` take what is left, or cut the table into two.",
        )
    for each in found.overlaps:
        report.say(
            "CW262",
            rows.items[each.second],
            f"this row and row {each.first + 1} (line {rows.items[each.first].line}) "
            f"both apply to {each.facts}",
            "Change one of them; or write `hit: first`, where the upper row wins.",
        )
    for gone in found.unreachable:
        report.say(
            "CW263", rows.items[gone.row], f"this row never applies: {_why(gone, rows)}",
            "Move it up, change it, or take it out.",
        )  # fmt: skip


def _why(gone: Unreachable, rows: Node) -> str:
    if gone.impossible is not None:
        return f'no value of "{gone.impossible}" meets its condition'
    lines = [str((rows.items or ())[each].line) for each in gone.taken_by]
    what = "row" if len(lines) == 1 else "rows"
    shown = lines if len(lines) <= 3 else [*lines[:3], "others"]
    return f"the {what} above it (line {', '.join(shown)}) take{'s' if len(lines) == 1 else ''} all of it"


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
