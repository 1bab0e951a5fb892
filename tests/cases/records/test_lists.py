"""Lists and searches: who finds what, in which order, and how pages follow each other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.errors import InputInvalid
from cases.records.cursors import write_cursor
from cases.records.store import RecordStore
from service.correspondence import MailRecord
from tests.cases.records.samples import MONDAY, at, closed, item, line, told, using, writing_all


def names(file: Path, **filters: str) -> list[str]:
    """Give the ids of the cases that match."""
    return [each["case"] for each in using(file, lambda store: store.list_cases(filters)).items]


def work(file: Path, *who: str) -> list[str]:
    """Give the items of a worklist as `<case> <item>`."""
    found = using(file, lambda store: store.worklist(who)).items
    return [f"{each['case']} {each['id']}" for each in found]


def found(file: Path, **given: Any) -> list[str]:
    """Give the ids of the cases that are found."""
    return [each.case for each in using(file, lambda store: store.find_cases(**given))]


@pytest.fixture
def three(file: Path) -> Path:
    """Return records of three cases of different kinds."""
    using(
        file,
        writing_all(
            told(
                "desk:1", startedAt=at(1), priority="P1", type="fault", group="network",
                owner="amy", ticket="T-1", items=[item(person="ben", state="claimed")],
            ),
            told(
                "desk:2", startedAt=at(2), status="waiting", phase="waiting", group="desk",
                requester={"id": "eva"}, items=[item(people=["amy"], groups=[])],
            ),
            closed("fault:3", startedAt=at(3), requester=None, ticket="T-1", priority="P1"),
        ),
    )  # fmt: skip
    return file


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["fault:3", "desk:2", "desk:1"]),
        ({"definition": "desk"}, ["desk:2", "desk:1"]),
        ({"key": "3"}, ["fault:3"]),
        ({"phase": "waiting"}, ["desk:2"]),
        ({"status": "received"}, ["fault:3", "desk:1"]),
        ({"priority": "P1", "phase": "open"}, ["desk:1"]),
        ({"type": "fault"}, ["desk:1"]),
        ({"group": "network"}, ["desk:1"]),
        ({"owner": "amy"}, ["desk:1"]),
        ({"person": "amy"}, ["desk:2", "desk:1"]),
        ({"person": "ben"}, ["desk:1"]),
        ({"requester": "noah@customer.EXAMPLE"}, ["desk:1"]),
        ({"requester": "eva"}, ["desk:2"]),
        ({"ticket": "T-1"}, ["fault:3", "desk:1"]),
        ({"ticket": "T-9"}, []),
    ],
)
def test_a_list_holds_what_matches_all_filters(
    three: Path, filters: dict[str, str], expected: list[str]
) -> None:
    """Newest first; `person` finds owners and those with open work."""
    assert names(three, **filters) == expected


def test_a_ticket_of_before_still_finds_the_case(file: Path) -> None:
    """A case that moved to another ticket is found by both."""
    using(file, writing_all(told(ticket="T-1"), told(n=2, ticket="T-2")))

    assert names(file, ticket="T-1") == names(file, ticket="T-2") == ["desk:1"]


def test_a_line_says_what_the_case_told(file: Path) -> None:
    """Times come back in UTC, and nothing that was told is lost."""
    using(file, writing_all(told(due="2026-03-02T12:00:00+02:00", links=[{"kind": "child"}])))

    (shown,) = using(file, lambda store: store.list_cases({})).items

    assert shown["due"] == "2026-03-02T10:00:00Z"
    assert shown["links"] == [{"kind": "child"}]
    assert shown["requester"] == {"mail": "Noah@Customer.example", "name": "Noah"}
    assert (shown["startedAt"], shown["endedAt"], shown["step"]) == (at(0), None, "triage")


def test_an_unknown_filter_is_refused_with_those_there_are(file: Path) -> None:
    """Whoever mistypes a filter gets no list of everything."""
    with pytest.raises(InputInvalid, match=r"/prioritty.*priority"):
        names(file, prioritty="P1")


@pytest.mark.parametrize(
    "cursor",
    ["x", "%%%", *(write_cursor(["noon", *"abcd"[:n]]) for n in range(4)), "bnVsbA", "ä"],
)
@pytest.mark.parametrize("kind", ["cases", "work", "quarantine"])
def test_a_cursor_that_is_none_is_refused(file: Path, cursor: str, kind: str) -> None:
    """What did not come from this list is the caller's mistake and no error of ours."""

    async def ask(store: RecordStore) -> object:
        if kind == "cases":
            return await store.list_cases({}, cursor)
        if kind == "work":
            return await store.worklist([], cursor)
        return await store.list_quarantine(cursor)

    with pytest.raises(InputInvalid, match="cursor"):
        using(file, ask)


async def pages_of_cases(store: RecordStore, limit: int, between: Callable[[], Any]) -> list[str]:
    """Read all pages, with something happening after each."""
    seen, cursor = [], None
    while True:
        page = await store.list_cases({}, cursor, limit)
        assert len(page.items) <= limit
        seen += [each["case"] for each in page.items]
        cursor = page.cursor
        if cursor is None:
            return seen
        await between()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    starts=st.lists(st.integers(0, 4), min_size=1, max_size=9),
    late=st.lists(st.integers(0, 4), max_size=4),
    limit=st.integers(1, 4),
)
def test_pages_show_every_case_once_while_others_come(
    fresh: Callable[[], Path], starts: list[int], late: list[int], limit: int
) -> None:
    """Cases that start meanwhile, also at the same instant, neither hide one nor show it twice."""
    coming = iter(
        [told(f"late:{number}", startedAt=at(minute)) for number, minute in enumerate(late)]
    )

    async def act(store: RecordStore) -> Sequence[str]:
        for number, minute in enumerate(starts):
            await store.write(told(f"desk:{number}", startedAt=at(minute)))

        async def between() -> None:
            for each in coming:
                await store.write(each)
                return

        return await pages_of_cases(store, limit, between)

    seen = using(fresh(), act)

    assert len(seen) == len(set(seen))
    wanted = sorted(range(len(starts)), key=lambda number: (-starts[number], f"desk:{number}"))
    assert [each for each in seen if each.startswith("desk")] == [f"desk:{each}" for each in wanted]


def test_a_page_goes_on_where_its_last_line_is_gone(file: Path) -> None:
    """A cursor is a place and not a line: what it points at may be forgotten meanwhile."""
    using(file, writing_all(*(closed(f"desk:{n}", startedAt=at(n), minutes=n) for n in range(4))))

    async def act(store: RecordStore) -> list[str]:
        first = await store.list_cases({}, None, 2)
        await store.forget(timedelta(minutes=1.5))
        rest = await store.list_cases({}, first.cursor, 2)
        return [each["case"] for each in (*first.items, *rest.items)]

    # Forgotten are the cases that closed at minutes 0, 1 and 2; the cursor stands at the last.
    now = MONDAY + timedelta(minutes=4)
    assert using(file, act, lambda: now) == ["desk:3", "desk:2"]


# --- the worklist -------------------------------------------------------------------------------


def test_the_worklist_of_a_person_holds_what_the_person_can_do_now(file: Path) -> None:
    """One's own, and what is offered and nobody has; not what somebody else has."""
    using(
        file,
        writing_all(
            told(
                items=[
                    item("mine", state="claimed", person="amy", groups=[], people=["amy", "ben"]),
                    item("given", groups=["desk"], people=["amy"]),
                    item("offered", groups=[], people=["amy", "ben"]),
                    item("of-the-group", groups=["desk"], people=[]),
                    item("taken", state="claimed", person="ben", groups=["desk"]),
                    item("given-to-ben", groups=["desk"], people=["ben"]),
                    item("of-others", groups=["network"], people=["ben", "eva"]),
                    item("over", state="done", people=["amy"]),
                ]
            )
        ),
    )

    assert work(file, "u.amy", "g.desk") == [
        "desk:1 given",
        "desk:1 mine",
        "desk:1 of-the-group",
        "desk:1 offered",
    ]
    assert work(file, "u.amy") == ["desk:1 given", "desk:1 mine", "desk:1 offered"]


def test_the_worklist_of_a_group_holds_all_of_its_work(file: Path) -> None:
    """Who looks after a group sees what its people have as well."""
    using(
        file,
        writing_all(
            told(
                items=[
                    item("taken", state="claimed", person="ben"),
                    item("free"),
                    item("elsewhere", groups=["network"]),
                ]
            )
        ),
    )

    assert work(file, "g.desk") == ["desk:1 free", "desk:1 taken"]
    assert work(file) == ["desk:1 elsewhere", "desk:1 free", "desk:1 taken"]


def test_an_item_says_which_case_it_belongs_to(file: Path) -> None:
    """A line holds the whole item with its case's id, subject, priority and ticket."""
    using(file, writing_all(told(priority="P2", ticket="T-7", items=[item(dueAt=at(30))])))

    (shown,) = using(file, lambda store: store.worklist(["u.amy"])).items

    assert shown == {
        **item(dueAt=at(30)),
        "kind": "work-item",
        "case": "desk:1",
        "subject": "VPN is down",
        "priority": "P2",
        "ticket": "T-7",
    }


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    dues=st.lists(st.one_of(st.none(), st.integers(0, 3)), min_size=1, max_size=9),
    limit=st.integers(1, 4),
    answered=st.integers(0, 8),
)
def test_pages_of_work_are_in_order_of_due_time(
    fresh: Callable[[], Path], dues: list[int | None], limit: int, answered: int
) -> None:
    """Due first comes first, without deadline last; an answer in between hides no other item."""

    def case(number: int, **facts: Any) -> dict[str, Any]:
        due = dues[number]
        shown = item("look", dueAt=None if due is None else at(due), **facts)
        return told(f"desk:{number}", items=[shown], n=2 if facts else 1)

    async def act(store: RecordStore) -> list[str]:
        for number in range(len(dues)):
            await store.write(case(number))
        seen, cursor = [], None
        while True:
            page = await store.worklist(["g.desk"], cursor, limit)
            seen += [each["case"] for each in page.items]
            if page.cursor is None:
                return seen
            cursor = page.cursor
            if answered < len(dues):
                await store.write(case(answered, state="done"))

    seen = using(fresh(), act)

    def place(number: int) -> tuple[float, str]:
        due = dues[number]
        return (float("inf") if due is None else due, f"desk:{number}")

    everything = [f"desk:{number}" for number in sorted(range(len(dues)), key=place)]
    gone = f"desk:{answered}"
    assert [each for each in seen if each != gone] == [each for each in everything if each != gone]
    assert seen.count(gone) <= 1


def test_open_work_counts_for_whoever_has_it(file: Path) -> None:
    """Claimed items and those given to one person count; a pool's and closed ones do not."""
    using(
        file,
        writing_all(
            told(items=[item("a", people=["amy"]), item("b", state="claimed", person="amy")]),
            told("desk:2", items=[item("c", people=["amy", "ben"]), item("d", people=["ben"])]),
            told("desk:3", items=[item("e", people=["ben"], state="done")]),
        ),
    )

    assert using(file, lambda store: store.open_items_by_person()) == {"amy": 2, "ben": 1}


# --- searches -----------------------------------------------------------------------------------


def test_cases_are_found_by_what_they_are_about(three: Path) -> None:
    """Everything that is given must match; the newest case comes first."""
    assert found(three, case="desk:1") == ["desk:1"]
    assert found(three, ticket="T-1") == ["fault:3", "desk:1"]
    assert found(three, ticket="T-1", definition="desk") == ["desk:1"]
    assert found(three, sender="NOAH@customer.example") == ["desk:1"]
    assert found(three, key="2") == ["desk:2"]
    assert found(three, key="2", definition="fault") == []


def test_closed_cases_are_found_only_as_long_as_asked_for(three: Path) -> None:
    """`closed_since` leaves out what closed before, and never an open case."""
    just = MONDAY + timedelta(minutes=60)

    assert found(three, ticket="T-1", closed_since=just) == ["fault:3", "desk:1"]
    assert found(three, ticket="T-1", closed_since=just + timedelta(seconds=1)) == ["desk:1"]


def test_a_message_finds_its_case_with_or_without_brackets(file: Path) -> None:
    """Incoming ones, and outgoing ones from the moment on when their sending began."""
    arrived = {"messageId": "<in@a.example>", "direction": "in", "at": at(0)}
    sending = MailRecord(
        message_id="<out@desk.example>",
        case="desk:2",
        to=("noah@customer.example",),
        kind="correspondence",
        automatic=True,
        subject="Re: VPN",
        at=MONDAY,
        state="begun",
    )

    async def act(store: RecordStore) -> None:
        await store.write(told(messages=[arrived]))
        await store.write(told("desk:2", startedAt=at(1)))
        await store.keep_mail(sending)

    using(file, act)

    assert found(file, message_ids=["in@a.example"]) == ["desk:1"]
    assert found(file, message_ids=["<out@desk.example>"]) == ["desk:2"]
    assert found(file, message_ids=["<x@a.example>", " <in@a.example> ", "out@desk.example"]) == [
        "desk:2",
        "desk:1",
    ]


def test_of_cases_with_one_id_the_last_is_found(file: Path) -> None:
    """The ones before have closed and can be told nothing any more."""
    using(
        file, writing_all(closed(ticket="T-1"), told(run="run-2", startedAt=at(90), ticket="T-1"))
    )

    (only,) = using(file, lambda store: store.find_cases(ticket="T-1"))

    assert (only.case, only.phase, only.sender) == ("desk:1", "open", "noah@customer.example")


def test_no_more_than_twenty_are_found(file: Path) -> None:
    """A sender of hundreds of cases does not make a search return them all."""
    using(file, writing_all(*(told(f"desk:{n}", startedAt=at(n)) for n in range(25))))

    hits = found(file, sender="noah@customer.example")

    assert hits == [f"desk:{n}" for n in range(24, 4, -1)]


def test_the_audit_comes_back_as_it_was_told(file: Path) -> None:
    """Every fact of a line is kept, in the order of its number."""
    told_lines = [line(2, by="amy", data={"from": "P3"}), line(1, task="look")]
    using(file, writing_all(told(audit=told_lines)))

    assert using(file, lambda store: store.history("desk:1")) == [told_lines[1], told_lines[0]]
    assert using(file, lambda store: store.history("desk:9")) == []


def test_work_items_of_a_closed_case_can_be_read(file: Path) -> None:
    """Answers are part of the record, oldest item first."""
    late, early = item("late", openedAt=at(5)), item("early", openedAt=at(2), state="done")
    using(file, writing_all(closed(items=[late, early])))

    assert using(file, lambda store: store.work_items("desk:1")) == [early, late]
    assert using(file, lambda store: store.work_items("desk:9")) == []


def test_times_of_other_zones_compare_as_instants(file: Path) -> None:
    """Order follows the instant and not the text of a time."""
    using(
        file,
        writing_all(
            told("desk:1", startedAt="2026-03-02T10:00:00+08:00"),
            told("desk:2", startedAt="2026-03-02T03:00:00Z"),
        ),
    )

    assert names(file) == ["desk:2", "desk:1"]


def test_asking_does_not_stop_other_work(three: Path) -> None:
    """While the records are read in a thread, the event loop of the server goes on."""
    ticks = 0

    async def act(store: RecordStore) -> int:
        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0)

        ticking = asyncio.create_task(tick())
        for _ in range(20):
            await store.list_cases({})
        ticking.cancel()
        return ticks

    assert using(three, act) > 20


def test_a_matter_is_one_line_or_all_its_cases(file: Path) -> None:
    """Lists count what customers came with, and show which cases worked on it."""
    using(
        file,
        writing_all(
            told("desk:1"),
            told("fault:1", matter="desk:1", startedAt=at(1)),
            told("desk:2", matter="desk:2", startedAt=at(2)),
        ),
    )

    assert names(file, matter="own") == ["desk:2", "desk:1"]
    assert names(file, matter="desk:1") == ["fault:1", "desk:1"]
