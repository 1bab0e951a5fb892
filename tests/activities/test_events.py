"""What cases publish and listen to reaches the routers."""

from __future__ import annotations

import asyncio

from tests.activities.stage import Stage

EVENT = {"specversion": "1.0", "id": "1", "source": "/tests", "type": "placed"}


def test_an_event_of_a_case_is_published(stage: Stage) -> None:
    """The event goes out as the case made it."""
    assert stage.act("events.publish", {"event": EVENT}) == {"published": True}
    assert stage.routers.told == [("publish", EVENT)]


def test_subscriptions_come_and_go(stage: Stage) -> None:
    """Both may be told twice; the routers know them by their ids."""
    told = {"id": "s", "filters": []}

    asyncio.run(stage.call("events.subscribe", told))
    asyncio.run(stage.call("events.unsubscribe", told))

    assert stage.routers.told == [("subscribe", told), ("unsubscribe", told)]


def test_routers_ask_who_is_gone(stage: Stage) -> None:
    """The answer names those that do not run any more."""
    asked = {"subscribers": [["a:1", "r"], ["b:1", None]]}

    assert asyncio.run(stage.call("events.gone", asked)) == [["b:1", None]]


def test_events_start_cases(stage: Stage) -> None:
    """The events are the input; the answer is the case."""
    start = {"definition": "desk", "input": [EVENT], "key": "k"}

    assert asyncio.run(stage.call("events.start", start)) == {"case": "desk:k"}
    assert stage.routers.told == [("start", ("desk", [EVENT]))]


def test_what_is_published_is_applied(stage: Stage) -> None:
    """The answer says who listens now."""
    assert asyncio.run(stage.call("events.apply", {})) == {"listening": ["desk"], "ended": []}
