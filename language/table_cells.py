"""Cells of a decision table as `caseway validate` reads them: what they ask, and over which values.

`service.cells` decides by the same cells in a running case; a test holds both together.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

NUMBERS = ("number", "integer", "any")
COMPARISON = re.compile(r"(<=|>=|!=|<|>|=)\s*(\S.*)", re.DOTALL)
RANGE = re.compile(r"(\S.*?)\s*\.\.\s*(\S.*)", re.DOTALL)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)


class Piece(NamedTuple):
    """One thing that a cell asks: a sign and a value, or two of them for a range."""

    sign: str
    """= != < <= > >= or .."""
    value: Any
    high: float = 0.0


class Atom(NamedTuple):
    """Values of a fact that no cell of the column tells apart; one of them stands for all."""

    at: Any
    """A number (of a date column its ordinal), a text, a truth value, or None for missing."""
    said: str


OTHER = "\0"
"""A value that no cell names."""


def column_kind(column: Any) -> str:
    """How the cells of a column are read: listed texts have no order."""
    listed = column_values(column)
    if listed:
        return "any" if all(map(_is_number, listed)) else "string"
    if isinstance(column, Mapping):
        return str(column.get("type") or "any")
    return column if isinstance(column, str) else "any"


def column_values(column: Any) -> list[Any]:
    """The values that a column lists; empty where it holds any of its type."""
    listed = column.get("enum") if isinstance(column, Mapping) else None
    return listed if isinstance(listed, list) else []


def pieces_of(cell: Any, kind: str) -> list[Piece]:
    """What a cell asks: one of these."""
    if isinstance(cell, list):
        return [piece for each in cell for piece in pieces_of(each, kind)]
    if not isinstance(cell, str):
        return [Piece("=", cell)]
    found = COMPARISON.fullmatch(cell.strip())
    if found is not None:
        sign, text = found.group(1), found.group(2).strip()
        if sign in ("=", "!="):
            return [Piece(sign, _literal(text, kind))]
        limit = limit_of(text, kind)
        if limit is not None:
            return [Piece(sign, limit)]
    found = RANGE.fullmatch(cell.strip())
    if found is not None:
        low, high = (limit_of(each.strip(), kind) for each in found.groups())
        if low is not None and high is not None:
            return [Piece("..", low, high)]
    return [Piece("=", _literal(cell, kind))]


def holds(piece: Piece, at: Any) -> bool:
    """Whether a piece holds for an atom."""
    if piece.sign in ("=", "!="):
        equal = _same(piece.value, at)
        return equal if piece.sign == "=" else at is not None and not equal
    if not _is_number(at):
        return False
    match piece.sign:
        case "<":
            return bool(at < piece.value)
        case "<=":
            return bool(at <= piece.value)
        case ">":
            return bool(at > piece.value)
        case ">=":
            return bool(at >= piece.value)
        case _:
            return bool(piece.value <= at <= piece.high)


def atoms_of(column: Any, cells: Iterable[Sequence[Piece]]) -> list[Atom]:
    """The values of a column that its cells tell apart."""
    kind, listed = column_kind(column), column_values(column)
    pieces = [piece for cell in cells for piece in cell]
    missing = [Atom(None, "missing")] if any(piece.value is None for piece in pieces) else []
    if listed:
        return [*(Atom(each, _said(each)) for each in listed), *missing]
    if kind == "boolean":
        return [Atom(True, "true"), Atom(False, "false"), *missing]
    found: list[Atom] = []
    if kind in NUMBERS or kind == "date":
        points = sorted({float(limit) for piece in pieces for limit in _limits(piece)})
        found += _stretches(points, column if isinstance(column, Mapping) else {}, kind)
    if kind not in ("number", "integer", "date"):
        texts = dict.fromkeys(
            piece.value for piece in pieces
            if isinstance(piece.value, str | bool) and not _is_number(piece.value)
        )  # fmt: skip
        found += [Atom(each, _said(each)) for each in texts]
        found.append(Atom(OTHER, "anything else" if texts or found else "anything"))
    return [*found, *missing]


def limit_of(text: str, kind: str) -> float | None:
    """Where a limit lies on the line of its column; None where it is no limit."""
    if kind in NUMBERS:
        return float(text) if _NUMBER.fullmatch(text) else None
    return _day(text) if kind == "date" else None


def _literal(text: str, kind: str) -> Any:
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    limit = limit_of(text, kind)
    return text if limit is None else limit


def _limits(piece: Piece) -> list[float]:
    ends = [piece.value, piece.high] if piece.sign == ".." else [piece.value]
    return [each for each in ends if _is_number(each)]


def _stretches(points: Sequence[float], column: Mapping[str, Any], kind: str) -> Iterator[Atom]:
    """Points and what lies between, below and above them, within the bounds of the column."""
    least, most = (column.get(name) for name in ("minimum", "maximum"))
    ends = [float(each) for each in (*points, least, most) if each is not None] or [0.0]
    if kind in ("integer", "date"):
        near = [int(each) for end in ends for each in (math.floor(end), math.ceil(end))]
        places = {float(each + step) for each in near for step in (-1, 0, 1)}
    else:
        middles = [(one + other) / 2 for one, other in itertools.pairwise(sorted(ends))]
        places = {min(ends) - 1, *ends, *middles, max(ends) + 1}
    for at in sorted(places):
        if (least is None or at >= least) and (most is None or at <= most):
            if kind != "date":
                yield Atom(at, f"{at:g}")
            elif 1 <= at <= date.max.toordinal():
                yield Atom(at, date.fromordinal(int(at)).isoformat())


def _day(text: str) -> float | None:
    try:
        return float(date.fromisoformat(text).toordinal())
    except ValueError:
        return None


def _said(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
