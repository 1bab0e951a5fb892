"""One cell of a decision table: what it asks of a fact.

A value, a list of cells (one of them), `!= value`, in columns of numbers or dates also `>= 3`,
`< 2026-04-01` or `2..5` with both ends; `null` asks for a fact that is missing. A date column looks
at the day of a time. `language.table_cells` reads the same cells for `caseway validate`, which says
what is wrong with one; a test holds both together.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

Holds = Callable[[Any], bool]

NUMBERS = ("number", "integer", "any")
"""Types of columns whose numbers have an order."""

_COMPARE = re.compile(r"(<=|>=|!=|<|>|=)\s*(\S.*)", re.DOTALL)
_RANGE = re.compile(r"(\S.*?)\s*\.\.\s*(\S.*)", re.DOTALL)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)


def read_cell(cell: Any, kind: str) -> Holds:
    """What a cell of a column of this type asks; one that compares nothing is a plain value."""
    if isinstance(cell, list):
        parts = [read_cell(each, kind) for each in cell]
        return lambda value: any(part(value) for part in parts)
    if not isinstance(cell, str):
        return lambda value: same(cell, value)
    found = _COMPARE.fullmatch(cell.strip())
    if found is not None:
        sign, text = found.groups()
        if sign in ("=", "!="):
            return _equality(sign, text.strip(), kind)
        limit = _limit(text.strip(), kind)
        if limit is not None:
            return _comparison(sign, limit, kind)
    found = _RANGE.fullmatch(cell.strip())
    if found is not None:
        low, high = (_limit(each.strip(), kind) for each in found.groups())
        if low is not None and high is not None:
            return lambda value: (at := _place(value, kind)) is not None and low <= at <= high
    return _equality("=", cell, kind)


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal; true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)


def _equality(sign: str, text: str, kind: str) -> Holds:
    wanted: Any = text
    if kind == "boolean" and text in ("true", "false"):
        wanted = text == "true"
    elif kind in NUMBERS and _NUMBER.fullmatch(text):
        wanted = float(text)
    day = _limit(text, kind) if kind == "date" else None

    def equal(value: Any) -> bool:
        return _place(value, kind) == day if day is not None else same(wanted, value)

    if sign == "=":
        return equal
    return lambda value: value is not None and not equal(value)


def _comparison(sign: str, limit: float, kind: str) -> Holds:
    def holds(value: Any) -> bool:
        at = _place(value, kind)
        if at is None:
            return False
        match sign:
            case "<":
                return at < limit
            case "<=":
                return at <= limit
            case ">":
                return at > limit
            case _:
                return at >= limit

    return holds


def _limit(text: str, kind: str) -> float | None:
    """Where a limit lies on the line of its column; None where it is no limit."""
    if kind in NUMBERS:
        return float(text) if _NUMBER.fullmatch(text) else None
    return _day(text) if kind == "date" else None


def _place(value: Any, kind: str) -> float | None:
    """Where a fact lies on the line of its column."""
    if kind in NUMBERS and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return _day(value[:10]) if kind == "date" and isinstance(value, str) else None


def _day(text: str) -> float | None:
    try:
        return float(date.fromisoformat(text).toordinal())
    except ValueError:
        return None
