"""Votes through the doors of production: standing, deputies, overseers, the worklist, the records."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cases.errors import Refused
from cases.publishing import Publication
from cases.records.rebuild import rebuild
from cases.records.running import RunningCases
from tests.cases.stage import Stage, ended, shown, staged
from tests.conftest import Namespace

CASE = "ballot:1"
TEXT = """
document: { dsl: '1.0.3', namespace: tests, name: ballot, version: '1.0.0', metadata: { owner: head, start: { key: '1', record: { requester: '${ .requester }' } } } }
do:
  - vote:
      call: approval
      with:
        subject: { title: New rules, version: 2 }
        roster: { role: board }
        rule: { count: 2 }
        due: { days: 3 }
        comment: never
"""
PEOPLE = {
    "ann": {"name": "Ann", "roles": ["board"]},
    "bob": {"name": "Bob", "roles": ["board"]},
    "cid": {"name": "Cid", "roles": ["board"]},
    "dee": {"name": "Dee"},
    "eve": {"name": "Eve", "roles": ["head"]},
}


@asynccontextmanager
async def balloting(namespace: Namespace, folder: Path, **more: Any) -> AsyncIterator[Stage]:
    """A case in which the board votes; Cid is absent and has named Dee."""
    (folder / "ballot").mkdir()
    (folder / "ballot" / "process.yaml").write_text(TEXT)
    today = datetime.now(UTC).date()
    absence = {
        "person": "cid", "delegate": "dee", "from": str(today - timedelta(days=1)),
        "until": str(today + timedelta(days=3)), **more,
    }  # fmt: skip
    async with staged(namespace, folder) as stage, stage.worker():
        organization = {
            "people": PEOPLE, "roles": {"board": {}, "head": {}}, "absences": [absence],
        }  # fmt: skip
        await Publication([folder / "ballot"]).store(stage.bundles, stage.bundles)
        stage.bundles.put_organization(organization)
        await stage.cases.start("ballot", {"requester": {"id": "ann"}}, by="ann")
        await shown(stage, CASE, lambda view: bool(view["rounds"]))
        yield stage


async def listed(stage: Stage, person: str, wanted: Sequence[str]) -> list[str]:
    """Look at a person's worklist until it is as wanted, or long enough."""
    found: list[str] = []
    for _ in range(60):
        page = await stage.cases.worklist(person=person)
        found = [each["id"] for each in page.items]
        if found == list(wanted):
            break
        await asyncio.sleep(0.05)
    return found


async def vote(stage: Stage, seat: str, by: str, **more: Any) -> Any:
    """Vote for a seat."""
    outcome = more.pop("outcome", "approve")
    return await stage.cases.answer(CASE, f"vote:{seat}", outcome, {}, by=by, via="test", **more)


def test_a_board_votes(namespace: Namespace, tmp_path: Path) -> None:
    """The requester has no seat; the deputy of the absent member finds the vote and gives it."""

    async def run() -> None:
        async with balloting(namespace, tmp_path) as stage:
            assert await listed(stage, "bob", ["vote:bob"]) == ["vote:bob"]
            assert await listed(stage, "dee", ["vote:cid"]) == ["vote:cid"]
            assert await listed(stage, "ann", []) == []
            with pytest.raises(Refused, match="there is no work item"):
                await vote(stage, "ann", "ann")
            with pytest.raises(Refused, match="is for bob, not for dee"):
                await vote(stage, "bob", "dee")
            with pytest.raises(Refused, match="must be done by somebody else than ann"):
                await vote(stage, "bob", "ann", reason="in a hurry")

            first = await vote(stage, "cid", "dee", request_id="v-1")
            assert await vote(stage, "cid", "dee", request_id="v-1") == first
            with pytest.raises(Refused, match="dee has voted approve for the seat of cid already"):
                await vote(stage, "cid", "dee", outcome="reject")
            assert await listed(stage, "dee", []) == []
            looked = await rebuild(RunningCases(stage.client), stage.records, only_look=True)
            assert [each for each in looked.differences if each.table == "votes"] == []

            await vote(stage, "bob", "eve", reason="by phone")
            await ended(stage, CASE)
            view = await stage.cases.show(CASE)
            result = view["case"]["results"]["vote"]
            assert (result["decision"], result["version"]) == ("approved", 2)
            assert [(each["seat"], each["by"], each["onBehalfOf"]) for each in result["votes"]] == [
                ("cid", "dee", "cid"), ("bob", "eve", "bob"),
            ]  # fmt: skip
            assert [line["kind"] for line in view["timeline"] if line["kind"] in ("voted", "decided")] == [
                "voted", "voted", "decided",
            ]  # fmt: skip
            [kept] = await _kept(stage, 2)
            assert [(each["by"], each.get("override")) for each in kept["votes"]] == [
                ("dee", None), ("eve", True),
            ]  # fmt: skip

    asyncio.run(run())


def test_an_absence_that_leaves_out_votes(namespace: Namespace, tmp_path: Path) -> None:
    """Dee does Cid's work, and neither finds the vote nor can give it."""

    async def run() -> None:
        async with balloting(namespace, tmp_path, approvals=False) as stage:
            assert await listed(stage, "cid", ["vote:cid"]) == ["vote:cid"]
            assert (await stage.cases.worklist(person="dee")).items == []
            with pytest.raises(Refused, match="is for cid, not for dee"):
                await vote(stage, "cid", "dee")

    asyncio.run(run())


async def _kept(stage: Stage, votes: int) -> Any:
    """The rounds in the records, as soon as they have so many votes."""
    found: Any = []
    for _ in range(60):
        found = await stage.records.rounds(CASE)
        if found and len(found[0]["votes"]) == votes:
            break
        await asyncio.sleep(0.05)
    return found


def test_votes_at_the_same_moment(namespace: Namespace, tmp_path: Path) -> None:
    """Two people vote for one seat at once, many times: one vote counts, the others hear why."""

    async def run() -> None:
        async with balloting(namespace, tmp_path) as stage:
            tried = await asyncio.gather(
                *(vote(stage, "cid", "dee", outcome=each) for each in ("approve", "reject") * 3),
                return_exceptions=True,
            )
            taken = [each for each in tried if isinstance(each, dict)]
            refused = [each for each in tried if isinstance(each, Refused)]
            assert (len(taken), len(refused)) == (1, 5)
            view = await stage.cases.show(CASE)
            [cast] = view["rounds"][0]["votes"]
            assert cast["vote"] == taken[0]["outcome"]

    asyncio.run(run())
