"""Decision tables: ordered rows of conditions and outputs, as data of the organization."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from service.cells import Holds, read_cell, same
from service.digests import digest_of
from service.errors import FactInvalid, NoRow, RowsOverlap, TableInvalid

HIT_POLICIES = ("first", "unique", "collect")


@dataclass(frozen=True, slots=True)
class Table:
    """A table as the organization data hold it."""

    name: str
    version: str
    hit: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    rows: tuple[Mapping[str, Any], ...]
    conditions: tuple[tuple[tuple[str, Holds], ...], ...]
    """What each row asks of which fact."""
    digest: str
    assumption: bool = False


def table_from(name: str, data: Mapping[str, Any]) -> Table:
    """The table of this data.

    Raises:
        TableInvalid: with the entry that cannot be read.
    """
    hit = data.get("hit", "first")
    if hit not in HIT_POLICIES:
        raise TableInvalid(name, f"hit is {hit!r}; possible: {', '.join(HIT_POLICIES)}")
    rows = data.get("rows")
    if not isinstance(rows, list) or not rows:
        raise TableInvalid(name, "rows is missing or empty")
    inputs = data.get("inputs") or {}
    outputs = data.get("outputs") or {}
    conditions: list[tuple[tuple[str, Holds], ...]] = []
    for number, row in enumerate(rows, 1):
        asked: list[tuple[str, Holds]] = []
        for fact, cell in (row.get("when") or {}).items():
            if fact not in inputs:
                raise TableInvalid(name, f"row {number} asks for {fact!r}, which is no input")
            asked.append((fact, read_cell(cell, _cells(inputs[fact]))))
        conditions.append(tuple(asked))
        for output in row.get("then") or {}:
            if output not in outputs:
                raise TableInvalid(name, f"row {number} gives {output!r}, which is no output")
    return Table(
        name=name,
        version=str(data.get("version", "")),
        hit=hit,
        inputs=inputs,
        outputs=outputs,
        rows=tuple(rows),
        conditions=tuple(conditions),
        digest=digest_of(data),
        assumption=bool(data.get("assumption")),
    )


def decide(table: Table, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs of the row that applies, and `explain`; for `collect` all rows that apply.

    Raises:
        FactInvalid: a fact that is no input, or a value that its column does not hold.
        NoRow: no row applies.
        RowsOverlap: hit is unique and more than one applies.
    """
    for name, value in facts.items():
        _check_fact(table, name, value)
    hits = _hits(table, facts)
    explain: dict[str, Any] = {"table": table.name, "digest": table.digest}
    if table.hit == "collect":
        rows = [dict(table.rows[number - 1].get("then") or {}) for number in hits]
        return {"rows": rows, "explain": {**explain, "row": None, "rows": hits}}
    if not hits:
        raise NoRow(table.name, facts)
    if table.hit == "unique" and len(hits) > 1:
        raise RowsOverlap(table.name, hits)
    chosen = table.rows[hits[0] - 1].get("then") or {}
    outputs = {name: chosen.get(name) for name in table.outputs}
    return {**outputs, "explain": {**explain, "row": hits[0]}}


def _hits(table: Table, facts: Mapping[str, Any]) -> list[int]:
    """Numbers of the rows that apply, from 1; an absent cell holds for any fact."""
    return [
        number
        for number, row in enumerate(table.conditions, 1)
        if all(holds(facts.get(name)) for name, holds in row)
    ]


def _check_fact(table: Table, name: str, value: Any) -> None:
    if name not in table.inputs:
        raise FactInvalid(table.name, name, f"is no input; inputs: {', '.join(table.inputs)}")
    if value is None:
        return
    allowed = _enum(table.inputs[name])
    if allowed and not any(same(each, value) for each in allowed):
        raise FactInvalid(
            table.name, name, f"{value!r} is not one of {', '.join(map(str, allowed))}"
        )
    kind = _kind(table.inputs[name])
    # A number that comes as a text would fit no row but the last, and nobody would know why.
    if not _TYPES.get(kind, lambda _: True)(value):
        raise FactInvalid(table.name, name, f"{value!r} is no {kind}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_date(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value[:10]))
    except ValueError:
        return False


_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "number": _is_number,
    "integer": lambda value: _is_number(value) and float(value).is_integer(),
    "boolean": lambda value: isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "date": _is_date,
}


def _kind(column: Any) -> str:
    """The type of a column: what it says, else any."""
    if isinstance(column, Mapping):
        return str(column.get("type") or "any")
    return column if isinstance(column, str) else "any"


def _cells(column: Any) -> str:
    """How the cells of a column are read: texts that are listed have no order."""
    listed = _enum(column)
    return (
        "any" if listed and all(map(_is_number, listed)) else "string" if listed else _kind(column)
    )


def _enum(column: Any) -> list[Any]:
    if isinstance(column, Mapping):
        return list(column.get("enum") or ())
    return list(column) if isinstance(column, list) else []
