"""Whether the rows of a decision table leave gaps, overlap, or can never apply.

Exact over all facts: each input is cut into the values that its cells tell apart, and the rows that
are left are followed from input to input. Two facts that leave the same rows are one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from language.table_cells import Atom, atoms_of, column_kind, holds, pieces_of

MOST_STEPS = 100_000
"""A table that needs more is not proven to be complete."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Facts for which no row applies, in words."""

    facts: str


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two rows, from 0, that apply at once, and to what."""

    first: int
    second: int
    facts: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A row, from 0, that never decides: rows before take all of it, or its input cannot hold."""

    row: int
    taken_by: tuple[int, ...]
    impossible: str | None
    """The input whose condition no value meets."""


@dataclass(slots=True)
class Analysis:
    """What is wrong with the rows. `proven` is False where the table is too large to tell."""

    gap: Gap | None = None
    overlaps: list[Overlap] = field(default_factory=list)
    unreachable: list[Unreachable] = field(default_factory=list)
    proven: bool = True


@dataclass(slots=True)
class _Column:
    name: str
    atoms: list[Atom]
    masks: list[int]
    """Which rows hold for each atom, a bit each."""


def analyse(inputs: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], hit: str) -> Analysis:
    """Look at the rows: `inputs` as the table declares them, each row as its `when`."""
    columns = [_column(name, inputs[name], rows) for name in inputs]
    found = Analysis()
    search = _Search(columns, len(rows), first=hit == "first")
    search.run()
    found.proven = search.steps <= MOST_STEPS
    if hit != "collect":
        found.gap = search.gap
    if hit == "unique":
        found.overlaps = [
            Overlap(one, other, facts)
            for other in range(len(rows))
            for one in range(other)
            if (facts := _in_common(columns, one, other)) is not None
        ]
    for row in range(len(rows)):
        impossible = next(
            (each.name for each in columns if not any(mask >> row & 1 for mask in each.masks)), None
        )
        if impossible is not None:
            found.unreachable.append(Unreachable(row, (), impossible))
        elif hit == "first" and found.proven and not search.reached >> row & 1:
            takers = tuple(
                each for each in range(row) if _in_common(columns, each, row) is not None
            )
            found.unreachable.append(Unreachable(row, takers, None))
    return found


def _column(name: str, column: Any, rows: Sequence[Mapping[str, Any]]) -> _Column:
    kind = column_kind(column)
    cells = [pieces_of(row[name], kind) if name in row else None for row in rows]
    atoms = atoms_of(column, [cell for cell in cells if cell is not None])
    masks = [
        sum(
            1 << number
            for number, cell in enumerate(cells)
            if cell is None or any(holds(piece, atom.at) for piece in cell)
        )
        for atom in atoms
    ]
    return _Column(name, atoms, masks)


def _in_common(columns: Sequence[_Column], one: int, other: int) -> str | None:
    """Facts to which both rows apply, in words; None where there are none."""
    wanted = 1 << one | 1 << other
    chosen: list[str] = []
    for column in columns:
        for atom, mask in zip(column.atoms, column.masks, strict=True):
            if mask & wanted == wanted:
                chosen.append(f"{column.name} {atom.said}")
                break
        else:
            return None
    return ", ".join(chosen)


class _Search:
    """Follows the rows that are left from input to input."""

    def __init__(self, columns: Sequence[_Column], rows: int, *, first: bool) -> None:
        self._columns = columns
        self._first = first
        self._seen: set[tuple[int, int]] = set()
        self._path: list[str] = []
        self._rows = rows
        everything = (1 << rows) - 1
        self._certain = [everything]
        """Which rows hold whatever the inputs from here on are."""
        for column in reversed(columns):
            certain = self._certain[0]
            for mask in column.masks:
                certain &= mask
            self._certain.insert(0, certain)
        self.reached = 0
        self.gap: Gap | None = None
        self.steps = 0

    def run(self) -> None:
        """Look at all facts, as far as there is time."""
        self._visit(0, (1 << self._rows) - 1)

    def _visit(self, at: int, live: int) -> None:
        certain = live & self._certain[at]
        if self._first and certain:
            # What stands behind a row that holds in any case is never looked at.
            live &= ((certain & -certain) << 1) - 1
        if (at, live) in self._seen or self.steps > MOST_STEPS:
            return
        self._seen.add((at, live))
        self.steps += 1
        if not live:
            if self.gap is None:
                rest = [
                    f"{each.name} {each.atoms[0].said}" for each in self._columns[at:] if each.atoms
                ]
                self.gap = Gap(", ".join([*self._path, *rest]))
            return
        if at == len(self._columns):
            self.reached |= live & -live
            return
        if certain and not self._first:
            # It is complete from here on, and overlaps are looked for two by two.
            return
        column = self._columns[at]
        for atom, mask in zip(column.atoms, column.masks, strict=True):
            self._path.append(f"{column.name} {atom.said}")
            self._visit(at + 1, live & mask)
            self._path.pop()
