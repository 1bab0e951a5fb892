"""Notices that a window holds back: in the rehearsal world, from snapshots, and on a server."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio import activity
from temporalio.client import Client
from temporalio.common import RawValue
from temporalio.service import RPCError

from service.instants import write_instant
from tests.conftest import Namespace
from tests.workflows.in_world import MONDAY
from tests.workflows.on_server import QUEUE, Activities, connect, perform, worker_on
from tests.workflows.scenarios import Scenario, Step, call, item
from workflows.interpreter import doors
from workflows.rehearsal.systems import Systems
from workflows.rehearsal.world import Published, World

NIGHT = MONDAY + timedelta(hours=12)
ORGANIZATION: Mapping[str, Any] = {
    "people": {"chen": {"groups": ["desk"]}, "lin": {"groups": ["desk"]}},
    "groups": {"desk": {}},
    "calendars": {"office": {"timezone": "UTC", "week": {"mon-fri": ["09:00-17:00"]}}},
}
TELL = call(
    "tell", "notify", "/do/0",
    arguments={"to": {"group": "desk"}, "text": "It is done", "window": "office"},
)  # fmt: skip
ASK = item("ask", "/do/1", notice={"window": "office"})
ASK_FIRST = item("ask", "/do/0", notice={"window": "office"})
TELLS = Scenario("tells-at-night", (TELL,))
ASKS = Scenario("asks-at-night", (TELL, ASK), steps=(Step(when="ask", answer="done"),))


def in_world(
    scenario: Scenario, *, answer_after: timedelta | None = None, cancel: bool = False,
    restart: bool = False,
) -> tuple[World, list[dict[str, Any]]]:  # fmt: skip
    """Play it on the virtual clock from nine in the evening on."""
    world = World(
        start=NIGHT,
        definitions={scenario.name: Published(scenario.plan, "digest")},
        organization=ORGANIZATION,
        systems=Systems({}),
        restart=restart,
    )
    lines: list[dict[str, Any]] = []
    world.observers.append(lines.append)
    case = f"{scenario.name}:1"
    world.open(scenario.name, case, {})

    def act() -> None:
        run = world.cases[case].run
        if cancel:
            doors.cancel(run, {"id": "c", "reason": "over", "by": "lin"})
        else:
            doors.answer(run, {"id": "a", "item": "ask", "by": "chen", "outcome": "done"})

    if answer_after is not None:
        world.loop.call_at((NIGHT + answer_after).timestamp(), act)
    world.run()
    return world, lines


def said(lines: list[dict[str, Any]], name: str) -> list[tuple[str, Any, Any]]:
    """What happened of a kind: when, which task, whom."""
    return [(line["at"], line[name], line.get("to")) for line in lines if name in line]


@pytest.mark.parametrize("restart", [False, True], ids=["straight", "from-every-snapshot"])
def test_a_case_tells_what_was_held_before_it_completes(restart: bool) -> None:
    """The flow is over at nine in the evening, the people hear of it at nine in the morning, once."""
    world, lines = in_world(TELLS, restart=restart)

    assert said(lines, "holdsBack") == [("2026-03-02T21:00:00Z", "tell", ["chen", "lin"])]
    assert said(lines, "tells") == [("2026-03-03T09:00:00Z", "tell", ["chen", "lin"])]
    assert world.outcome("tells-at-night:1")["as"] == "completed"
    assert [done.key.partition(":")[2] for done in world.actions] == [
        "/do/0/tell#1", "/do/0/tell#1:later1",
    ]  # fmt: skip


def test_who_is_asked_at_night_hears_of_it_in_the_morning_and_the_time_runs() -> None:
    """The item is open at once; its mail waits for the office."""
    world, lines = in_world(ASKS, answer_after=timedelta(hours=13))
    opened = next(line["at"] for line in lines if line.get("opens") == "ask")

    assert opened == "2026-03-02T21:00:00Z"
    assert ("2026-03-03T09:00:00Z", "ask", ["chen", "lin"]) in said(lines, "tells")
    assert world.cases["asks-at-night:1"].run.state.results["ask"]["told"] == ["chen", "lin"]


def test_nobody_hears_of_an_item_that_was_answered_in_the_night() -> None:
    """What nobody needs to know any more is not told in the morning, and nobody counts as told."""
    world, lines = in_world(ASKS, answer_after=timedelta(hours=2))

    assert [task for _, task, _ in said(lines, "tells")] == ["tell"]
    assert world.cases["asks-at-night:1"].run.state.results["ask"]["told"] == []


def test_nobody_hears_of_an_item_that_was_given_to_others_in_the_night() -> None:
    """In the morning it is not theirs any more, and who has it was told when it came."""
    scenario = Scenario("given-at-night", (ASK_FIRST,))
    world = World(
        start=NIGHT,
        definitions={scenario.name: Published(scenario.plan, "digest")},
        organization=ORGANIZATION,
        systems=Systems({}),
    )
    lines: list[dict[str, Any]] = []
    world.observers.append(lines.append)
    world.open(scenario.name, "given:1", {})

    def gives() -> None:
        run = world.cases["given:1"].run
        to = {"people": ["lin"]}
        request = {"id": "g", "item": "ask", "by": "chen", "reason": "hers", "to": to}
        doors.reassign(run, request)

    world.loop.call_at((NIGHT + timedelta(hours=1)).timestamp(), gives)
    world.run(NIGHT + timedelta(hours=16))

    assert said(lines, "holdsBack") == [("2026-03-02T21:00:00Z", "ask", ["chen", "lin"])]
    assert said(lines, "tells") == []


def test_a_cancelled_case_tells_nothing_more_and_says_so() -> None:
    """Cancelled in the night: nobody is told in the morning, and the timeline names whom."""
    world, lines = in_world(ASKS, answer_after=timedelta(hours=2), cancel=True)
    timeline = world.cases["asks-at-night:1"].run.state.timeline

    assert said(lines, "tells") == []
    assert world.outcome("asks-at-night:1")["at"] == "2026-03-02T23:00:00Z"
    assert any("chen, lin not told" in line["text"] for line in timeline)


class Night(Activities):
    """Every window opens in a moment."""

    def __init__(self, scenarios: Sequence[Scenario]) -> None:
        super().__init__(scenarios)
        self.told: list[str] = []

    @activity.defn(name="organization.read")
    async def read(self, request: dict[str, Any]) -> Any:
        """Answer as the others do."""
        return await super().read(request)

    @activity.defn(dynamic=True)
    async def act(self, args: Sequence[RawValue]) -> Any:
        """Hold back what has a window, once."""
        request = activity.payload_converter().from_payload(args[0].payload, dict)
        given = request["arguments"]
        opens = datetime.now(UTC) + timedelta(seconds=1.5)
        if given.get("window") and not given.get("urgent"):
            told = {"state": "held", "at": write_instant(opens)}
        else:
            self.told.append(request["key"].partition(":")[2])
            told = {"state": "sent"}
        return {"deliveries": [{"person": "chen", "channel": "mail", **told}]}


async def _until_told(handle: Any) -> None:
    """Wait until somebody knows of the item."""
    for _ in range(600):
        try:
            view = await handle.query("show")
        except RPCError:
            view = {}
        if any(each["told"] for each in view.get("items", ())):
            return
        await asyncio.sleep(0.1)
    raise AssertionError("nobody was told of the item")


@pytest.mark.parametrize("cached", [100, 0], ids=["cached", "replayed-each-time"])
def test_held_notices_on_a_server(namespace: Namespace, cached: int) -> None:
    """Each held notice is told once, under a key of its own, before the case completes."""

    async def play(client: Client, scenario: Scenario) -> Any:
        handle = await client.start_workflow(
            scenario.name, {}, id=f"{scenario.name}:1", task_queue=QUEUE,
            execution_timeout=timedelta(minutes=2),
        )  # fmt: skip
        for step in scenario.steps:
            await _until_told(handle)
            await perform(handle, step, 0)
        return await handle.result()

    async def run() -> list[str]:
        client = await connect(namespace)
        activities = Night([TELLS, ASKS])
        async with worker_on(client, activities, sandbox=True, cached=cached):
            await asyncio.gather(play(client, TELLS), play(client, ASKS))
        return activities.told

    assert sorted(asyncio.run(run())) == [
        "/do/0/tell#1:later1", "/do/0/tell#1:later1", "/do/1/ask#1:announced:later1",
    ]  # fmt: skip
