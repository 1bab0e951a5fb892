"""`ticket.*` on the embedded ticket system."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from tests.activities.stage import NOAH, Stage

NEW = {"subject": "VPN is down", "requester": NOAH, "text": "It says no."}


def opened(stage: Stage, **more: Any) -> Any:
    """Open a ticket and give it."""
    return stage.act("ticket.create", {**NEW, **more}, key=f"run-1:create{more}")


def comments(stage: Stage, ticket: str = "T-1") -> list[dict[str, Any]]:
    """Give the comments of a ticket."""
    return asyncio.run(stage.tickets.comments(ticket))


def test_asking_again_for_a_ticket_gives_the_same_one(stage: Stage) -> None:
    """The action's key is the ticket's external key."""
    first = stage.act("ticket.create", NEW)
    assert stage.act("ticket.create", NEW, attempt=2) == first
    found = stage.act("ticket.find", {"query": {"key": "run-1:/do/0/act#1"}})
    assert [each["id"] for each in found["tickets"]] == [first["id"]]
    assert found["more"] is False


def test_a_ticket_has_all_that_the_task_gives(stage: Stage) -> None:
    """Also who has it, and which group."""
    digest = asyncio.run(stage.files.put(b"log"))
    ticket = opened(
        stage,
        priority="P2",
        status="open",
        queue="support",
        group="desk",
        owner="amy",
        fields={"type": "fault"},
        attach=[{"name": "a.log", "file": digest}],
    )
    assert {name: ticket[name] for name in ("priority", "status", "group", "owner")} == {
        "priority": "P2", "status": "open", "group": "desk", "owner": "amy",
    }  # fmt: skip
    assert ticket["requester"] == "Noah@Customer.example"
    assert ticket["fields"] == {"type": "fault"}
    [first] = comments(stage)
    assert (first["text"], first["attachments"]) == ("It says no.", [digest])


def test_what_is_empty_in_a_task_is_left_to_the_system(stage: Stage) -> None:
    """Expressions may give null for all that is optional."""
    empty = dict.fromkeys(("text", "queue", "priority", "status", "group", "owner"))
    ticket = opened(stage, **empty)
    assert ticket["status"] == "new"
    again = stage.act("ticket.update", {"set": {"status": None, "subject": None, "owner": None}})
    assert (again["status"], again["subject"], again["owner"]) == ("new", "VPN is down", None)
    assert stage.act("ticket.close", {"resolution": None}, key="c")["status"] == "closed"


@pytest.mark.parametrize("requester", [{}, {"language": "en"}, ""])
def test_a_ticket_is_for_somebody(stage: Stage, requester: Any) -> None:
    """Without an address or an id the process owner has to mend the definition."""
    with pytest.raises(ApplicationError, match="needs a requester") as error:
        opened(stage, requester=requester)
    assert error.value.type == "Refused"


def test_an_update_is_written_once_and_read_back(stage: Stage) -> None:
    """A second attempt changes nothing more."""
    opened(stage)
    change = {"set": {"status": "open", "priority": "P1", "subject": "VPN\r\nX: y"}}
    first = stage.act("ticket.update", change)
    assert (first["status"], first["priority"], first["subject"]) == ("open", "P1", "VPN X: y")
    assert stage.act("ticket.update", change, attempt=2) == first


def test_a_task_can_refuse_to_overwrite_what_others_changed(stage: Stage) -> None:
    """`onConflict: fail` compares with the version that the case knows; by default it writes."""
    known = opened(stage)
    stage.act("ticket.update", {"set": {"owner": "amy"}}, key="somebody else")
    with pytest.raises(ApplicationError) as error:
        stage.act(
            "ticket.update",
            {"set": {"owner": "eve"}, "onConflict": "fail"},
            case={"ticket": known},
        )
    assert (error.value.type, error.value.non_retryable) == ("Conflict", True)
    mine = {"ticket": known, "set": {"owner": "eve"}, "onConflict": "retry"}
    assert stage.act("ticket.update", mine, key="k2")["owner"] == "eve"


@pytest.mark.parametrize("ticket", [None, "T-1", {"id": "T-1", "version": "1"}])
def test_a_ticket_is_the_cases_own_or_a_named_one(stage: Stage, ticket: Any) -> None:
    """A comment goes to the ticket of the case unless the task names another one."""
    opened(stage)
    said = {"text": "Looked at it", "visibility": "internal"}
    if ticket is not None:
        said["ticket"] = ticket
    case = {"ticket": "T-1" if ticket is None else None}
    result = stage.act("ticket.comment", said, case=case)
    assert stage.act("ticket.comment", said, case=case, attempt=2) == result
    assert [each["text"] for each in comments(stage)] == ["It says no.", "Looked at it"]


@pytest.mark.parametrize(
    ("visibility", "text"),
    [("public", "Noah 您好，restart\n"), ("internal", "Hello Noah, restart\n")],
)
def test_a_public_comment_is_in_the_requesters_language(
    stage: Stage, visibility: str, text: str
) -> None:
    """What stays inside is in English."""
    opened(stage)
    stage.act(
        "ticket.comment",
        {"message": "solved", "values": {"name": "Noah"}, "visibility": visibility},
        case={"requester": {**NOAH, "language": "zh-TW"}},
        facts={"subject": "VPN", "data": {"solution": "restart"}},
    )
    assert comments(stage)[-1]["text"] == text


def test_tickets_are_linked_and_closed(stage: Stage) -> None:
    """Both acts can be repeated."""
    opened(stage)
    opened(stage, subject="Other")
    for attempt in (1, 2):
        link = {"to": {"id": "T-2"}, "kind": "duplicates"}
        assert stage.act("ticket.link", link, attempt=attempt) == {"linked": True}
    closing = {"resolution": "restarted", "comment": "Bye"}
    closed = stage.act("ticket.close", closing, key="close")
    assert stage.act("ticket.close", closing, key="close", attempt=2) == closed
    assert (closed["status"], closed["fields"]) == ("closed", {"resolution": "restarted"})
    assert [each["text"] for each in comments(stage)] == ["It says no.", "Bye"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"requester": NOAH}, ["T-2", "T-1"]),
        ({"requester": "noah@customer.example", "text": "printer"}, ["T-2"]),
        ({"status": "new"}, ["T-2", "T-1"]),
        ({"status": ["open", "closed"]}, []),
        ({"fields": {"type": "fault"}}, ["T-1"]),
    ],
)
def test_tickets_are_found_newest_first(stage: Stage, query: Any, found: list[str]) -> None:
    """Everything that is asked for must match."""
    opened(stage, fields={"type": "fault"})
    opened(stage, subject="Printer")
    result = stage.act("ticket.find", {"query": query})
    assert [each["id"] for each in result["tickets"]] == found


def test_a_page_of_tickets_says_that_there_are_more(stage: Stage) -> None:
    """`limit` counts tickets."""
    for number in range(3):
        opened(stage, subject=f"No. {number}")
    result = stage.act("ticket.find", {"query": {"requester": NOAH}, "limit": 2})
    assert ([each["id"] for each in result["tickets"]], result["more"]) == (["T-3", "T-2"], True)


@pytest.mark.parametrize("name", ["ticket.update", "ticket.comment", "ticket.link", "ticket.close"])
@pytest.mark.parametrize("ticket", [None, {}, "T-404"])
def test_a_ticket_that_is_not_there_is_not_found(stage: Stage, name: str, ticket: Any) -> None:
    """The error says what to do, and no retry is made."""
    arguments = {
        "set": {"status": "open"}, "text": "x", "visibility": "internal", "to": "T-1",
        "kind": "relates",
    }  # fmt: skip
    with pytest.raises(ApplicationError) as error:
        stage.act(name, arguments, case={"ticket": ticket})
    assert (error.value.type, error.value.non_retryable) == ("NotFound", True)


def test_half_characters_of_a_customer_do_not_stop_a_ticket(stage: Stage) -> None:
    """Text that no store can write is mended, the rest of it stays."""
    ticket = opened(stage, subject="a\ud83d b", text="x\udc00\x00y\r\nz")
    assert ticket["subject"] == "a� b"
    assert comments(stage)[0]["text"] == "x�y\nz"
