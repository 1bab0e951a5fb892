"""CloudEvents over HTTP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cases.errors import ServerUnavailable
from tests.api.doubles import Door

EVENT: dict[str, Any] = {
    "specversion": "1.0", "id": "e-1", "source": "https://shop.example/orders", "type": "placed",
    "time": "2026-03-02T09:00:00+08:00", "subject": "7", "partition": 3, "data": {"order": 7},
}  # fmt: skip
ONE = {"Content-Type": "application/cloudevents+json; charset=utf-8"}
BATCH = {"Content-Type": "application/cloudevents-batch+json"}


def post(door: Door, body: Any, headers: dict[str, str], scope: str | None = "intake") -> Any:
    """Send a body as it is, or as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return door.send("POST", "/events", scope=scope, content=content, headers=headers)


@pytest.mark.parametrize("headers", [ONE, {"Content-Type": "application/json"}])
def test_one_event_is_published_as_it_came(door: Door, headers: dict[str, str]) -> None:
    """Structured mode, extensions included; the answer says that it cannot be lost."""
    answer = post(door, EVENT, headers)

    assert answer.status_code == 202
    assert answer.json() == {
        "events": [{"id": "e-1", "source": EVENT["source"], "state": "published"}]
    }
    assert door.events.published == [EVENT]


def test_a_batch_is_published_in_order(door: Door) -> None:
    """Also an empty one is a batch."""
    events = [{**EVENT, "id": f"e-{n}"} for n in range(3)]

    answer = post(door, events, BATCH)

    assert [each["id"] for each in answer.json()["events"]] == ["e-0", "e-1", "e-2"]
    assert door.events.published == events
    assert post(door, [], BATCH).json() == {"events": []}


@pytest.mark.parametrize(
    ("kind", "body", "told"),
    [
        ("application/json", b'{"order": 7}', {"data": {"order": 7}}),
        ("application/vnd.shop+json", b"[1]", {"data": [1]}),
        ("text/plain", "größer".encode(), {"data": "größer"}),
        ("text/plain", b"\xff", {"data_base64": "/w=="}),
        ("image/png", b"\x89P", {"data_base64": "iVA="}),
        ("application/json", b"", {}),
    ],
)
def test_binary_mode(door: Door, kind: str, body: bytes, told: dict[str, Any]) -> None:
    """The attributes are headers, the body is the data."""
    headers = {
        "Content-Type": kind, "ce-specversion": "1.0", "ce-id": "e-1", "ce-source": "/shop",
        "ce-type": "placed", "ce-subject": "%E5%8D%97",
    }  # fmt: skip

    answer = post(door, body, headers)

    assert answer.status_code == 202, answer.text
    assert door.events.published == [
        {
            "specversion": "1.0", "id": "e-1", "source": "/shop", "type": "placed",
            "subject": "南", "datacontenttype": kind, **told,
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"specversion": "0.3"}, "/specversion"),
        ({"id": ""}, "/id"),
        ({"source": None}, "/source"),
        ({"type": 7}, "/type"),
        ({"time": "yesterday"}, "/time"),
        ({"time": "2026-03-02T09:00:00"}, "/time"),
        ({"orderId": "7"}, "/orderId"),
        ({"order": {"id": 7}}, "/order"),
        ({"data_base64": "AA=="}, "/data_base64"),
        ({"data": None, "data_base64": "A"}, "/data_base64"),
    ],
)
def test_what_is_no_event_is_told_where_it_is_wrong(
    door: Door, change: dict[str, Any], pointer: str
) -> None:
    """A problem with the pointer of the attribute; nothing is published."""
    answer = post(door, {**EVENT, **change}, ONE)

    assert (answer.status_code, answer.json()["code"]) == (422, "request-invalid")
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]
    assert door.events.published == []


def test_a_large_event_is_no_event(tmp_path: Path) -> None:
    """What everybody hands on is at most 64 kB."""
    door = Door(tmp_path, body_limit_bytes=1_000_000)

    answer = post(door, {**EVENT, "data": "x" * 70_000}, ONE)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "")
    assert door.events.published == []


def test_a_batch_with_a_broken_event_is_not_published(door: Door) -> None:
    """Whole or not at all: the pointer names the event."""
    answer = post(door, [EVENT, {**EVENT, "type": ""}, 7], BATCH)

    assert [each["pointer"] for each in answer.json()["errors"]] == ["/1/type", "/2"]
    assert door.events.published == []


def test_a_header_that_is_missing_is_named(door: Door) -> None:
    """In binary mode the attributes have no place in the body."""
    headers = {"Content-Type": "text/plain", "ce-specversion": "1.0", "ce-id": "1", "ce-type": "t"}

    answer = post(door, b"x", headers)

    assert answer.json()["errors"][0]["detail"].startswith("(header ce-source) is missing")


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"{", ONE, 400, "broken-body"),
        (b"[]", ONE, 400, "broken-body"),
        (b"{}", BATCH, 400, "broken-body"),
        (b"[" * 100_000, BATCH, 400, "broken-body"),
        (b"\xff\xfe", ONE, 400, "broken-body"),
        (b"a=b", {"Content-Type": "text/plain"}, 415, "wrong-media-type"),
    ],
)
def test_a_body_of_another_form(
    door: Door, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    """The answer says which forms there are, or that the body cannot be read."""
    answer = post(door, body, headers)

    assert (answer.status_code, answer.json()["code"]) in {(status, code), (413, "too-large")}
    assert door.events.published == []


def test_only_callers_with_a_token_publish(door: Door) -> None:
    """Nobody else reaches cases."""
    assert post(door, EVENT, ONE, scope=None).status_code == 401
    assert post(door, EVENT, ONE, scope="agent").status_code == 202


def test_what_could_not_be_kept_is_asked_for_again(door: Door) -> None:
    """503: the sender repeats it, and source and id make it one event."""
    door.events.fails = ServerUnavailable("127.0.0.1:7233")

    assert post(door, EVENT, ONE).status_code == 503
