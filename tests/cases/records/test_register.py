"""The improvement register in the records: once by its key, together, and as long as it is needed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cases.records.store import RecordStore
from service.register import new_entry, updated
from tests.cases.records.samples import MONDAY, closed, told, using, writing_all

DAY = timedelta(days=1)


def entry(name: str = "i1", case: str = "improvement:1", **more: Any) -> dict[str, Any]:
    """Give an entry."""
    return new_entry({"title": "Shorter waits", **more}, name, case, MONDAY)


async def enter(store: RecordStore, made: Mapping[str, Any]) -> None:
    """Put an entry in."""
    await store.add_improvement(made["case"], "run-1", made)


async def set_status(
    store: RecordStore, status: str, key: str, name: str = "i1", at: datetime = MONDAY, **more: Any
) -> Mapping[str, Any] | None:
    """Change an entry."""
    return await store.change_improvement(
        name, lambda known: updated(known, {"status": status, **more}, key, "c", at)
    )


def test_an_entry_stands_as_it_was_entered(file: Path) -> None:
    """The same again, from a late attempt, takes nothing back."""

    async def act(store: RecordStore) -> Any:
        await enter(store, entry(owner={"role": "lead"}, source="survey"))
        await set_status(store, "doing", "k1")
        await enter(store, entry(title="Another"))
        return await store.improvements()

    (found,) = using(file, act)

    assert (found["title"], found["status"], found["source"], found["owner"], found["case"]) == (
        "Shorter waits", "doing", "survey", {"role": "lead"}, "improvement:1",
    )  # fmt: skip


def test_entries_are_listed_oldest_first_by_status(file: Path) -> None:
    """Several statuses are any of them; an entry that is not there is not changed."""

    async def act(store: RecordStore) -> Any:
        for name in ("i2", "i1", "i3"):
            await enter(store, entry(name))
        await set_status(store, "done", "k1", "i2")
        await set_status(store, "doing", "k2", "i3")
        asked: list[tuple[str, ...]] = [(), ("done", "doing"), ("dropped",)]
        names = [[each["id"] for each in await store.improvements(one)] for one in asked]
        return names, await set_status(store, "done", "k3", "i9")

    names, missing = using(file, act)

    assert names == [["i1", "i2", "i3"], ["i2", "i3"], []]
    assert missing is None


def test_changes_at_one_moment_are_all_kept(file: Path) -> None:
    """None is made from what the other one has just replaced."""

    async def act(store: RecordStore) -> Any:
        await enter(store, entry())
        await asyncio.gather(*(set_status(store, "doing", f"k{each}") for each in range(20)))
        await asyncio.gather(*(set_status(store, "doing", f"k{each}") for each in range(20)))
        return await store.improvements()

    (found,) = using(file, act)

    assert sorted(each["key"] for each in found["acts"]) == sorted(f"k{each}" for each in range(20))


def test_an_entry_outlives_its_case_while_others_work_on_it(file: Path) -> None:
    """It is forgotten once its case is, and nobody has touched it for as long."""
    now = MONDAY

    async def act(store: RecordStore) -> list[int]:
        nonlocal now
        for case in ("improvement:1", "improvement:2", "improvement:3"):
            await enter(store, entry(case[-1], case))
            await store.write(told(case) if case.endswith("3") else closed(case))
        now = MONDAY + 80 * DAY
        await set_status(store, "checking", "k1", "1", now)
        left = []
        for days in (90, 120):
            now = MONDAY + days * DAY
            await store.forget(30 * DAY)
            left.append([each["id"] for each in await store.improvements()])
        return left

    assert using(file, act, lambda: now) == [["1", "3"], ["3"]]


def test_who_is_erased_stands_in_no_entry(file: Path) -> None:
    """What was measured stays; entries of running cases wait for their end, as everything does."""

    async def act(store: RecordStore) -> Any:
        await enter(store, entry("a", "improvement:1", owner="amy", source="suggested by amy"))
        await enter(store, entry("b", "improvement:2", owner="amy"))
        await enter(store, entry("c", "gone:1", owner={"person": "amy"}))
        await enter(store, entry("d", "improvement:3", kpi="backlog", target=3, source="a mail"))
        await set_status(store, "doing", "k1", "d", reason="he said so")
        await store.write(closed("improvement:1"))
        await store.write(told("improvement:2"))
        await store.write(closed("improvement:3", requester={"id": "amy"}))
        erased = await store.erase(["amy"])
        return erased, {each["id"]: each for each in await store.improvements()}

    erased, found = using(file, act)

    assert erased.running == ("improvement:2",)
    assert (found["a"]["owner"], found["a"]["source"]) == ("erased", "suggested by erased")
    assert found["b"]["owner"] == "amy"
    assert found["c"]["owner"] == {"person": "erased"}
    assert (found["d"]["title"], found["d"]["source"], found["d"]["target"]) == (None, None, 3)
    assert found["d"]["acts"][0]["reason"] is None


def test_an_erased_entry_can_still_be_changed(file: Path) -> None:
    """Another case may be measuring it."""
    using(file, writing_all(closed("improvement:1", requester={"id": "amy"})))

    async def act(store: RecordStore) -> Any:
        await enter(store, entry())
        await store.erase(["amy"])
        return await set_status(store, "done", "k1")

    assert using(file, act)["status"] == "done"
    (found,) = using(file, lambda store: store.improvements())
    assert (found["status"], found["title"]) == ("done", None)
