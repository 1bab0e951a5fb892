"""Decision tables as sheets of cells: what a spreadsheet's rows mean, and a table as such rows. Pure.

The first row names the columns: an input as it is, an output after `then`, a type in brackets. Below
stands a row of the table in each row; an empty cell of an input is every fact.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from language.table_cells import COMPARISON, RANGE
from language.tables import TYPES

Cells = Sequence[Sequence[Any]]
"""Rows of a sheet: texts, numbers, truth values, dates; None where a cell is empty."""

EMPTY_TEXT = '""'
"""How a sheet tells the empty text, as an empty cell is every fact."""

_HEADER = re.compile(
    r"(?P<out>then\s+|=>|->|→)?\s*(?P<name>[^()（）]+?)\s*(?:[(（](?P<type>[^()（）]*)[)）])?"
)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_DURATION = re.compile(
    r"P\S+|\d+(\.\d+)?\s+(business\s+)?(weeks?|days?|hours?|minutes?|seconds?)", re.ASCII
)
_SIGNS = {"≥": ">=", "≤": "<=", "≠": "!=", "<>": "!=", "＞": ">", "＜": "<", "｜": "|", "＝": "="}


class CellProblem(NamedTuple):
    """What is wrong with one cell of a sheet."""

    cell: str
    """As people name it: B3."""
    message: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table that a sheet means, or what is wrong with it; and the sheet's row of each row."""

    table: Mapping[str, Any] | None
    problems: tuple[CellProblem, ...]
    rows: tuple[int, ...] = ()


@dataclass(slots=True)
class _Column:
    name: str
    letter: int
    output: bool
    kind: str | None
    cells: list[Any]


def table_of(name: str, version: str, hit: str, cells: Cells) -> Sheet:
    """The table that a sheet means."""
    problems: list[CellProblem] = []
    columns = _columns(cells[0] if cells else (), problems)
    numbers = [n for n, row in enumerate(cells[1:], 2) if any(each is not None for each in row)]
    if not numbers:
        problems.append(CellProblem("A2", "there is no row below the names of the columns"))
    for number in numbers:
        row = cells[number - 1]
        problems += [
            CellProblem(named(number, place), "there is no name above this cell, in row 1")
            for place, cell in enumerate(row)
            if cell is not None and all(each.letter != place for each in columns)
        ]
        for column in columns:
            value = row[column.letter] if column.letter < len(row) else None
            read = _read(value, column, named(number, column.letter), problems)
            column.cells.append(read)
    if problems:
        return Sheet(None, tuple(problems))
    for column in columns:
        _settle(column, numbers, problems)
    if problems:
        return Sheet(None, tuple(problems))
    table = {
        "name": name,
        "version": version,
        "hit": hit,
        "inputs": {each.name: _declared(each) for each in columns if not each.output},
        "outputs": {each.name: _declared(each) for each in columns if each.output},
        "rows": [_row(columns, place) for place in range(len(numbers))],
    }
    return Sheet(table, (), tuple(numbers))


def sheet_of(table: Mapping[str, Any]) -> list[list[Any]]:
    """A table as rows of a sheet, which `table_of` reads again.

    Raises:
        ValueError: a cell cannot be told in a sheet: a duration in a calendar of its own, `null`.
    """
    inputs, outputs = table["inputs"], table["outputs"]
    head = [f"{name} ({_type(column)})" for name, column in inputs.items()]
    head += [f"then {name} ({_type(column)})" for name, column in outputs.items()]
    rows: list[list[Any]] = [list(head)]
    for row in table["rows"]:
        when, then = row.get("when") or {}, row["then"]
        rows.append(
            [_condition(when[name]) if name in when else None for name in inputs]
            + [_written(then[name]) for name in outputs]
        )
    return rows


def named(row: int, place: int) -> str:
    """A cell as people name it: row from 1, place from 0."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"


def _columns(head: Sequence[Any], problems: list[CellProblem]) -> list[_Column]:
    found: list[_Column] = []
    for place, given in enumerate(head):
        if given is None:
            continue
        cell, text = named(1, place), str(given).strip()
        match = _HEADER.fullmatch(text)
        if match is None or not _NAME.fullmatch(match["name"]):
            problems.append(
                CellProblem(cell, f'"{text}" is no name of a column: write it like priority, then within, size (number)')
            )  # fmt: skip
            continue
        kind = (match["type"] or "").strip() or None
        if kind is not None and kind != "enum" and kind not in TYPES and "|" not in kind:
            problems.append(
                CellProblem(cell, f'"{kind}" is no type: {", ".join(TYPES)}, enum, or values: P1 | P2')
            )  # fmt: skip
            continue
        if any(each.name == match["name"] for each in found):
            problems.append(CellProblem(cell, f'the column "{match["name"]}" stands there twice'))
            continue
        found.append(_Column(match["name"], place, bool(match["out"]), kind, []))
    if not any(each.output for each in found) and not problems:
        problems.append(
            CellProblem(
                "A1", "there is no output: write then before the name of a column it decides"
            )
        )
    if not any(not each.output for each in found) and not problems:
        problems.append(
            CellProblem("A1", "there is no input: a column without then before its name")
        )
    return found


def _read(value: Any, column: _Column, cell: str, problems: list[CellProblem]) -> Any:
    """A cell as a table has it; None where it is empty."""
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        value = value.date()
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    text = "" if value is None else str(value).strip()
    if not text:
        if column.output:
            problems.append(CellProblem(cell, f'the output "{column.name}" is empty'))
        return None
    for sign, plain in () if column.output else _SIGNS.items():
        text = text.replace(sign, plain)
    if column.output or "|" not in text:
        return _value(text, column)
    parts = [each.strip() for each in text.split("|")]
    if not all(parts):
        problems.append(CellProblem(cell, f'"{text}": something is missing beside |'))
    return [_value(each, column) for each in parts]


def _value(text: str, column: _Column) -> Any:
    if text == EMPTY_TEXT:
        return ""
    if not column.output and COMPARISON.fullmatch(text):
        return text
    if column.kind in (None, "boolean", "any") and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if column.kind in (None, "number", "integer", "any") and _NUMBER.fullmatch(text):
        number = float(text)
        return int(number) if number.is_integer() else number
    return text


def _settle(column: _Column, numbers: Sequence[int], problems: list[CellProblem]) -> None:
    """Find the type of a column whose head does not say it."""
    if column.kind is not None:
        if column.kind in ("string", "enum"):
            column.cells = [_as_text(each) for each in column.cells]
        return
    values = [each for cell in column.cells for each in _values(cell)]
    plain = [each for each in values if not _asks(each)]
    kinds = {type(each) for each in plain}
    if kinds == {bool}:
        column.kind = "boolean"
    elif plain and kinds <= {int, float}:
        column.kind = "number" if float in kinds else "integer"
    elif not plain and values:
        column.kind = "date" if all(_is_date(str(each)) for each in values) else "number"
    elif plain and all(isinstance(each, str) and _is_date(each) for each in plain):
        column.kind = "date"
    elif column.output and plain and all(_DURATION.fullmatch(str(each)) for each in plain):
        column.kind = "duration"
    elif kinds <= {str}:
        # Rows that each name a value name all of them; where one takes every fact there may be more.
        column.kind = "enum" if all(each is not None for each in column.cells) else "string"
        if column.output:
            column.kind = "string"
    else:
        odd = next(
            n for n, each in zip(numbers, column.cells, strict=True) if isinstance(each, str)
        )
        problems.append(
            CellProblem(
                named(odd, column.letter),
                f'the column "{column.name}" mixes texts with other values: say its type in row 1, '
                f"{column.name} (string)",
            )
        )


def _declared(column: _Column) -> Any:
    kind = column.kind or "any"
    if "|" in kind:
        return {"enum": [each.strip() for each in kind.split("|")]}
    if kind != "enum":
        return kind
    listed = [each for cell in column.cells for each in _values(cell)]
    return {"enum": list(dict.fromkeys(str(each).removeprefix("!=").strip() for each in listed))}


def _row(columns: Sequence[_Column], place: int) -> dict[str, Any]:
    when = {
        each.name: each.cells[place]
        for each in columns
        if not each.output and each.cells[place] is not None
    }
    then = {each.name: each.cells[place] for each in columns if each.output}
    return {"when": when, "then": then} if when else {"then": then}


def _values(cell: Any) -> list[Any]:
    return cell if isinstance(cell, list) else [] if cell is None else [cell]


def _asks(value: Any) -> bool:
    return isinstance(value, str) and bool(COMPARISON.fullmatch(value) or RANGE.fullmatch(value))


def _is_date(text: str) -> bool:
    return bool(re.search(r"\b\d{4}-\d\d-\d\d\b", text))


def _as_text(cell: Any) -> Any:
    if isinstance(cell, list):
        return [_as_text(each) for each in cell]
    if cell is None or isinstance(cell, str):
        return cell
    return str(cell).lower() if isinstance(cell, bool) else str(cell)


def _type(column: Any) -> str:
    if isinstance(column, str):
        return column
    if column.get("enum"):
        return " | ".join(str(each) for each in column["enum"])
    return str(column.get("type") or "any")


def _condition(cell: Any) -> Any:
    if any("|" in each for each in _values(cell) if isinstance(each, str)):
        raise ValueError(f"{cell!r} has the sign | in it and cannot be told in a sheet")
    return _written(cell)


def _written(cell: Any) -> Any:
    if isinstance(cell, list):
        return " | ".join(str(_written(each)) for each in cell)
    if cell == "":
        return EMPTY_TEXT
    if isinstance(cell, str) and cell != cell.strip():
        raise ValueError(f"{cell!r} begins or ends with a blank and cannot be told in a sheet")
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, Mapping) and len(cell) == 1:
        [(unit, count)] = cell.items()
        return f"{count} {unit.replace('business', 'business ').lower()}"
    if cell is None or isinstance(cell, Mapping):
        raise ValueError(f"{'null' if cell is None else dict(cell)} cannot be told in a sheet")
    return cell
