"""Whose turn it is: fair, kept, and one choice after the other."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cases.records.store import RecordStore
from service.assignment import Past, assign
from service.instants import read_instant
from tests.cases.records.samples import MONDAY, at, item, row

PEOPLE = ("ann", "bob", "cai")
ORGANIZATION = {"people": {name: {"groups": ["team"]} for name in PEOPLE}, "groups": {"team": {}}}


def about(number: int, task: str = "work") -> dict[str, Any]:
    """Give what a case says of an item it wants to give to somebody."""
    return {
        "case": f"desk:{number}", "run": "run-1", "item": task, "step": "assigned",
        "definition": "desk", "task": task, "at": at(number),
    }  # fmt: skip


def deciding(strategy: str) -> Any:
    """Give the choice of a strategy in the team."""

    def decide(load: Mapping[str, int], turns: Mapping[str, int]) -> Mapping[str, Any]:
        spec = {"group": "team", "strategy": strategy}
        return assign(ORGANIZATION, spec, {}, MONDAY, Past(load, turns)).to_json()

    return decide


def told(number: int, **facts: Any) -> dict[str, Any]:
    """Give a case that tells of its item."""
    case = f"desk:{number}"
    return {
        "case": case, "row": row(case), "audit": [], "messages": [],
        "items": [item("work", task="work", **facts)],
    }  # fmt: skip


async def opened(file: Path) -> RecordStore:
    """Open the records at a fixed time."""
    store = await RecordStore.open(f"sqlite:///{file}")
    store._now = lambda: MONDAY + timedelta(minutes=5)
    return store


@pytest.mark.parametrize("strategy", ["round-robin", "least-open"])
def test_thirty_cases_at_one_moment_are_spread_evenly(file: Path, strategy: str) -> None:
    """They all ask before any of them has told of its item: nobody gets more than others."""

    async def run() -> Counter[str]:
        store = await opened(file)
        asked = (store.choose(about(number), deciding(strategy)) for number in range(30))
        given = await asyncio.gather(*asked)
        store.close()
        return Counter(each["person"] for each in given)

    assert asyncio.run(run()) == {"ann": 10, "bob": 10, "cai": 10}


def test_a_retry_whose_answer_was_lost_takes_no_second_turn(file: Path) -> None:
    """The same item asks again: it is the same turn."""

    async def run() -> list[str]:
        store = await opened(file)
        decide = deciding("round-robin")
        first = [(await store.choose(about(1), decide))["person"] for _ in range(3)]
        after = (await store.choose(about(2), decide))["person"]
        store.close()
        return [*first, after]

    assert asyncio.run(run()) == ["ann", "ann", "ann", "bob"]


def test_turns_are_counted_by_task(file: Path) -> None:
    """With two tasks in each case nobody always gets the same one of them."""

    async def run() -> list[tuple[str, str]]:
        store = await opened(file)
        found = []
        for number in range(3):
            pair = [
                (await store.choose(about(number, task), deciding("round-robin")))["person"]
                for task in ("triage", "work")
            ]
            found.append((pair[0], pair[1]))
        store.close()
        return found

    assert asyncio.run(run()) == [("ann", "ann"), ("bob", "bob"), ("cai", "cai")]


def test_the_case_tells_the_same_turn_again(file: Path, tmp_path: Path) -> None:
    """What a rebuild writes into empty records leads to the same next choice."""
    turns = [{"step": "assigned", "person": "ann", "number": 1, "at": at(1)}]

    async def run(path: Path) -> str:
        store = await opened(path)
        await store.write(told(1, people=["ann"], turns=turns))
        chosen = await store.choose(about(2), deciding("round-robin"))
        store.close()
        return f"{chosen['person']} {chosen['turn']}"

    assert asyncio.run(run(file)) == asyncio.run(run(tmp_path / "other.db")) == "bob 2"


def test_what_was_delegated_counts_for_who_does_it(file: Path) -> None:
    """The delegate has the work, and both find it in their lists."""

    async def run() -> tuple[Mapping[str, int], list[int]]:
        store = await opened(file)
        lent = {"state": "claimed", "people": ["ann"], "person": "ann", "delegate": "bob"}
        await store.write(told(1, **lent))
        load = await store.open_items_by_person()
        lists = [len((await store.worklist([f"u.{name}"])).items) for name in PEOPLE]
        store.close()
        return load, lists

    load, lists = asyncio.run(run())
    assert load == {"bob": 1}
    assert lists == [1, 1, 0]


def test_turns_of_cases_that_never_came_are_forgotten(file: Path) -> None:
    """They go by their own age; those of running cases stay."""

    async def run() -> int:
        store = await opened(file)
        decide = deciding("round-robin")
        await store.choose(about(1), decide)
        await store.write(told(2, people=["bob"], turns=[
            {"step": "assigned", "person": "bob", "number": 2, "at": at(2)}]))  # fmt: skip
        store._now = lambda: read_instant(at(0)) + timedelta(days=400)
        await store.forget(timedelta(days=365))
        found = await store.choose(about(3), decide)
        store.close()
        return int(found["turn"])

    assert asyncio.run(run()) == 3
