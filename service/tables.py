"""Decision tables: ordered rows of conditions and outputs, as data of the organization."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from service.digests import digest_of
from service.errors import FactInvalid, NoRow, RowsOverlap, TableInvalid

HIT_POLICIES = ("first", "unique", "collect")
COMBINATIONS = 20_000
"""More combinations of facts than this are not searched for gaps."""

_COMPARE = re.compile(r"(<=|>=|<|>)\s*(-?\d+(?:\.\d+)?)")
_RANGE = re.compile(r"(-?\d+(?:\.\d+)?)\s*\.\.\s*(-?\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Table:
    """A table as the organization data hold it."""

    name: str
    version: str
    hit: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    rows: tuple[Mapping[str, Any], ...]
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
    for number, row in enumerate(rows, 1):
        for fact in row.get("when") or {}:
            if fact not in inputs:
                raise TableInvalid(name, f"row {number} asks for {fact!r}, which is no input")
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
        digest=digest_of(data),
        assumption=bool(data.get("assumption")),
    )


def decide(table: Table, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs of the row that applies, and `explain`; for `collect` all rows that apply.

    Raises:
        FactInvalid: a fact that is no input, or a value that its enum does not hold.
        NoRow: no row applies.
        RowsOverlap: hit is unique and more than one applies.
    """
    for name, value in facts.items():
        if name not in table.inputs:
            raise FactInvalid(table.name, name, f"is no input; inputs: {', '.join(table.inputs)}")
        allowed = _enum(table, name)
        if allowed and value not in allowed and value is not None:
            raise FactInvalid(
                table.name, name, f"{value!r} is not one of {', '.join(map(str, allowed))}"
            )
    hits = [number for number, row in enumerate(table.rows, 1) if applies(row, facts)]
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


def applies(row: Mapping[str, Any], facts: Mapping[str, Any]) -> bool:
    """Whether all cells of a row hold; an absent cell holds for any fact."""
    return all(holds(cell, facts.get(name)) for name, cell in (row.get("when") or {}).items())


def holds(cell: Any, value: Any) -> bool:
    """Whether one cell holds: a value, one of a list, `>= 3`, or `2..5` (both included)."""
    if isinstance(cell, list):
        return any(holds(each, value) for each in cell)
    if isinstance(cell, str) and _is_number(value):
        match = _COMPARE.fullmatch(cell.strip())
        if match is not None:
            limit = float(match.group(2))
            return bool(
                {
                    "<": value < limit,
                    "<=": value <= limit,
                    ">": value > limit,
                    ">=": value >= limit,
                }[match.group(1)]
            )
        match = _RANGE.fullmatch(cell.strip())
        if match is not None:
            return bool(float(match.group(1)) <= value <= float(match.group(2)))
    if isinstance(cell, bool) or isinstance(value, bool):
        return cell is value
    return bool(cell == value)


@dataclass(frozen=True, slots=True)
class TableProblem:
    """Something wrong with a table: kind gap, overlap or unreachable, rows counted from 1."""

    kind: str
    message: str
    row: int | None = None


def check(table: Table) -> tuple[TableProblem, ...]:
    """Gaps, overlaps (hit unique) and rows that can never apply.

    Searched over the values that the cells and enums name; a table with too many combinations is
    searched for unreachable rows only where a row without conditions stands before others.
    """
    problems: list[TableProblem] = []
    reached: dict[int, bool] = dict.fromkeys(range(1, len(table.rows) + 1), False)
    gap: Mapping[str, Any] | None = None
    overlap: list[int] | None = None
    for facts in _combinations(table):
        hits = [number for number, row in enumerate(table.rows, 1) if applies(row, facts)]
        if not hits:
            gap = gap or facts
        elif table.hit == "unique" and len(hits) > 1:
            overlap = overlap or hits
        for number in hits[:1] if table.hit == "first" else hits:
            reached[number] = True
    if gap is not None and table.hit != "collect":
        stated = ", ".join(f"{name} {value}" for name, value in gap.items())
        problems.append(TableProblem("gap", f"no row applies to {stated}"))
    if overlap is not None:
        listed = " and ".join(map(str, overlap))
        problems.append(TableProblem("overlap", f"rows {listed} apply at once", overlap[1]))
    for number, was in reached.items():
        if not was:
            problems.append(TableProblem("unreachable", f"row {number} can never apply", number))
    return tuple(problems)


def _combinations(table: Table) -> Iterator[Mapping[str, Any]]:
    values = {name: _samples(table, name) for name in table.inputs}
    count = 1
    for each in values.values():
        count *= len(each)
    if count > COMBINATIONS:
        return
    for combination in product(*values.values()):
        yield dict(zip(values, combination, strict=True))


def _samples(table: Table, name: str) -> list[Any]:
    """Values that tell all cells of an input apart."""
    allowed = _enum(table, name)
    if allowed:
        return list(allowed)
    if table.inputs[name] == "boolean" or (
        isinstance(table.inputs[name], Mapping) and table.inputs[name].get("type") == "boolean"
    ):
        return [True, False]
    found: list[Any] = []
    for row in table.rows:
        cell = (row.get("when") or {}).get(name)
        for each in cell if isinstance(cell, list) else [cell]:
            found.extend(_around(each))
    found.append("\0anything else" if not any(_is_number(each) for each in found) else 10**12)
    unique: list[Any] = []
    for value in found:
        if value not in unique:
            unique.append(value)
    return unique


def _around(cell: Any) -> Iterator[Any]:
    if cell is None:
        return
    if isinstance(cell, str):
        match = _COMPARE.fullmatch(cell.strip())
        if match is not None:
            limit = float(match.group(2))
            yield from (limit - 1, limit, limit + 1)
            return
        match = _RANGE.fullmatch(cell.strip())
        if match is not None:
            low, high = float(match.group(1)), float(match.group(2))
            yield from (low - 1, low, high, high + 1)
            return
    yield cell
    if _is_number(cell):
        yield from (cell - 1, cell + 1)


def _enum(table: Table, name: str) -> list[Any]:
    declared = table.inputs.get(name)
    if isinstance(declared, Mapping):
        return list(declared.get("enum") or ())
    return list(declared) if isinstance(declared, list) else []


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
