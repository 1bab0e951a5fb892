"""The arithmetic behind the figures of `make bench`."""

from __future__ import annotations

import asyncio
import math
import os
from pathlib import Path

import pytest

from bench.measure import Round, Spread, cpu_seconds, run_round


def test_round_runs_every_case_once_within_its_limit() -> None:
    """No case is left out or doubled, and never more are open than asked for."""
    open_now = 0
    most = 0
    keys: list[str] = []

    async def run_one(key: str) -> None:
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        await asyncio.sleep(0)
        keys.append(key)
        open_now -= 1

    result = asyncio.run(run_round(run_one, "r1", cases=12, at_a_time=4, lone=3))

    assert most == 4
    assert len(keys) == len(set(keys)) == 15
    assert len(result.seconds) == 12
    assert len(result.lone_seconds) == 3


def test_p95_is_the_slowest_but_one_of_twenty() -> None:
    """A single slow case of twenty does not make the figure."""
    taken = Round(1.0, tuple(float(each) for each in range(1, 21)), (1.0,))

    assert (taken.p50, taken.p95) == (10.5, 19.0)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="this system has no /proc")
def test_processor_time_of_a_process_grows_with_its_work() -> None:
    """Work of a process counts, and a process that is gone has no figure."""
    before = cpu_seconds(os.getpid())
    while cpu_seconds(os.getpid()) == before:
        sum(range(10_000))

    assert math.isnan(cpu_seconds(2**22 + 1))


def test_spread_shows_median_and_both_ends() -> None:
    """One noisy round moves an end, not the figure."""
    assert Spread.of([3.0, 1.0, 20.0]).show(1, "cases/s") == "3.0 cases/s [1.0 .. 20.0]"
