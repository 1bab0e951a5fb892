"""Bookings: made once, by one of several at a time, and given back with their case."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cases.records.projections import Ending
from cases.records.rebuild import rebuild
from cases.records.store import RecordStore
from tests.cases.records.samples import MONDAY, at, closed, dump, told, using, writing_all
from tests.cases.records.test_rebuild import Shown, view

Booking = Mapping[str, Any]
BEGIN, END = MONDAY, MONDAY + timedelta(hours=2)


def booking(case: str = "change:1", name: str = "b1", begin: float = 0, **more: Any) -> Booking:
    """Give a booking of two hours."""
    return {
        "id": name, "case": case, "title": "Upgrade", "assets": ["router"], "people": [],
        "from": at(begin), "to": at(begin + 120), "conflicts": [], **more,
    }  # fmt: skip


def alone(made: Booking) -> Callable[[Sequence[Booking]], Booking | None]:
    """Let a booking be where there is no other."""
    return lambda others: None if others else made


async def book(
    store: RecordStore, made: Booking, number: int = 1, run: str = "run-1", begin: datetime = BEGIN
) -> Booking | None:
    """Book."""
    return await store.book(
        made["case"], run, made["id"], number, begin, begin + timedelta(hours=2), alone(made)
    )


def taken(file: Path) -> list[str]:
    """Give the ids of what is booked and not given back."""
    return [each["booking"] for each in dump(file)["bookings"] if not each["released"]]


def test_the_second_of_two_sees_the_first(file: Path) -> None:
    """One asset at one time is booked once; the other case is told what is in its way."""

    async def act(store: RecordStore) -> list[Any]:
        first = await book(store, booking("change:1", "b1"))
        second = await book(store, booking("change:2", "b2"))
        return [first, second, await store.bookings_between(BEGIN, END, without="change:2")]

    first, second, seen = using(file, act)

    assert (first, second) == (booking(), None)
    assert seen == [booking()]
    assert taken(file) == ["b1"]


@pytest.mark.parametrize(("minutes", "free"), [(119, False), (120, True), (-120, True), (-119, False)])  # fmt: skip
def test_times_are_half_open(file: Path, minutes: int, free: bool) -> None:
    """Who begins when another one ends is in nobody's way."""

    async def act(store: RecordStore) -> Booking | None:
        await book(store, booking("change:1", "b1"))
        return await book(
            store, booking("change:2", "b2", minutes), begin=BEGIN + timedelta(minutes=minutes)
        )

    assert (using(file, act) is not None) == free


def test_the_same_booking_again_changes_nothing(file: Path) -> None:
    """An action that is tried again finds what it has made, whatever has come since."""

    async def act(store: RecordStore) -> Booking | None:
        await book(store, booking(conflicts=[{"kind": "freeze"}]))
        before = dump(file, written=True)
        again = await book(store, booking(title="Another"))
        assert dump(file, written=True) == before
        return again

    assert using(file, act) == booking(conflicts=[{"kind": "freeze"}])


def test_a_new_booking_replaces_the_old_one_and_never_the_other_way(file: Path) -> None:
    """A case has one; an attempt that comes late takes nothing back."""

    async def act(store: RecordStore) -> Booking | None:
        await book(store, booking(name="b1"), 1)
        await book(store, booking(name="b3"), 3)
        return await book(store, booking(name="b2"), 2)

    assert using(file, act) is None
    assert taken(file) == ["b3"]


def test_what_was_given_back_stays_given_back(file: Path) -> None:
    """An attempt that ends after its case has let go of the booking does not make it again."""

    async def act(store: RecordStore) -> None:
        gone = {"id": "b1", "case": "change:1", "number": 1, "released": True}
        await store.write({**told("change:1", 5), "bookings": [gone]})
        await book(store, booking())

    using(file, act)

    assert taken(file) == []


def test_a_case_that_has_ended_books_nothing_any_more(file: Path) -> None:
    """Neither late nor with what it never heard of."""

    async def act(store: RecordStore) -> bool:
        await book(store, booking())
        await store.write(closed("change:1"))
        await book(store, booking(name="b2"), 2)
        return await book(store, booking("change:2", "b3")) is not None

    assert using(file, act)
    assert taken(file) == ["b3"]


def test_a_later_case_of_the_same_id_books_for_itself(file: Path) -> None:
    """An id is used again once its case has closed; the number of the one before counts no more."""

    async def act(store: RecordStore) -> None:
        await book(store, booking(name="b7"), 7)
        await store.write(closed("change:1"))
        await book(store, booking(name="b1"), 1, run="run-2")

    using(file, act)

    assert taken(file) == ["b1"]


def test_terminated_cases_give_everything_back(file: Path) -> None:
    """Who is terminated tells nobody; the sweep ends it, and its assets are free."""

    async def act(store: RecordStore) -> None:
        await store.write(told("change:1"))
        await book(store, booking())
        await store.end("change:1", "run-1", Ending("terminated", MONDAY))

    using(file, act)

    assert taken(file) == []


def test_giving_back_is_for_what_is_there(file: Path) -> None:
    """Twice is once; what the case has never booked is said."""

    async def act(store: RecordStore) -> list[bool]:
        await book(store, booking())
        return [
            await store.release_booking("change:1", "run-1", name) for name in ("b1", "b1", "b9")
        ]

    assert using(file, act) == [True, True, False]
    assert taken(file) == []


def test_lost_bookings_come_back_with_the_records(fresh: Callable[[], Path]) -> None:
    """`records rebuild` makes them again from the cases, and says so; then nothing differs."""
    standing = {**booking(), "number": 2, "released": False}
    replaced = {**booking(name="b0"), "number": 1, "released": True}
    one = {**told("change:1", 4), "bookings": [replaced, standing]}
    kept, lost = fresh(), fresh()

    async def as_it_went(store: RecordStore) -> None:
        await book(store, booking(name="b0"), 1)
        await book(store, booking(), 2)
        await store.write(one)

    using(kept, as_it_went)
    shown = Shown({"change:1": {**view(one), "bookings": one["bookings"]}})
    report = using(lost, lambda store: rebuild(shown, store))

    assert {each.table for each in report.differences} == {"cases", "events", "bookings"}
    assert dump(lost) == dump(kept)
    for file in (kept, lost):
        assert using(file, lambda store: rebuild(shown, store)).equal


def test_a_booking_that_its_case_has_not_told_yet_is_no_difference(file: Path) -> None:
    """The action has written it a moment before the case hears of it."""
    one = told("change:1", 4)

    async def act(store: RecordStore) -> bool:
        await store.write(one)
        await book(store, booking())
        return (await rebuild(Shown({"change:1": view(one)}), store)).equal

    assert using(file, act)
    assert taken(file) == ["b1"]


def test_bookings_of_forgotten_and_erased_cases_go_with_them(fresh: Callable[[], Path]) -> None:
    """No title and no person stays behind."""
    over = {
        **closed("change:1", requester={"id": "amy"}),
        "bookings": [{**booking(people=["amy"]), "number": 1, "released": True}],
    }
    forgotten, erased = fresh(), fresh()
    for file in (forgotten, erased):
        using(file, writing_all(over))

    def later() -> datetime:
        return MONDAY + timedelta(days=90)

    using(forgotten, lambda store: store.forget(timedelta(days=30)), later)
    using(erased, lambda store: store.erase(["amy"]), later)

    assert dump(forgotten)["bookings"] == []
    (row,) = dump(erased)["bookings"]
    assert "amy" not in str(row)
    assert row["title"] is None


RACER = """
import asyncio, sys
from datetime import timedelta
from cases.records.store import RecordStore
from tests.cases.records.samples import MONDAY
from tests.cases.records.test_bookings import alone, booking

async def main(file, who):
    store = await RecordStore.open(f"sqlite:///{file}")
    sys.stdin.readline()
    won = 0
    for hour in range(40):
        begin = MONDAY + timedelta(hours=2 * hour)
        made = booking(f"change:{who}-{hour}", f"b{who}-{hour}", 120 * hour)
        won += await store.book(
            made["case"], "run-1", made["id"], 1, begin, begin + timedelta(hours=2), alone(made)
        ) is not None
    print(won)

asyncio.run(main(*sys.argv[1:]))
"""


def test_processes_at_once_never_both_get_it(file: Path) -> None:
    """Two workers race for forty times of one asset: each goes to exactly one of them."""
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, str(file), who],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for who in ("x", "y")
    ]  # fmt: skip
    for each in racers:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    won = [int(each.communicate(timeout=100)[0]) for each in racers]

    assert sum(won) == 40
    assert len(taken(file)) == 40
