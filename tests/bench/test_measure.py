"""The arithmetic behind the figures of `make bench`."""

from __future__ import annotations

import asyncio

from bench.measure import Spread, run_round


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
    assert len(result.lone_seconds) == 3


def test_spread_shows_median_and_both_ends() -> None:
    """One noisy round moves an end, not the figure."""
    assert Spread.of([3.0, 1.0, 20.0]).show(1, "cases/s") == "3.0 cases/s [1.0 .. 20.0]"
