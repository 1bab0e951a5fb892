"""`lifecycle.publish`: to the sink, one by one, in order."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from activities.lifecycle import MEDIA_TYPE, Lifecycle
from integrations.errors import Unavailable

EVENTS = [{"specversion": "1.0", "id": str(number), "type": "x"} for number in range(3)]
SINK = "https://events.example.org/in"


def published(answer: Callable[[httpx.Request], httpx.Response], sink: str | None = SINK) -> Any:
    """Deliver the events to a sink that is a function."""

    async def run() -> Any:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            return await Lifecycle(client, sink).publish({"events": EVENTS})

    return asyncio.run(run())


def test_events_are_posted_in_order_as_the_standard_recommends() -> None:
    """Structured content mode: the whole event is the body."""
    got: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        got.append(request)
        return httpx.Response(202)

    assert published(answer) == {"refused": []}
    assert [json.loads(each.content) for each in got] == EVENTS
    assert {each.headers["Content-Type"] for each in got} == {MEDIA_TYPE}
    assert {str(each.url) for each in got} == {SINK}


def test_an_event_that_the_sink_does_not_want_keeps_no_other_back() -> None:
    """It is named, and the next one goes out."""

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(400 if json.loads(request.content)["id"] == "1" else 200)

    assert published(answer) == {"refused": ["1"]}


@pytest.mark.parametrize("status", [401, 404, 408, 429, 500, 503, 302])
def test_a_sink_that_cannot_take_them_now_is_tried_again(status: int) -> None:
    """From the first event on: what came already is recognized by its id."""
    with pytest.raises(Unavailable, match=str(status)):
        published(lambda _: httpx.Response(status))


def test_a_sink_that_does_not_answer_is_tried_again() -> None:
    """A broken connection is no refusal."""

    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(Unavailable, match="refused"):
        published(answer)


def test_a_worker_without_a_sink_lets_the_case_go_on() -> None:
    """The case began when there was one; now nobody wants to know."""

    def answer(_: httpx.Request) -> httpx.Response:
        raise AssertionError

    assert published(answer, None) == {"refused": []}
