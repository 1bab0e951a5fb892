"""What cases tell at their end is kept in batches, whatever the records say first."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from cases.errors import RecordsUnavailable
from cases.records import endings
from cases.records.endings import Endings, keeping_endings


class Kept:
    """Records that are away for the first `failing` writes."""

    def __init__(self, failing: int = 0) -> None:
        self.failing = failing
        self.batches: list[list[str]] = []

    async def write_all(self, payloads: Sequence[Any]) -> None:
        """Keep a batch, or fail as the real ones do."""
        if self.failing:
            self.failing -= 1
            raise RecordsUnavailable("records.db", "the disk is away")
        self.batches.append([each["case"] for each in payloads])
        await asyncio.sleep(0)

    @property
    def all(self) -> list[str]:
        """Everything that was kept, in order."""
        return [case for batch in self.batches for case in batch]


def _tell(endings: Endings, numbers: range) -> None:
    for number in numbers:
        endings.take({"case": f"c:{number}"})


def test_what_threads_hand_over_is_kept_before_the_way_out() -> None:
    """In order, and not one transaction each."""
    kept = Kept()

    async def scene() -> None:
        async with keeping_endings(kept) as told:
            await asyncio.to_thread(_tell, told, range(100))

    asyncio.run(scene())

    assert kept.all == [f"c:{number}" for number in range(100)]
    assert len(kept.batches) < 10


def test_a_write_that_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What came meanwhile waits, and nothing is kept twice."""
    monkeypatch.setattr(endings, "PAUSE_SECONDS", 0.01)
    kept = Kept(failing=3)

    async def scene() -> None:
        async with keeping_endings(kept) as told:
            _tell(told, range(3))
            while kept.failing:
                await asyncio.sleep(0.005)
            _tell(told, range(3, 5))
            while len(kept.all) < 5:
                await asyncio.sleep(0.005)

    asyncio.run(scene())

    assert kept.all == [f"c:{number}" for number in range(5)]


def test_records_that_are_away_keep_no_worker_from_stopping() -> None:
    """One more attempt at the end; the sweep finds what is lost."""
    kept = Kept(failing=1000)

    async def scene() -> None:
        async with keeping_endings(kept) as told:
            _tell(told, range(3))

    asyncio.run(asyncio.wait_for(scene(), 10))

    assert kept.all == []


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the records are away for hours, the first ones wait and the others are left to the sweep."""
    monkeypatch.setattr(endings, "MOST_WAITING", 4)
    monkeypatch.setattr(endings, "PAUSE_SECONDS", 0.01)
    kept = Kept(failing=2)

    async def scene() -> None:
        async with keeping_endings(kept) as told:
            _tell(told, range(10))

    asyncio.run(scene())

    assert len(kept.all) <= 4
