"""Cases over HTTP: start, list, show, tell, cancel."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from cases.errors import (
    CaseEnded,
    CaseUnreadable,
    DefinitionNotFound,
    InputInvalid,
    Problem,
    Refused,
    ServerUnavailable,
    WorkerSilent,
)
from cases.records.lists import FILTERS
from tests.api.doubles import Door

START = {"definition": "service-desk-case", "input": {"subject": "VPN"}, "key": "T-1"}


def test_a_start_is_accepted_with_the_address_of_the_case(door: Door) -> None:
    """A caller learns at once where its case is, in the body and in Location."""
    answer = door.send("POST", "/cases", json=START)

    assert answer.status_code == 202
    assert answer.json() == {
        "case": "service-desk-case:T-1",
        "definition": "service-desk-case",
        "version": "1.0.0",
        "started": True,
        "address": "/cases/service-desk-case:T-1",
    }
    assert answer.headers["location"] == "/cases/service-desk-case:T-1"
    [call] = door.cases.named("start")
    assert (call["input"], call["by"]) == ({"subject": "VPN"}, "agent")


def test_a_second_start_with_the_same_key_joins(door: Door) -> None:
    """The key names one case, so the second caller is told that it was there."""
    door.send("POST", "/cases", json=START)

    assert door.send("POST", "/cases", json=START).json()["started"] is False


@pytest.mark.parametrize(
    "case",
    [
        "omnichannel-intake:a/b@mail.example.org",
        "service-desk-case:50%",
        "service-desk-case:%2F",
        "x:ends/events",
        "x:服務 臺?#",
    ],
)
def test_any_case_id_fits_into_an_address(door: Door, case: str) -> None:
    """Ids hold slashes, percent signs and more; percent-encoded they reach the case unchanged."""
    door.cases.views[case] = {"status": "received"}
    definition, _, key = case.partition(":")
    started = door.send("POST", "/cases", json={"definition": definition, "key": key})

    assert door.send("GET", f"/cases/{quote(case, safe='')}").json() == {"status": "received"}
    assert door.send("GET", started.headers["location"]).status_code == 200
    door.send("POST", f"/cases/{quote(case, safe='')}/events", json={"type": "x", "id": "1"})
    assert door.cases.named("event")[0]["case"] == case


def test_a_start_without_a_worker_is_accepted_once_the_server_has_it(door: Door) -> None:
    """A recorded start goes on by itself, so it is no error that no worker answered yet."""
    door.cases.fails = WorkerSilent("service-desk-case:T-1", 5, started=True)

    answer = door.send("POST", "/cases", json=START)

    assert (answer.status_code, answer.json()["version"]) == (202, None)
    assert answer.headers["location"] == "/cases/service-desk-case:T-1"


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (DefinitionNotFound("x", known=["y"]), 404, "definition-not-found"),
        (InputInvalid([Problem("/subject", "subject is missing")]), 422, "input-invalid"),
        (Refused("a case with this key has closed"), 409, "refused"),
        (CaseEnded("x:1"), 409, "case-ended"),
        (WorkerSilent("x:1", 5), 504, "worker-silent"),
        (CaseUnreadable("x:1", "secret.internal"), 500, "case-unreadable"),
        (ServerUnavailable("secret.internal:7233"), 503, "server-unavailable"),
        (RuntimeError("secret.internal"), 500, "internal"),
    ],
)
def test_every_error_of_a_case_is_a_problem(
    door: Door, error: Exception, status: int, code: str
) -> None:
    """Callers decide by status and code, and never see addresses or faults of ours."""
    door.cases.fails = error

    answer = door.send("POST", "/cases", json=START, headers={"X-Request-Id": "r-1"})

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (body["status"], body["code"], body["requestId"]) == (status, code, "r-1")
    assert "secret" not in answer.text


def test_bad_input_is_refused_with_pointers_into_it(door: Door) -> None:
    """The caller sees which value is wrong without reading a schema."""
    door.cases.fails = InputInvalid([Problem("/requester/mail", "must be string, not 3")])

    answer = door.send("POST", "/cases", json=START)

    assert answer.json()["errors"] == [
        {"pointer": "/requester/mail", "detail": "must be string, not 3"}
    ]


def test_a_request_of_the_wrong_shape_is_refused_with_pointers(door: Door) -> None:
    """What the API itself does not take reads like everything else that is wrong."""
    answer = door.send("POST", "/cases", json={"input": 1, "extra": 2})

    assert (answer.status_code, answer.json()["code"]) == (422, "request-invalid")
    assert {each["pointer"] for each in answer.json()["errors"]} == {"/definition", "/extra"}
    assert door.cases.calls == []


@pytest.mark.parametrize("content_type", ["application/json", "text/plain"])
def test_a_body_that_is_no_object_says_what_to_send(door: Door, content_type: str) -> None:
    """A list, or an object under another content type: neither is read as a request."""
    content = "[]" if content_type == "application/json" else json.dumps(START)

    answer = door.send("POST", "/cases", content=content, headers={"Content-Type": content_type})

    assert answer.json()["errors"] == [
        {"pointer": "", "detail": "the body must be a JSON object, sent as application/json"}
    ]
    assert door.cases.calls == []


def test_a_body_that_is_not_json_is_a_bad_request(door: Door) -> None:
    """A broken body is told apart from wrong values."""
    answer = door.send(
        "POST", "/cases", content=b"{nope", headers={"Content-Type": "application/json"}
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "broken-body")


def test_a_list_passes_its_filters_and_cursor_on(door: Door) -> None:
    """Only what was asked for filters the list."""
    door.send("POST", "/cases", json=START)

    answer = door.send("GET", "/cases?phase=open&group=service-desk&cursor=abc&limit=10")

    assert answer.json() == {"cases": [{"case": "service-desk-case:T-1"}], "next": "more"}
    assert door.cases.named("list") == [
        {"filters": {"phase": "open", "group": "service-desk"}, "cursor": "abc", "limit": 10}
    ]


def test_a_list_takes_every_filter_of_the_records(door: Door) -> None:
    """What the command line can ask for, a caller can."""
    answer = door.send("GET", "/cases?" + "&".join(f"{name}=x" for name in FILTERS))

    assert answer.status_code == 200
    assert door.cases.named("list")[0]["filters"] == dict.fromkeys(FILTERS, "x")


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "colour=red"])
def test_a_list_refuses_what_it_does_not_know(door: Door, query: str) -> None:
    """A misspelled filter would silently show too much."""
    answer = door.send("GET", f"/cases?{query}")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith("/query/")


def test_an_unknown_case_is_not_found(door: Door) -> None:
    """The detail says how to see the cases there are."""
    answer = door.send("GET", "/cases/x:1")

    assert (answer.status_code, answer.json()["code"]) == (404, "case-not-found")


def test_an_event_reaches_its_case_once(door: Door) -> None:
    """Senders repeat themselves; the event's id tells."""
    door.cases.running.add("x:1")
    event = {"id": "e-1", "type": "ticket.resolved", "data": {"ticket": "T-1"}}

    states = [door.send("POST", "/cases/x:1/events", json=event).json()["state"] for _ in range(2)]

    assert states == ["delivered", "duplicate"]
    assert door.cases.named("event")[0]["event"] == {**event, "source": "api:agent"}


def test_a_case_takes_a_whole_cloudevent(door: Door) -> None:
    """The attributes of the standard come along: a listening task may look at them."""
    door.cases.running.add("x:1")
    event = {
        "specversion": "1.0", "id": "e-1", "source": "/shop", "type": "paid", "subject": "7",
        "datacontenttype": "application/json", "data": 1,
    }  # fmt: skip

    assert door.send("POST", "/cases/x:1/events", json=event).status_code == 202
    assert door.cases.named("event")[0]["event"] == event


def test_a_case_is_suspended_and_resumed(door: Door) -> None:
    """Suspending needs a reason; clocks stand still where it is asked for."""
    assert door.send("POST", "/cases/x:1/suspend", json={}).status_code == 422
    given = {"reason": "the order is being looked at", "pauseClocks": True}
    assert door.send("POST", "/cases/x:1/suspend", json=given).json()["state"] == "suspended"
    assert door.send("POST", "/cases/x:1/resume", json={}).json()["state"] == "resumed"

    [call] = door.cases.named("suspend")
    assert (call["reason"], call["by"], call["pause_clocks"]) == (given["reason"], "agent", True)


def test_a_case_is_moved_by_operators_only(door: Door) -> None:
    """A dry run asks and changes nothing; agents may not move cases."""
    given = {"to": "1.1.0", "reason": "a better one", "map": {"tasks": {"ask": "look"}}}
    assert door.send("POST", "/cases/x:1/migrate", json=given).status_code == 403
    looked = door.send("POST", "/cases/x:1/migrate", scope="admin", json={**given, "dryRun": True})
    assert looked.json()["state"] == "would-migrate"
    assert door.cases.named("move") == []
    assert (
        door.send("POST", "/cases/x:1/migrate", scope="admin", json=given).json()["state"]
        == "migrated"
    )

    [call] = door.cases.named("move")
    assert call["step_map"] == {"tasks": {"ask": "look"}, "clocks": {}}


def test_a_cancel_needs_a_reason(door: Door) -> None:
    """Whoever looks at the case later must learn why it ended early."""
    assert door.send("POST", "/cases/x:1/cancel", json={"reason": ""}).status_code == 422
    assert (
        door.send("POST", "/cases/x:1/cancel", json={"reason": "entered twice"}).status_code == 202
    )

    [call] = door.cases.named("cancel")
    assert (call["case"], call["reason"], call["by"]) == ("x:1", "entered twice", "agent")


def test_a_deadline_is_counted_anew_with_a_reason(door: Door) -> None:
    """Who and why stand beside the two deadlines."""
    at = "/cases/x:1/clocks/resolution/recalculate"
    assert door.send("POST", at, json={}).status_code == 422

    answer = door.send("POST", at, json={"reason": "a holiday was missing", "target": True})

    assert (answer.status_code, answer.json()["state"]) == (200, "recalculated")
    [call] = door.cases.named("recalculate")
    assert (call["clock"], call["by"], call["decide"]) == ("resolution", "agent", True)
