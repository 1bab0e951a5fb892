"""CloudEvents as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from service.cloud_events import (
    data_of,
    envelope,
    identity,
    problems,
    read_as,
    router_of,
    starter_of,
)

EVENT: dict[str, Any] = {"specversion": "1.0", "id": "1", "source": "/a", "type": "t"}


def test_a_sound_event_has_no_problems() -> None:
    """The four attributes are enough; extensions are texts, numbers and truth values."""
    assert problems(EVENT) == ()
    assert problems({**EVENT, "ext": 1, "flag": True, "data": {"Any": [1]}, "subject": None}) == ()


def test_source_and_id_make_an_event() -> None:
    """Those of a case's own doors may have an id alone."""
    assert identity(EVENT) != identity({**EVENT, "source": "/b"})
    assert identity({"id": "1", "type": "t"}) == "1"


@pytest.mark.parametrize(
    ("more", "data", "raw"),
    [
        ({"data": {"a": 1}}, {"a": 1}, '{"a":1}'),
        ({"data": "text"}, "text", "text"),
        ({"data": None}, None, None),
        ({}, None, None),
        ({"data_base64": "eyJhIjoxfQ=="}, {"a": 1}, "eyJhIjoxfQ=="),
        ({"data_base64": "YQ==", "datacontenttype": "text/plain"}, "a", "YQ=="),
        ({"data_base64": "YQ==", "datacontenttype": "image/png"}, "YQ==", "YQ=="),
        ({"data_base64": "YQ==", "datacontenttype": "application/json"}, "YQ==", "YQ=="),
        ({"data_base64": "/w==", "datacontenttype": "text/plain"}, "/w==", "/w=="),
    ],
)
def test_reading(more: dict[str, Any], data: Any, raw: Any) -> None:
    """Data is decoded by its content type; raw is as it was sent; what cannot be decoded stays."""
    event = {**EVENT, **more}

    assert data_of(event) == data
    assert read_as(event, "data") == data
    assert read_as(event, "raw") == raw
    assert read_as(event, "envelope") == event


def test_an_envelope_has_what_the_standard_demands() -> None:
    """Also of an event that was only told to a case."""
    assert envelope({"id": "1", "type": "t", "subject": None}) == {
        "specversion": "1.0", "source": "caseway", "id": "1", "type": "t",
    }  # fmt: skip


@pytest.mark.parametrize(
    "type", ["t", "com.example.order.placed.v1", "*", "x" * 5_000, "a\nb", "故障", "a:b c/d"]
)
def test_ids_of_routers_are_short_and_distinct(type: str) -> None:
    """PostgreSQL holds 255 characters; the router of all types is another one."""
    router = router_of(type)

    assert len(router) <= 255
    assert router.isprintable()
    assert router != router_of(None)
    assert router != router_of(type + "2")


def test_a_starter_is_no_router() -> None:
    """Whatever the definition is called."""
    assert starter_of("events") != router_of("events")
    assert json.dumps(starter_of("a")) == '"caseway-event-start:a"'
