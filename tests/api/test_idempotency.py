"""The header Idempotency-Key."""

from __future__ import annotations

from cases.errors import WorkerSilent
from tests.api.doubles import Door

START = {"definition": "service-desk-case", "input": {"subject": "VPN"}}
KEY = {"Idempotency-Key": "k-1"}


def test_a_repeated_request_is_answered_the_same_and_done_once(door: Door) -> None:
    """A caller that did not hear the answer may ask again."""
    first = door.send("POST", "/cases", json=START, headers=KEY)
    second = door.send("POST", "/cases", json=START, headers=KEY)

    assert (second.status_code, second.json()) == (202, first.json())
    assert second.headers["location"] == first.headers["location"]
    assert second.headers["idempotency-replayed"] == "true"
    assert len(door.cases.named("start")) == 1


def test_a_request_that_failed_is_done_again_under_the_same_request_id(door: Door) -> None:
    """Nothing was kept of it, and the case recognizes the second attempt by its id."""
    door.cases.fails = WorkerSilent("x:1", 5)
    assert door.send("POST", "/cases", json=START, headers=KEY).status_code == 504
    door.cases.fails = None

    assert door.send("POST", "/cases", json=START, headers=KEY).status_code == 202
    first, second = [call["request_id"] for call in door.cases.named("start")]
    assert first == second


def test_a_key_for_another_request_is_refused(door: Door) -> None:
    """A key names one request; a mix-up must not pass for success."""
    door.send("POST", "/cases", json=START, headers=KEY)

    other = door.send("POST", "/cases", json={**START, "input": {}}, headers=KEY)

    assert (other.status_code, other.json()["code"]) == (422, "key-reused")
    assert len(door.cases.named("start")) == 1


def test_two_callers_may_use_the_same_key(door: Door) -> None:
    """Keys belong to the token that sent them."""
    door.send("POST", "/cases", json=START, headers=KEY)
    door.send("POST", "/cases", json=START, headers=KEY, scope="intake")

    first, second = [call["request_id"] for call in door.cases.named("start")]
    assert first != second


def test_requests_without_a_key_are_each_their_own(door: Door) -> None:
    """Nothing is guessed to be a repetition."""
    door.send("POST", "/cases", json=START)
    door.send("POST", "/cases", json=START)

    first, second = [call["request_id"] for call in door.cases.named("start")]
    assert first != second


def test_a_key_that_no_header_should_hold_is_refused(door: Door) -> None:
    """A key is short and printable."""
    answer = door.send("POST", "/cases", json=START, headers={"Idempotency-Key": "k" * 256})

    assert (answer.status_code, door.cases.calls) == (422, [])
