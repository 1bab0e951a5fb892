"""`wait-for`: an event, a time, or whichever comes first."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.conftest import Namespace
from tests.workflows.on_server import QUEUE, Activities, connect, worker_on
from tests.workflows.scenarios import Scenario, call, comment
from workflows.rehearsal.runner import rehearse
from workflows.rehearsal.world import Published


@pytest.mark.parametrize("door", ["update", "signal"])
@pytest.mark.parametrize("kind", ["after", "due"])
def test_an_event_that_came_during_an_outage_counts_before_the_time(
    namespace: Namespace, door: str, kind: str
) -> None:
    """No worker runs when the event comes and the time passes: the case hears of both at once."""
    arguments = {"event": "moved", kind: {"seconds": 2}}
    scenario = Scenario("waits", (call("pause", "wait-for", "/do/0", arguments=arguments),))
    event = {"id": "e1", "type": "moved", "data": {"to": "monday"}}

    async def run() -> Any:
        client = await connect(namespace)
        activities = Activities([scenario])
        async with worker_on(client, activities):
            handle = await client.start_workflow("waits", {}, id="waits:1", task_queue=QUEUE)
            while (await handle.query("show")).get("waits") in (None, []):
                await asyncio.sleep(0.05)
        if door == "signal":
            await handle.signal("event", event)
            told = None
        else:
            told = asyncio.create_task(handle.execute_update("event", event))
        await asyncio.sleep(3)
        async with worker_on(client, activities):
            result = await handle.result()
            if told is not None:
                await asyncio.gather(told, return_exceptions=True)
        return result

    assert asyncio.run(run())["outcome"] == "received"


def waiting(arguments: Any, script: list[Any], **more: Any) -> Any:
    """Rehearse a case that waits; its output is the wait's outcome and when it was over."""
    plan = Scenario("waits", (call("pause", "wait-for", "/do/0", arguments=arguments),)).plan
    result = rehearse(
        "waits",
        {"at": "2026-03-02T09:00:00Z", "input": {}, "script": script, **more},
        {"waits": Published(plan, "digest")},
        {"people": {"amy": {"name": "Amy"}}},
    )
    return result.outcome["output"], result


MOVED = {"event": "moved", "data": {"to": "monday"}}


@pytest.mark.parametrize(
    ("arguments", "event_at", "outcome", "at"),
    [
        ({"event": "moved", "due": {"hours": 1}}, "10:00", "received", "10:00"),
        ({"event": "moved", "after": {"hours": 1}}, "10:00", "received", "10:00"),
        ({"event": "moved", "at": "2026-03-02T10:00Z"}, "10:00", "received", "10:00"),
        ({"event": "moved", "at": "2026-03-02T10:00Z"}, "10:01", "reached", "10:00"),
        ({"event": "moved", "due": {"hours": 1}}, "10:01", "timed-out", "10:00"),
        ({"event": "moved", "at": "2026-03-02T11:00Z", "due": {"hours": 1}}, None, "timed-out", "10:00"),
        ({"event": "moved", "at": "2026-03-02T10:00Z", "due": {"hours": 1}}, None, "reached", "10:00"),
        ({"event": "moved", "match": {"to": "friday"}, "due": {"hours": 1}}, "09:30", "timed-out", "10:00"),
        ({"event": "moved", "match": {"to": ["friday", "monday"]}, "due": {"hours": 1}}, "09:30", "received", "09:30"),
        ({"at": "2026-03-01T10:00Z"}, None, "reached", "09:00"),
        ({"event": "moved", "at": "2026-03-01T10:00Z"}, None, "reached", "09:00"),
        ({"after": {"hours": 1}}, "09:30", "reached", "10:00"),
    ],
)  # fmt: skip
def test_whichever_comes_first(arguments: Any, event_at: str | None, outcome: str, at: str) -> None:
    """At one instant the event wins; a time that has passed is reached at once."""
    script = [] if event_at is None else [{"at": f"2026-03-02T{event_at}:00Z", **MOVED}]
    if event_at == "10:01":
        # The case is over by then, and the line would fail its rehearsal.
        script = []

    output, _ = waiting(arguments, script)

    assert (output["outcome"], output["at"]) == (outcome, f"2026-03-02T{at}:00Z")
    assert output["event"] == ({"to": "monday"} if outcome == "received" else None)


def test_an_event_that_came_early_is_taken_at_once() -> None:
    """It was kept for whoever waits for it, also where the time has passed already."""
    tasks = (
        call("first", "wait-for", "/do/0", arguments={"after": {"hours": 1}}),
        call("pause", "wait-for", "/do/1", arguments={"event": "moved", "at": "2026-03-02T09:00Z"}),
        comment("tell", "${ $case.results.pause.outcome }", "/do/2"),
    )
    result = rehearse(
        "waits",
        {"at": "2026-03-02T09:00:00Z", "input": {}, "script": [{"at": "2026-03-02T09:10:00Z", **MOVED}]},
        {"waits": Published(Scenario("waits", tasks).plan, "digest")},
        {},
    )  # fmt: skip

    assert [each["arguments"]["text"] for each in result.actions if each["function"] == "ticket.comment"] == ["received"]  # fmt: skip


def test_reminders_stop_with_the_wait() -> None:
    """They go out as long as it lasts, to whom they name, and never after it."""
    remind = [{"every": {"hours": 1}, "to": {"person": "amy"}}]
    arguments = {"event": "moved", "remind": remind, "due": {"days": 1}}

    output, result = waiting(arguments, [{"at": "2026-03-02T11:30:00Z", **MOVED}])

    assert output["outcome"] == "received"
    assert [each["at"] for each in result.lines if "reminds" in each] == [
        "2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z",
    ]  # fmt: skip
    texts = [each["arguments"]["text"] for each in result.actions]
    assert all(text.startswith("Still waiting: pause") and "仍在等待" in text for text in texts)
