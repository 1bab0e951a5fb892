"""Times how long cases take, many at a time and one after the other, and what they cost."""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

RunOne = Callable[[str], Awaitable[None]]
"""Starts one case with this key and returns at its end."""


@dataclass(frozen=True, slots=True)
class Round:
    """One round of one side."""

    cases_per_second: float
    seconds: tuple[float, ...]
    """How long each case took that ran beside others."""
    lone_seconds: tuple[float, ...]
    """How long each case took that ran alone."""
    cpu_seconds: Mapping[str, float] = field(default_factory=dict)
    """Processor time per case of each process that was watched, while many ran at a time."""

    @property
    def p50(self) -> float:
        """Median of the cases beside others in seconds."""
        return statistics.median(self.seconds)

    @property
    def p95(self) -> float:
        """Nineteen of twenty cases beside others took no longer, in seconds."""
        return sorted(self.seconds)[max(0, -(-len(self.seconds) * 95 // 100) - 1)]

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


async def run_round(
    run_one: RunOne,
    name: str,
    *,
    cases: int,
    at_a_time: int,
    lone: int,
    watched: Mapping[str, int] | None = None,
) -> Round:
    """Run `cases` cases, `at_a_time` of them open at any moment, then `lone` ones alone.

    `watched` names processes by their id, whose processor time is taken.
    """
    slots = asyncio.Semaphore(at_a_time)
    taken: list[float] = []

    async def one(key: str) -> float:
        begun = time.perf_counter()
        await run_one(key)
        return time.perf_counter() - begun

    async def beside(number: int) -> None:
        async with slots:
            taken.append(await one(f"{name}-{number}"))

    before = {each: cpu_seconds(pid) for each, pid in (watched or {}).items()}
    started = time.perf_counter()
    await asyncio.gather(*(beside(number) for number in range(cases)))
    spent = time.perf_counter() - started
    cost = {
        each: (cpu_seconds(pid) - before[each]) / cases for each, pid in (watched or {}).items()
    }
    alone = [await one(f"{name}-lone-{number}") for number in range(lone)]
    return Round(cases / spent, tuple(taken), tuple(alone), cost)


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used so far; nan where the system does not tell (no /proc)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return float("nan")
    # Fields 14 and 15 of proc(5), user and system time: the name, field 2, was cut off with all before it.
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
