"""Times how long cases take, many at a time and one after the other."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

RunOne = Callable[[str], Awaitable[None]]
"""Starts one case with this key and returns at its end."""


@dataclass(frozen=True, slots=True)
class Round:
    """One round of one side."""

    cases_per_second: float
    lone_seconds: tuple[float, ...]
    """How long each case took that ran alone."""

    @property
    def lone_p50(self) -> float:
        """Median of the lone cases in seconds."""
        return statistics.median(self.lone_seconds)


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over all rounds."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Summarize the rounds' values."""
        return cls(statistics.median(values), min(values), max(values))

    def show(self, digits: int, unit: str) -> str:
        """Return the median and, in brackets, the lowest and the highest."""
        figure = f"{self.median:.{digits}f} {unit}".rstrip()
        return f"{figure} [{self.low:.{digits}f} .. {self.high:.{digits}f}]"


async def run_round(run_one: RunOne, name: str, *, cases: int, at_a_time: int, lone: int) -> Round:
    """Run `cases` cases, `at_a_time` of them open at any moment, then `lone` ones alone."""
    slots = asyncio.Semaphore(at_a_time)

    async def one(number: int) -> None:
        async with slots:
            await run_one(f"{name}-{number}")

    started = time.perf_counter()
    await asyncio.gather(*(one(number) for number in range(cases)))
    spent = time.perf_counter() - started
    alone: list[float] = []
    for number in range(lone):
        begun = time.perf_counter()
        await run_one(f"{name}-lone-{number}")
        alone.append(time.perf_counter() - begun)
    return Round(cases / spent, tuple(alone))
