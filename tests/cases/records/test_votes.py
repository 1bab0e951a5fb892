"""Votes in the records: kept with their round, made again from the case, erased and forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cases.records.rebuild import rebuild
from cases.records.store import RecordStore
from tests.cases.records.samples import at, closed, dump, item, told, using, writing_all
from tests.cases.records.test_rebuild import Shown, view


def vote(name: str, seat: str = "lin", **more: Any) -> dict[str, Any]:
    """Give a vote as a case tells it."""
    return {
        "id": name, "seat": seat, "by": seat, "onBehalfOf": None, "vote": "approve",
        "comment": None, "at": at(5), "via": "link", **more,
    }  # fmt: skip


def voting(*votes: Mapping[str, Any], earlier: Any = (), **more: Any) -> dict[str, Any]:
    """Give a round as a case tells it."""
    return {"id": "vote", "task": "vote", "votes": list(votes), "earlier": list(earlier), **more}


def seat(person: str, **more: Any) -> dict[str, Any]:
    """Give the work item of a seat."""
    approval = {"round": "vote", "seat": person, "version": 1, "delegates": "once", **more}
    return item(f"vote:{person}", groups=[], people=[person], exclude=[], approval=approval)


def ask(store: RecordStore) -> Any:
    """Ask for the rounds of the case."""
    return store.rounds("desk:1")


FIRST = vote("v1", comment="fine")
CHANGED = vote("v2", vote="reject", by="chen", onBehalfOf="lin", override=True, at=at(6))


def test_votes_are_kept_with_who_gave_them(file: Path) -> None:
    """Of a revocable round also the vote that was changed; each once, however often it is told."""

    async def act(store: RecordStore) -> Any:
        await store.write({**told(n=1), "rounds": [voting(FIRST)]})
        newest = {**told(n=2), "rounds": [voting(CHANGED, earlier=[FIRST])]}
        for _ in range(2):
            await store.write(newest)
        await store.write({**told(n=1), "rounds": [voting(FIRST)]})
        return await ask(store)

    assert using(file, act) == [voting(CHANGED, earlier=[FIRST])]


def test_votes_of_a_running_case_are_made_again(file: Path) -> None:
    """From what the case tells; a vote that a reset has taken back goes."""
    running = {**told(n=3), "rounds": [voting(FIRST)]}
    shown = Shown({"desk:1": {**view(running), "rounds": running["rounds"]}})

    async def act(store: RecordStore) -> Any:
        await store.write({**told(n=2), "rounds": [voting(vote("v9", "wu"))]})
        differences = [await rebuild(shown, store), await rebuild(shown, store, only_look=True)]
        return differences, await ask(store)

    (first, second), kept = using(file, act)
    about_votes = [each.key["vote"] for each in first.differences if each.table == "votes"]
    assert sorted(about_votes) == ["v1", "v9"]
    assert second.differences == ()
    assert kept == [voting(FIRST)]


def test_a_person_is_erased_from_votes(file: Path) -> None:
    """Who voted is erased, that there was a vote stays."""

    async def act(store: RecordStore) -> Any:
        await store.write({**closed(), "rounds": [voting(vote("v1", comment="lin said no"))]})
        await store.erase(["lin"])
        return await ask(store)

    [shown] = using(file, act)
    assert shown["votes"] == [
        vote("v1", seat="erased", comment="erased said no")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("who", "found"),
    [
        (["u.lin"], ["vote:lin"]),
        (["u.chen"], []),
        (["u.chen", "d.lin"], ["vote:lin"]),
        (["u.chen", "d.wu"], []),
    ],
)
def test_votes_on_the_worklist(file: Path, who: list[str], found: list[str]) -> None:
    """A member's own, and those of absent members; not where a round has no deputies."""

    async def act(store: RecordStore) -> Any:
        await store.write(told(items=[seat("lin"), seat("wu", delegates="none")]))
        return await store.worklist(who)

    shown = using(file, act).items
    assert [each["id"] for each in shown] == found
    assert {each["kind"] for each in shown} <= {"approval"}


def test_votes_are_forgotten_with_their_case(file: Path) -> None:
    """Nothing of a case stays when its time is over."""
    using(file, writing_all({**closed(), "rounds": [voting(FIRST)]}))
    assert len(dump(file)["votes"]) == 1

    using(file, lambda store: store.forget(timedelta(0)))
    assert dump(file)["votes"] == []
