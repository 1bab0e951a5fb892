"""What one evaluation may cost, counted in steps so that it is the same on every machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from language.expressions.errors import ExpressionError


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits of one evaluation.

    `steps`: loop rounds, calls and values touched. `size`: values and characters of the outputs,
    counted as if written out, so that shared parts count each time. `depth`: nesting of calls that
    are not in tail position. `outputs`: how many outputs there may be. `nesting`: how deep an output
    may nest; what stores and sends values follows them by recursion.
    """

    steps: int = 50_000
    size: int = 500_000
    depth: int = 3_000
    outputs: int = 10_000
    nesting: int = 400


class Meter:
    """Counts down the steps of one evaluation."""

    __slots__ = ("depth", "left", "steps", "written")

    def __init__(self, budget: Budget) -> None:
        self.steps = budget.steps
        self.left = budget.steps
        self.depth = budget.depth
        self.written = 0

    def charge(self, steps: int) -> None:
        """Takes steps; raises when there are none left."""
        self.left -= steps
        if self.left < 0:
            raise exhausted(self)

    @property
    def used(self) -> int:
        """Steps taken so far."""
        return self.steps - self.left

    @property
    def cost(self) -> int:
        """Steps taken, and what it took to look through the outputs."""
        return self.used + (self.written >> 2)


def exhausted(meter: Meter) -> ExpressionError:
    """The error for an evaluation that took too many steps."""
    return ExpressionError(
        f"took more than {meter.steps:,} steps; read less data or split the expression",
        kind="budget",
    )


def too_deep() -> ExpressionError:
    """The error for calls or values nested beyond the limit."""
    return ExpressionError("calls are nested too deeply; use reduce or a loop", kind="budget")


def measure(value: Any, limit: int) -> int:
    """Units of a value as if written out: one per value, plus one per 16 characters of text.

    Stops counting past `limit`, so that a small value which shares its parts cannot take long.
    """
    total = 0
    stack = [value]
    pop = stack.pop
    while stack:
        item = pop()
        kind = item.__class__
        if kind is dict:
            total += len(item) + 1
            for key in item:
                if len(key) > 16:
                    total += len(key) >> 4
            if total > limit:
                return total
            stack.extend(item.values())
        elif kind is list:
            total += 1
            if total + len(item) > limit:
                return total + len(item)
            stack.extend(item)
        elif kind is str:
            total += 1 + (len(item) >> 4)
            if total > limit:
                return total
        else:
            total += 1
            if total > limit:
                return total
    return total
