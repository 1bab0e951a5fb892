"""Planned work: what is in its way, who may go on, and the entry in people's calendars."""

from __future__ import annotations

from typing import Any

import icalendar
import pytest
from temporalio.exceptions import ApplicationError

from tests.activities.stage import ORGANIZATION, Stage
from tests.cases.records.samples import at, told

WINDOW = {"from": at(0), "to": at(120)}
CHANGES: dict[str, Any] = {
    **ORGANIZATION,
    "roles": {"support-manager": {"people": ["amy"]}},
    "assets": {"network": {}, "router": {"parent": "network"}},
    "windows": {
        "year-end": {
            "kind": "freeze", "from": "2026-03-05", "until": "2026-03-07", "timezone": "UTC",
            "assets": "all", "override": "support-manager",
        }
    },
    "absences": [{"person": "chen", "from": "2026-03-03", "until": "2026-03-04"}],
}  # fmt: skip


@pytest.fixture(autouse=True)
def _changes(stage: Stage) -> None:
    """Let the organization have assets and a freeze."""
    stage.bundles.put_organization(CHANGES)


def book(stage: Stage, case: str, number: int = 1, **more: Any) -> Any:
    """Book the router as a case."""
    arguments = {
        "assets": ["router"], "window": WINDOW, "title": f"Work of {case}", "number": number,
        "booking": f"b-{case}-{number}", "run": f"run-{case}", "calendar": "office", **more,
    }  # fmt: skip
    return stage.act("calendar.book", arguments, key=f"{case}#{number}", case={"id": case})


def check(stage: Stage, case: str, **more: Any) -> Any:
    """Look for conflicts as a case."""
    arguments = {"assets": ["network"], "window": WINDOW, **more}
    return stage.act("conflict.check", arguments, case={"id": case})


def test_what_one_case_books_another_one_finds(stage: Stage) -> None:
    """Over parent and child assets, until it is given back; never its own."""
    result = book(stage, "change:1")

    (found,) = check(stage, "change:2")["conflicts"]
    assert result == {"id": "b-change:1-1", "window": WINDOW, "booked": True, "conflicts": []}
    assert (found["kind"], found["with"], found["title"]) == (
        "booking", "change:1", "Work of change:1",
    )  # fmt: skip
    assert check(stage, "change:1") == {"free": True, "conflicts": []}

    given = {"booking": "b-change:1-1", "run": "run-change:1"}
    assert stage.act("calendar.release", given, case={"id": "change:1"}) == {"released": True}
    assert check(stage, "change:2")["free"]


def test_who_comes_second_is_refused_or_told(stage: Stage) -> None:
    """By default it is an error that names what is in the way; `report` makes it a result."""
    book(stage, "change:1")

    with pytest.raises(ApplicationError) as raised:
        book(stage, "change:2")
    told = book(stage, "change:2", onConflict="report")

    assert raised.value.type == "Conflict"
    assert raised.value.non_retryable
    assert "router is booked by change:1, Work of change:1" in str(raised.value)
    assert (told["id"], told["booked"], len(told["conflicts"])) == (None, False, 1)


def test_an_attempt_again_gives_the_first_result(stage: Stage) -> None:
    """Also after a crash, and with what was overridden."""
    override = {"by": "amy", "reason": "agreed", "role": "support-manager"}
    book(stage, "change:1")
    first = book(stage, "change:2", override=override)

    assert first["booked"]
    assert [each["kind"] for each in first["conflicts"]] == ["booking"]
    assert first == book(stage, "change:2", override=override)


def test_an_override_needs_the_role_that_is_named(stage: Stage) -> None:
    """A freeze names its own; whoever is not it is refused with the reason."""
    frozen = {"from": "2026-03-05T10:00Z", "to": "2026-03-05T11:00Z"}
    manager = {"by": {"id": "amy"}, "reason": "the bank demands it"}

    with pytest.raises(ApplicationError, match="only support-manager may override") as raised:
        book(stage, "change:1", window=frozen, override={**manager, "by": "chen"})
    made = book(stage, "change:1", window=frozen, override=manager)

    assert raised.value.type == "Refused"
    assert (made["booked"], made["conflicts"][0]["with"]) == (True, "year-end")


def test_a_case_that_ends_lets_go_of_everything(stage: Stage) -> None:
    """Bookings are of running cases."""
    book(stage, "change:1")

    ended = {"endedAt": at(1), "endedAs": "cancelled", "phase": "cancelled", "run": "run-change:1"}
    run(stage, told("change:1", **ended))

    assert check(stage, "change:2")["free"]


def run(stage: Stage, payload: Any) -> None:
    """Write a projection."""
    import asyncio

    asyncio.run(stage.records.write(payload))


def test_people_and_local_times(stage: Stage) -> None:
    """Times without an offset are those of the definition's calendar; absences count by the day."""
    window = {"from": "2026-03-03T09:00", "to": "2026-03-03T10:00"}

    found = check(stage, "change:1", window=window, people=["chen", None], calendar="office")

    assert [(each["kind"], each["person"]) for each in found["conflicts"]] == [("person", "chen")]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"assets": ["rooter"]}, 'no asset "rooter"'),
        ({"window": {"from": at(1), "to": at(0)}}, "before it begins"),
    ],
)
def test_impossible_plans_are_refused(stage: Stage, arguments: Any, said: str) -> None:
    """Another attempt would not mend them."""
    with pytest.raises(ApplicationError, match=said) as raised:
        check(stage, "change:1", **arguments)

    assert raised.value.non_retryable


def test_unknown_bookings_are_not_given_back(stage: Stage) -> None:
    """Neither those of others; without a booking there is nothing to do."""
    book(stage, "change:1")
    other = {"booking": "b-change:1-1", "run": "run-change:2"}

    with pytest.raises(ApplicationError, match="has no booking"):
        stage.act("calendar.release", other, case={"id": "change:2"})
    assert stage.act("calendar.release", {"booking": None, "run": "r"}) == {"released": False}


BOOKING = {
    "id": "b", "case": "change:1", "title": "路由器 upgrade", "assets": ["router"], "people": ["chen"],
    "from": at(0), "to": at(120), "conflicts": [], "number": 2, "released": False,
}  # fmt: skip


def invite(stage: Stage, method: str, **more: Any) -> Any:
    """Invite the person of a booking."""
    to = [{"person": "chen"}, {"person": "dan"}]
    arguments = {"method": method, "booking": {**BOOKING, **more}, "to": to}
    return stage.act("calendar.invite", arguments, key=f"r:/do/0#1:{method}{more}")


def events(stage: Stage) -> list[Any]:
    """Read the calendar entries that went out."""
    files = [mail.attachments[0] for mail in stage.mail.sent]
    calendars = [icalendar.Calendar.from_ical(each.content.decode()) for each in files]
    return [(each["method"], each.events[0]) for each in calendars]


def test_an_invitation_is_an_entry_that_a_new_booking_moves(stage: Stage) -> None:
    """One entry per case: the same UID, a growing sequence, and out again with CANCEL."""
    result = invite(stage, "request")
    invite(stage, "request", number=3, **{"from": at(600), "to": at(660)})
    invite(stage, "cancel", number=3)

    assert [each["state"] for each in result["deliveries"]] == ["sent", "skipped"]
    (first, one), (_, two), (last, three) = events(stage)
    assert (first, last) == ("REQUEST", "CANCEL")
    assert one["uid"] == two["uid"] == three["uid"]
    assert one["sequence"] < two["sequence"] < three["sequence"]
    assert (one["summary"], three["status"]) == ("路由器 upgrade", "CANCELLED")
    assert one.start.isoformat() == "2026-03-02T09:00:00+00:00"
    assert stage.mail.sent[0].attachments[0].content_type == "text/calendar; method=REQUEST"


def test_an_invitation_speaks_the_language_and_the_clock_of_its_reader(stage: Stage) -> None:
    """And it is an automatic mail that is sent once."""
    invite(stage, "request")
    invite(stage, "request")

    (mail,) = stage.mail.sent
    assert "已為「路由器 upgrade」預留以下時段" in mail.text
    assert "2026年3月2日（週一）17:00（Asia/Taipei）" in mail.text
    assert ("Auto-Submitted", "auto-generated") in mail.headers
