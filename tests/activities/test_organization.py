"""`organization.read` and `records.write`: short reads, and projections that can be repeated."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from tests.activities.stage import Stage
from tests.cases.records.samples import item, row


def read(stage: Stage, name: str, **arguments: Any) -> Any:
    """Read something of the organization."""
    return asyncio.run(stage.call("organization.read", {"read": name, "arguments": arguments}))


def write(stage: Stage, case: str, *items: Any) -> None:
    """Keep a case with its work items, as the interpreter does."""
    payload = {"case": case, "row": row(case), "items": list(items), "audit": [], "messages": []}
    asyncio.run(stage.call("records.write", payload))


def test_work_goes_to_whom_has_least_of_it(stage: Stage) -> None:
    """The load of people is counted in the records when somebody is chosen."""
    question = {
        "assign": {"group": "desk", "strategy": "least-open"}, "case": {},
        "at": "2026-03-02T09:00:00Z", "load": {}, "previous": None,
    }  # fmt: skip
    assert read(stage, "people.assign", **question)["person"] == "amy"
    write(stage, "desk:1", item(person="amy", people=["amy"], state="claimed"))
    assert read(stage, "people.assign", **question)["person"] == "chen"
    write(stage, "desk:2", item(person="chen", people=["chen"], state="claimed"))
    write(stage, "desk:3", item(person="chen", people=["chen"], state="claimed"))
    assert read(stage, "people.assign", **question)["person"] == "dan"


def test_deadlines_are_counted_in_a_calendar(stage: Stage) -> None:
    """Nine in the morning in Vienna is past the end of the day in Taipei."""
    when = {"from": "2026-03-02T08:00:00Z", "duration": {"businessHours": 3}}
    assert read(stage, "calendar.deadline", calendar="branch", **when)["at"] == (
        "2026-03-02T11:00:00Z"
    )
    assert read(stage, "calendar.deadline", calendar="office", **when)["at"] == (
        "2026-03-03T02:00:00Z"
    )


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("calendar.deadline", {"calendar": "moon", "from": "2026-03-02T08:00:00Z",
                               "duration": {"businessHours": 3}}),
        ("people.resolve", {"who": {"group": "moon"}, "case": {}, "at": "2026-03-02T08:00:00Z"}),
    ],
)  # fmt: skip
def test_what_the_organization_does_not_have_is_not_found(
    stage: Stage, name: str, arguments: Any
) -> None:
    """The error names it; no retry is made."""
    with pytest.raises(ApplicationError, match="moon") as error:
        read(stage, name, **arguments)
    assert (error.value.type, error.value.non_retryable) == ("NotFound", True)


def test_a_projection_can_be_written_again(stage: Stage) -> None:
    """The second write changes nothing."""
    for _ in range(2):
        write(stage, "desk:1", item(person="amy", people=["amy"], state="claimed"))
    assert asyncio.run(stage.records.open_items_by_person()) == {"amy": 1}


def test_a_clock_is_read_in_the_calendar_that_it_keeps(stage: Stage) -> None:
    """As long as the store has it; the digest in the answer says which one it was."""
    clock = {
        "name": "c", "fired": [], "rounds": [], "round": 1, "breachedAt": None, "cancelled": False,
        "segments": [{"from": "2026-03-02T08:00:00Z", "to": None, "state": "running", "round": 1}],
        "targets": [{"version": 1, "at": "2026-03-02T08:00:00Z", "target": {"businessHours": 3},
                     "calendar": "branch"}],
    }  # fmt: skip
    asked = {"clock": clock, "calendar": "branch", "now": "2026-03-02T08:00:00Z"}
    first = read(stage, "clock.read", **asked)
    document = dict(asyncio.run(stage.bundles.current()))
    closed = {**document["calendars"]["branch"], "week": {"tue": ["09:00-18:00"]}}
    stage.bundles.put_organization(
        {**document, "calendars": {**document["calendars"], "branch": closed}}
    )

    kept = read(stage, "clock.read", **asked, kept={"branch": first["digest"]})
    now = read(stage, "clock.read", **asked)
    lost = read(stage, "clock.read", **asked, kept={"branch": "0" * 64})

    assert kept == first
    assert now["deadline"] == lost["deadline"] == "2026-03-03T11:00:00Z"
    assert lost["digest"] == now["digest"] != first["digest"]
