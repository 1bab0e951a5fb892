"""Records of open cases, made again from what the cases tell."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cases.errors import CaseNotFound, ServerUnavailable, WorkerSilent
from cases.records.projections import Ending
from cases.records.rebuild import Rebuilt, rebuild
from cases.records.store import RecordStore
from tests.cases.records.samples import (
    MONDAY,
    at,
    closed,
    dump,
    item,
    line,
    row,
    told,
    using,
    writing_all,
)


def view(projection: Mapping[str, Any]) -> dict[str, Any]:
    """Give what `show` answers where a case has told this much so far."""
    shown = {
        "row": projection["row"],
        "items": projection["items"],
        "timeline": projection["audit"],
        "messages": projection["messages"],
    }
    return copy.deepcopy(
        shown | ({"ended": projection["closed"]} if "closed" in projection else {})
    )


@dataclass
class Shown:
    """Cases at a server that is not there."""

    views: dict[str, dict[str, Any]] = field(default_factory=dict)
    over: dict[tuple[str, str], Ending] = field(default_factory=dict)
    unlisted: set[str] = field(default_factory=set)
    failing: dict[str, Exception] = field(default_factory=dict)

    async def open_cases(self) -> AsyncIterator[str]:
        for case in [*self.views, *self.failing]:
            if "ended" not in self.views.get(case, {}) and case not in self.unlisted:
                yield case

    async def show(self, case: str) -> Mapping[str, Any]:
        if case in self.failing:
            raise self.failing[case]
        if case not in self.views:
            raise CaseNotFound(case)
        return self.views[case]

    async def ending(self, case: str, run: str) -> Ending | None:
        return self.over.get((case, run))


ONE = told(
    "desk:1", 4, items=[item(), item("fix", state="done")], audit=[line(1), line(2)], ticket="T-1",
    messages=[{"messageId": "<1@a.example>", "direction": "in", "at": at(0)}],
)  # fmt: skip
TWO = told("desk:2", 3, items=[item(person="amy", state="claimed")], startedAt=at(2))


def again(file: Path, shown: Shown, **options: Any) -> Rebuilt:
    """Make the records again."""
    return using(file, lambda store: rebuild(shown, store, **options))


def test_lost_records_of_open_cases_come_back(fresh: Callable[[], Path]) -> None:
    """They are equal to those that were kept all along, and a second look finds no difference."""
    kept, lost = fresh(), fresh()
    using(kept, writing_all(ONE, TWO))
    shown = Shown({"desk:1": view(ONE), "desk:2": view(TWO)})

    report = again(lost, shown)

    assert dump(lost) == dump(kept)
    assert (report.cases, report.equal) == (2, False)
    assert {each.case for each in report.differences} == {"desk:1", "desk:2"}
    assert all(each.kept is None for each in report.differences)
    for file in (kept, lost):
        second = again(file, shown)
        assert second.equal, second


def test_looking_only_writes_nothing(file: Path) -> None:
    """The report can be read before anything is done."""
    shown = Shown({"desk:1": view(ONE)}, {("desk:9", "run-1"): Ending("terminated", MONDAY)})
    using(file, writing_all(told("desk:9")))
    before = dump(file, written=True)

    report = again(file, shown, only_look=True)

    assert report.differences
    assert [case for case, _ in report.ended] == ["desk:9"]
    assert dump(file, written=True) == before


def test_damaged_rows_are_mended_and_named(file: Path) -> None:
    """What somebody has changed by hand is set right, and the report says what it was."""
    using(file, writing_all(ONE))
    using(file, writing_all({**ONE, "row": row("desk:1", 4, status="lost", ticket="T-1")}))

    report = again(file, Shown({"desk:1": view(ONE)}))

    (found,) = report.differences
    assert found.kept is not None
    assert found.told is not None
    assert (found.table, found.kept["status"], found.told["status"]) == (
        "cases",
        "lost",
        "received",
    )
    assert dump(file)["cases"][0]["status"] == "received"


def test_closed_cases_stay(file: Path) -> None:
    """Nobody else knows them: neither rows nor audit are touched."""
    using(file, writing_all(closed("desk:8", items=[item(state="done")], audit=[line(1)])))
    before = dump(file, written=True)

    report = again(file, Shown())

    assert report == Rebuilt(0, (), (), ())
    assert dump(file, written=True) == before


def test_terminated_cases_are_closed(file: Path) -> None:
    """What ended without a word leaves the lists of open cases and the worklist."""
    using(file, writing_all(TWO))
    ending = Ending("terminated", MONDAY + timedelta(hours=1))

    report = again(file, Shown(over={("desk:2", "run-1"): ending}))

    assert report.ended == (("desk:2", ending),)
    kept = dump(file)
    assert (kept["cases"][0]["ended_as"], kept["cases"][0]["closed_at"]) == (
        "terminated",
        ending.at,
    )
    assert kept["items"][0]["state"] == "withdrawn"
    assert again(file, Shown(over={("desk:2", "run-1"): ending})).equal


def test_a_forgotten_case_ends_with_its_last_write(file: Path) -> None:
    """Where nobody knows when it ended, the last that was heard of it stands for it."""
    now = MONDAY + timedelta(hours=3)
    using(file, writing_all(TWO), lambda: now)

    again(file, Shown(over={("desk:2", "run-1"): Ending("unknown", None)}))

    assert dump(file)["cases"][0]["closed_at"] == now


def test_a_lost_last_write_is_made_up_for(file: Path) -> None:
    """A case that completed, but whose end never arrived, still tells it."""
    using(file, writing_all(ONE))
    last = closed("desk:1", 9, items=[item(state="done")], audit=[line(3)], ticket="T-1")
    over = {("desk:1", "run-1"): Ending("completed", MONDAY)}

    report = again(file, Shown({"desk:1": view(last)}, over))

    assert report.ended == ()
    assert {each.table for each in report.differences} >= {"cases", "items", "audit"}
    kept = dump(file)
    assert (kept["cases"][0]["ended_as"], kept["cases"][0]["closed_at"]) == (
        "completed",
        MONDAY + timedelta(hours=1),
    )
    assert again(file, Shown({"desk:1": view(last)}, over)).equal


def test_the_last_words_of_a_terminated_case_are_kept(file: Path) -> None:
    """Temporal still tells what a terminated case had done, beyond its last write."""
    using(file, writing_all(ONE))
    later = told("desk:1", 5, status="waiting", audit=[line(3)], ticket="T-1")
    shown = Shown(
        {"desk:1": view(later)}, {("desk:1", "run-1"): Ending("terminated", MONDAY)}, {"desk:1"}
    )

    again(file, shown)

    (case,) = dump(file)["cases"]
    assert (case["status"], case["ended_as"]) == ("waiting", "terminated")
    assert len(dump(file)["audit"]) == 3


def test_an_earlier_case_of_a_running_id_is_closed(file: Path) -> None:
    """An id runs once at a time: what is still open under it from before has ended."""
    first, second = told("desk:1"), told("desk:1", run="run-2", startedAt=at(50))
    using(file, writing_all(first, second))
    over = {("desk:1", "run-1"): Ending("terminated", MONDAY)}

    report = again(file, Shown({"desk:1": view(second)}, over))

    assert report.ended == (("desk:1", over["desk:1", "run-1"]),)
    assert [each["ended_as"] for each in dump(file)["cases"]] == ["terminated", None]


def test_a_case_that_is_not_listed_yet_is_asked_all_the_same(file: Path) -> None:
    """Lists of the server may lag behind; a case known to be open is not closed for that."""
    using(file, writing_all(ONE))
    later = told("desk:1", 5, status="waiting", items=ONE["items"], ticket="T-1")

    report = again(file, Shown({"desk:1": view(later)}, unlisted={"desk:1"}))

    assert report.ended == ()
    assert dump(file)["cases"][0]["status"] == "waiting"


def test_a_case_that_has_just_begun_has_nothing_to_tell(file: Path) -> None:
    """Before its plan is loaded, or after a reset, a case shows no row; what is kept of it stays."""
    using(file, writing_all(ONE))
    before = dump(file)

    report = again(file, Shown({"desk:1": {}, "desk:2": {"phase": "open"}}))

    assert (report.cases, report.equal) == (2, True)
    assert dump(file) == before


def test_a_case_that_does_not_answer_is_named(file: Path) -> None:
    """Its rows stay as they are, the others are made again, and the report is not equal."""
    using(file, writing_all(TWO))
    silent = WorkerSilent("desk:2", 10)

    report = again(file, Shown({"desk:1": view(ONE)}, failing={"desk:2": silent}))

    assert report.silent == (("desk:2", str(silent)),)
    assert not report.equal
    assert [each["case_id"] for each in dump(file)["cases"]] == ["desk:1", "desk:2"]
    assert dump(file)["cases"][1]["closed_at"] is None


def test_without_a_server_nothing_is_decided(file: Path) -> None:
    """A server that does not answer is an error of the whole, and closes no case."""
    using(file, writing_all(TWO))

    with pytest.raises(ServerUnavailable):
        again(file, Shown(failing={"desk:2": ServerUnavailable("127.0.0.1:7233")}))

    assert dump(file)["cases"][0]["closed_at"] is None


def test_a_write_that_comes_in_between_is_not_undone(file: Path) -> None:
    """A case goes on while it is asked: what it writes meanwhile stays."""
    newer = told("desk:1", 9, status="solved", ticket="T-1", items=[item(state="done")])

    class Meanwhile(Shown):
        records: RecordStore

        async def show(self, case: str) -> Mapping[str, Any]:
            found = await super().show(case)
            await self.records.write(newer)
            return found

    async def act(store: RecordStore) -> Rebuilt:
        shown = Meanwhile({"desk:1": view(ONE)})
        shown.records = store
        return await rebuild(shown, store)

    report = using(file, act)

    assert report.differences == ()
    assert dump(file)["cases"][0]["status"] == "solved"
    assert {each["item"]: each["state"] for each in dump(file)["items"]} == {
        "look": "done",
        "fix": "done",
    }
