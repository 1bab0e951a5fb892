"""The table of the score, for people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.mutations.judge import Judged


@dataclass(slots=True)
class Tally:
    """How many of some mutants were found, on the right line, with the right hint."""

    all: int = 0
    found: int = 0
    line: int = 0
    hint: int = 0

    def add(self, found: bool, line: bool, hint: bool) -> None:
        """Count one."""
        self.all += 1
        self.found += found
        self.line += line
        self.hint += hint

    def shares(self) -> tuple[float, float, float]:
        """Found, right line, right hint, of all, between 0 and 1."""
        whole = self.all or 1
        return self.found / whole, self.line / whole, self.hint / whole


def tally(judged: Iterable[Judged]) -> Tally:
    """Count them all."""
    total = Tally()
    for each in judged:
        total.add(each.found, each.line, each.hint)
    return total


def by_kind(judged: Iterable[Judged]) -> dict[str, Tally]:
    """Count them by kind of damage and place."""
    found: dict[str, Tally] = defaultdict(Tally)
    for each in judged:
        found[each.kind].add(each.found, each.line, each.hint)
    return dict(sorted(found.items()))


def rows(judged: Sequence[Judged]) -> list[str]:
    """The lines of the table, the sum last."""
    lines = [_row(kind, counted) for kind, counted in by_kind(judged).items()]
    return [*lines, _row("**all**", tally(judged))]


def table(title: str, lines: Iterable[str]) -> str:
    """A table in Markdown."""
    head = f"| {title} | Mutants | Found | Right line | Right hint |"
    return "\n".join([head, "| --- | ---: | ---: | ---: | ---: |", *lines])


def _row(name: str, counted: Tally) -> str:
    found, line, hint = (f"{100 * share:.1f} %" for share in counted.shares())
    return f"| {name} | {counted.all:,} | {found} | {line} | {hint} |"


def one_row(name: str, counted: Tally) -> str:
    """A line of its own."""
    return _row(name, counted)
