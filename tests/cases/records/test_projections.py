"""What a case tells is kept, however often and in whichever order it arrives."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.records.projections import Ending
from cases.records.rows import projection_of
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
from tests.workflows.in_world import run_in_world
from tests.workflows.scenarios import SCENARIOS, Scenario

STATES = ("open", "claimed", "done", "withdrawn")
PEOPLE = st.lists(st.sampled_from(["amy", "ben", "eva"]), unique=True, max_size=3)
VALUES = st.one_of(
    st.none(),
    st.text(max_size=8),
    st.integers(),
    st.dictionaries(st.text(), st.integers(), max_size=2),
)


@st.composite
def histories(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Give what one case tells in the course of its life, in order."""
    projections = []
    facts = 0
    for n in range(1, draw(st.integers(1, 5)) + 1):
        items = [
            item(
                name,
                state=draw(st.sampled_from(STATES)),
                groups=draw(st.lists(st.sampled_from(["desk", "network"]), unique=True)),
                people=draw(PEOPLE),
                person=draw(st.sampled_from([None, "amy", "ben"])),
            )
            for name in draw(st.lists(st.sampled_from(["look", "fix", "tell"]), unique=True))
        ]
        audit = [
            line(facts + extra, by=draw(VALUES)) for extra in range(1, draw(st.integers(0, 2)) + 1)
        ]
        facts += len(audit)
        messages = [{"messageId": f"<{n}@a.example>", "direction": "in", "at": at(n)}] * draw(
            st.integers(0, 1)
        )
        projections.append(
            told(
                n=n,
                items=items,
                audit=audit,
                messages=messages,
                status=draw(VALUES),
                priority=draw(VALUES),
                ticket=draw(st.sampled_from([None, "T-1", "T-2"])),
            )
        )
    return projections


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(history=histories(), data=st.data())
def test_any_order_and_repetition_leaves_the_same_rows(
    fresh: Callable[[], Path], history: list[dict[str, Any]], data: st.DataObject
) -> None:
    """Writes that come late, twice or in a wrong order change nothing that a newer one has brought."""
    repeated = data.draw(st.lists(st.sampled_from(history), max_size=4))
    shuffled = data.draw(st.permutations([*history, *repeated]))
    straight, crooked = fresh(), fresh()

    using(straight, writing_all(*history))
    using(crooked, writing_all(*shuffled))

    assert dump(crooked) == dump(straight)
    assert [each["n"] for each in dump(crooked, written=True)["cases"]] == [len(history)]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name)
def test_what_the_engine_tells_is_kept_as_its_view_shows_it(
    fresh: Callable[[], Path], scenario: Scenario
) -> None:
    """Writes of a real case, shuffled and repeated, are equal to records made again from `show`."""
    outcome = run_in_world(scenario)
    projection = projection_of(outcome.view)
    written, rebuilt = fresh(), fresh()
    shuffled = [*outcome.writes, *outcome.writes[:2]]
    random.Random(scenario.name).shuffle(shuffled)

    using(written, writing_all(*shuffled))
    using(rebuilt, writing_all(projection))

    assert dump(written) == dump(rebuilt)
    assert using(written, lambda store: store.compare(projection)) == []


def test_an_id_that_is_used_again_leaves_the_closed_case_alone(file: Path) -> None:
    """A second case with the id of a closed one has a row, items and audit of its own."""
    first = closed(items=[item(state="done")], audit=[line(1), line(2)])
    second = told(run="run-2", startedAt=at(90), items=[item()], audit=[line(1)])
    using(file, writing_all(first, second))

    kept = dump(file)

    assert [(each["run"], each["ended_as"]) for each in kept["cases"]] == [
        ("run-1", "completed"),
        ("run-2", None),
    ]
    assert [each["state"] for each in kept["items"]] == ["done", "open"]
    assert [(each["run"], each["n"]) for each in kept["audit"]] == [
        ("run-1", 1),
        ("run-1", 2),
        ("run-2", 1),
    ]
    newest = using(file, lambda store: store.case("desk:1"))
    assert newest is not None
    assert newest["startedAt"] == at(90)
    assert len(using(file, lambda store: store.history("desk:1"))) == 1


def test_a_row_without_number_and_run_is_kept(file: Path) -> None:
    """A case of an older worker, which tells neither, is recorded all the same, newest write last."""
    old = row()
    del old["n"], old["run"]
    using(file, writing_all({"case": "desk:1", "row": old}))
    using(file, writing_all({"case": "desk:1", "row": {**old, "status": "solved"}}))

    assert [each["status"] for each in dump(file)["cases"]] == ["solved"]


def test_how_it_ended_is_kept(file: Path) -> None:
    """The reason of a cancel and the error of a failure stand in the record of the closed case."""
    ended = closed()
    ended["closed"] = {"as": "cancelled", "at": at(60), "reason": "duplicate", "by": "amy"}
    using(file, writing_all(ended))

    assert dump(file)["cases"][0]["closing"] == ended["closed"]


def test_an_end_that_was_taken_back_leaves_no_trace(file: Path) -> None:
    """The server refused the end that was written first: the case ends anew, and says less."""
    first = closed(audit=[line(1, "started"), line(2, "updated"), line(3, "completed")])
    anew = closed(audit=[line(1, "started"), line(2, "cancelled")])
    using(file, writing_all(first, anew))

    assert [each["kind"] for each in dump(file)["audit"]] == ["started", "cancelled"]


def test_candidates_follow_the_item(file: Path) -> None:
    """A reassigned item is offered to the new people and no more to the old ones."""
    using(file, writing_all(told(items=[item(people=["amy"], groups=["desk"])])))
    using(file, writing_all(told(n=2, items=[item(people=["eva"], groups=[])])))

    assert [each["who"] for each in dump(file)["candidates"]] == ["u.eva"]


def test_comparing_names_what_differs(file: Path) -> None:
    """Missing, different and left-over rows are differences, with both sides."""
    using(file, writing_all(told(n=2, status="received", items=[item(), item("gone")])))
    now = told(n=2, status="triaged", items=[item(), item("fix")], audit=[line(1)])

    found = using(file, lambda store: store.compare(now))

    by_place = {(each.table, *each.key.values()): each for each in found}
    case = by_place["cases", "desk:1", "run-1"]
    assert case.kept is not None
    assert case.told is not None
    assert (case.kept["status"], case.told["status"]) == ("received", "triaged")
    assert by_place["items", "desk:1", "run-1", "fix"].kept is None
    assert by_place["items", "desk:1", "run-1", "gone"].told is None
    assert by_place["audit", "desk:1", "run-1", 1].kept is None
    assert ("items", "desk:1", "run-1", "look") not in by_place


def test_what_is_newer_than_the_view_is_no_difference(file: Path) -> None:
    """A write that came after the case was asked does not count against the records."""
    using(file, writing_all(told(n=3, status="solved")))

    assert using(file, lambda store: store.compare(told(n=2, status="received"))) == []


def test_the_end_of_a_case_without_a_word_withdraws_its_work(file: Path) -> None:
    """A terminated case is closed in the records, and nobody finds its items in a worklist."""
    using(file, writing_all(told(items=[item(), item("fix", state="done")], due=at(99))))

    async def act(store: RecordStore) -> list[Any]:
        await store.end("desk:1", "run-1", Ending("terminated", MONDAY))
        return list((await store.worklist([])).items)

    assert using(file, act) == []
    kept = dump(file)
    assert [(each["ended_as"], each["phase"], each["closed_at"]) for each in kept["cases"]] == [
        ("terminated", "cancelled", MONDAY)
    ]
    assert {each["item"]: each["document"]["state"] for each in kept["items"]} == {
        "look": "withdrawn",
        "fix": "done",
    }


def test_an_end_that_the_case_has_told_itself_stays(file: Path) -> None:
    """Whoever looks later cannot say that a completed case was terminated."""
    using(file, writing_all(closed()))

    using(file, lambda store: store.end("desk:1", "run-1", Ending("terminated", MONDAY)))

    assert dump(file)["cases"][0]["ended_as"] == "completed"
