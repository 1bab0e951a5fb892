"""Ladders beside a case: in the rehearsal world, from every snapshot, and on a Temporal server."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from temporalio import activity
from temporalio.client import Client
from temporalio.common import RawValue
from temporalio.service import RPCError

from language.plan import ENGINE_SEMANTICS
from language.plan_codec import pack_plan
from service.reads import READS
from tests.conftest import Namespace
from tests.workflows.escalation_scenarios import (
    ORGANIZATION,
    SCENARIOS,
    Escalating,
    ladder_plan,
)
from tests.workflows.in_world import MONDAY
from tests.workflows.on_server import QUEUE, Activities, connect, worker_on
from workflows.interpreter import doors
from workflows.rehearsal.systems import Systems
from workflows.rehearsal.world import Published, World

LADDER = ladder_plan()


@dataclass(slots=True)
class Seen:
    """What a run showed: outputs by case, and whom each item was announced to."""

    outputs: dict[str, Any] = field(default_factory=dict)
    told: dict[str, list[str]] = field(default_factory=dict)
    """Key of an announcement without the first run -> people."""
    snapshots: int = 0


def case_of(scenario: Escalating, ladder: str | None) -> str:
    """The case, or the case of one of its ladders."""
    case = f"{scenario.name}:1"
    return case if ladder is None else f"escalation-ladder:{case}/{ladder}"


def in_world(scenario: Escalating, *, restart: bool = False) -> Seen:
    """Run it on the virtual clock."""
    systems = Systems({})
    world = World(
        start=MONDAY,
        definitions={
            scenario.name: Published(scenario.plan, "digest"),
            "escalation-ladder": Published(LADDER, "ladder"),
        },
        organization=ORGANIZATION,
        systems=systems,
        restart=restart,
    )
    answers = list(scenario.answers)

    waiting: list[bool] = []

    def act() -> None:
        if not answers or waiting:
            return
        found = world.cases.get(case_of(scenario, answers[0].ladder))
        item = None if found is None else found.run.state.items.get(answers[0].item)
        by = answers[0].by
        if item is not None and item["state"] == "open" and (not by or by in item["people"]):
            waiting.append(True)
            world.loop.call_later(0, carry_out)

    def carry_out() -> None:
        answer = answers.pop(0)
        waiting.clear()
        request = {"item": answer.item, "by": answer.by, "outcome": answer.outcome}
        run = world.cases[case_of(scenario, answer.ladder)].run
        if answer.outcome is None:
            return
        doors.answer(run, {**request, "id": f"answer-{len(answers)}"})

    world.watchers.append(act)
    world.open(scenario.name, f"{scenario.name}:1", {})
    world.run()
    assert not world.loop.failures, world.loop.failures
    seen = Seen(snapshots=sum(each.snapshots for each in world.cases.values()))
    for case in world.cases:
        seen.outputs[case] = world.outcome(case)["output"]
    for done in world.actions:
        people = [each["person"] for each in done.result["deliveries"]]
        seen.told[f"{done.case} {done.key.partition(':')[2]}"] = people
    assert not answers
    return seen


def check(scenario: Escalating, seen: Seen) -> None:
    """Hold what a run showed against its scenario."""
    assert seen.outputs[f"{scenario.name}:1"] == scenario.output
    for ladder, wanted in scenario.ladders.items():
        output = seen.outputs[case_of(scenario, ladder)]
        assert {name: output[name] for name in wanted} == wanted


each_scenario = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name)


@each_scenario
def test_scenario_ends_as_it_must(scenario: Escalating) -> None:
    """The case gets what its ladder came to, and the ladder ends with its case."""
    check(scenario, in_world(scenario))


@each_scenario
def test_snapshot_and_resume_change_nothing(scenario: Escalating) -> None:
    """Case and ladder that start again from a snapshot at every legal point tell the same people."""
    straight, resumed = in_world(scenario), in_world(scenario, restart=True)

    assert resumed.snapshots > 0 or not scenario.answers
    assert resumed.outputs == straight.outputs
    assert resumed.told == straight.told


class Telling(Activities):
    """Activities that resolve people, so that notices say whom they told."""

    def __init__(self) -> None:
        super().__init__(())
        self.told: dict[str, list[str]] = {}
        self.plans = {each.name: each.plan for each in SCENARIOS} | {"escalation-ladder": LADDER}

    @activity.defn(name="definition.load")
    async def load(self, request: dict[str, Any]) -> dict[str, Any]:
        """Give a plan."""
        plan = self.plans[request["name"]]
        return {
            "name": plan.name, "version": plan.version, "digest": plan.name,
            "plan": pack_plan(plan), "semantics": ENGINE_SEMANTICS, "announces": False,
        }  # fmt: skip

    @activity.defn(name="organization.read")
    async def read(self, request: dict[str, Any]) -> Any:
        """Answer from the scenarios' organization."""
        return READS[request["read"]](ORGANIZATION, request["arguments"])

    @activity.defn(dynamic=True)
    async def act(self, args: Sequence[RawValue]) -> Any:
        """Keep whom a notice tells, under its case and key."""
        request = activity.payload_converter().from_payload(args[0].payload, dict)
        given = request["arguments"]
        if "seats" in given:
            given = {"to": {"people": [each["seat"] for each in given["seats"]]}}
        to = given.get("who") or given["to"]
        named = to if isinstance(to, list) else [{"person": to.get("person")}]
        people = [each["person"] for each in named] if "people" not in to else list(to["people"])
        self.told[f"{activity.info().workflow_id} {request['key'].partition(':')[2]}"] = people
        deliveries = [{"person": each, "channel": "mail", "state": "sent"} for each in people]
        return {"deliveries": deliveries}


async def on_server(client: Client, scenario: Escalating, activities: Telling) -> Seen:
    """Run it on a server."""
    case = f"{scenario.name}:1"
    handle = await client.start_workflow(
        scenario.name, {}, id=case, task_queue=QUEUE, execution_timeout=timedelta(minutes=2)
    )
    for number, answer in enumerate(scenario.answers):
        asked = client.get_workflow_handle(case_of(scenario, answer.ladder))
        await _open(asked, answer.item, answer.by)
        if answer.outcome is None:
            continue
        request = {"item": answer.item, "by": answer.by, "outcome": answer.outcome}
        await asked.execute_update("answer", {**request, "id": f"answer-{number}"})
    seen = Seen({case: await handle.result()})
    for ladder in scenario.ladders:
        ladder_case = case_of(scenario, ladder)
        seen.outputs[ladder_case] = await client.get_workflow_handle(ladder_case).result()
    seen.told = {
        key: people for key, people in activities.told.items() if f"{scenario.name}:1" in key
    }
    return seen


async def _open(handle: Any, item: str, by: str) -> None:
    """Wait until a case has opened an item, for this person if one is named."""
    view: Mapping[str, Any] = {}
    for _ in range(400):
        try:
            view = await handle.query("show")
        except RPCError:
            view = {}
        for each in view.get("items", ()):
            if each["id"] == item and each["state"] == "open" and (not by or by in each["people"]):
                return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{item} never opened: {view.get('timeline')}")


def _asked(scenario: Escalating, seen: Seen) -> dict[str, list[str]]:
    """Whom notices told; not those that an answer or the end of the case may overtake."""
    return {
        key: people
        for key, people in seen.told.items()
        if ":taken" not in key and not (scenario.overtaken and key.startswith("escalation-ladder:"))
    }


@pytest.mark.parametrize("cached", [100, 0], ids=["cached", "replayed-each-time"])
def test_scenarios_do_the_same_on_a_server(namespace: Namespace, cached: int) -> None:
    """Same ends, same people told under the same keys; also where each task replays from the start."""

    async def run() -> list[Seen]:
        client = await connect(namespace)
        activities = Telling()
        async with worker_on(client, activities, sandbox=True, cached=cached):
            return await asyncio.gather(
                *(on_server(client, each, activities) for each in SCENARIOS)
            )

    for scenario, seen in zip(SCENARIOS, asyncio.run(run()), strict=True):
        check(scenario, seen)
        assert _asked(scenario, seen) == _asked(scenario, in_world(scenario)), scenario.name


ABSURD: tuple[Any, ...] = (
    None, 7, "moved", [], {}, {"ladderCase": ["a"]}, {"ladderCase": {}, "state": "asking"},
    {"ladderCase": "escalation-ladder:other:1/quick", "state": "exhausted"},
)  # fmt: skip


@pytest.mark.parametrize("data", ABSURD, ids=repr)
def test_what_no_ladder_told_is_left_alone(data: Any) -> None:
    """Anybody may send a signal of that name; the case goes on as it was."""
    world, case = started("waits-until-it-is-taken")
    event = {"id": "e", "type": "escalation.moved", "data": data}
    world.loop.call_later(0.5, world.deliver, case, event)
    world.run(MONDAY + timedelta(seconds=1))

    (entry,) = world.cases[case].run.state.escalations.values()
    assert (entry["state"], entry["level"]) == ("running", 1)


@pytest.mark.parametrize(
    "told",
    [
        {"state": "dancing"},
        {"state": "acknowledged", "by": ["lin"], "level": True, "people": "lin", "skipped": 3},
        {"state": "asking", "reassign": {"people": "lin", "groups": 4, "who": None}, "level": -1},
    ],
    ids=repr,
)
def test_a_ladder_that_tells_nonsense_breaks_nothing(told: dict[str, Any]) -> None:
    """An edited definition of the ladder may tell anything: it is taken as far as it makes sense."""
    world, case = started("an-overdue-item-goes-up")
    world.run(MONDAY + timedelta(seconds=2))
    (ladder,) = world.cases[case].run.state.escalations
    event = {"id": "e", "type": "escalation.moved", "data": {**told, "ladderCase": ladder}}
    world.loop.call_later(0.5, world.deliver, case, event)
    world.run(MONDAY + timedelta(seconds=4))

    assert world.outcome(case)["as"] == "running"
    assert world.cases[case].run.state.items["ask"]["people"] == ["chen"]


def test_a_published_event_of_that_name_is_no_word_of_a_ladder() -> None:
    """What has a source came from elsewhere: nobody acknowledges by publishing an event."""
    world, case = started("waits-until-it-is-taken")
    ladder = f"escalation-ladder:{case}/patient"
    data = {"ladderCase": ladder, "state": "acknowledged", "by": "mallory", "level": 1}
    event = {"id": "e", "source": "/elsewhere", "type": "escalation.moved", "data": data}
    world.loop.call_later(0.5, world.deliver, case, event)
    world.run(MONDAY + timedelta(seconds=1))

    assert world.cases[case].run.state.escalations[ladder]["state"] == "running"


@pytest.mark.parametrize("wait", [True, False])
def test_a_ladder_that_is_not_there_is_said_where_it_was_called(wait: bool) -> None:
    """A name that nobody knows: who waits gets an error, the timeline says it, the ladder is held."""
    scenario = Escalating(
        "unknown",
        f"do:\n  - call: {{ call: escalate, with: {{ ladder: '${{ \"quik\" }}', wait: {str(wait).lower()} }} }}"
        "\n  - rest: { wait: { seconds: 5 } }\n",
    )
    world, case = started(scenario)
    world.run()

    outcome = world.outcome(case)
    assert outcome["as"] == ("failed" if wait else "completed")
    assert any('no ladder "quik"' in line["text"] for line in world.cases[case].run.state.timeline)
    if wait:
        assert 'no ladder "quik"' in outcome["error"]["detail"]


def test_the_end_of_a_lost_ladder_is_told() -> None:
    """Somebody cancels the ladder's case: who waits for it hears so, and does not wait for ever."""
    world, case = started("waits-until-it-is-taken")
    ladder = f"escalation-ladder:{case}/patient"

    def lose() -> None:
        doors.cancel(world.cases[ladder].run, {"id": "c", "reason": "mistake", "by": "wang"})

    world.loop.call_later(1, lose)
    world.run()

    outcome = world.outcome(case)
    assert outcome["as"] == "failed"
    assert "it ended as cancelled" in outcome["error"]["detail"]


def started(scenario: str | Escalating) -> tuple[World, str]:
    """A world in which a scenario's case has just begun."""
    found = next(each for each in SCENARIOS if scenario in (each, each.name)) if isinstance(
        scenario, str
    ) else scenario  # fmt: skip
    world = World(
        start=MONDAY,
        definitions={
            found.name: Published(found.plan, "digest"),
            "escalation-ladder": Published(LADDER, "ladder"),
        },
        organization=ORGANIZATION,
        systems=Systems({}),
    )
    case = f"{found.name}:1"
    world.open(found.name, case, {})
    world.settle()
    return world, case


TWO_CAUSES = Escalating(
    "two-causes",
    "do:\n"
    "  - one: { call: escalate, with: { ladder: patient, until: { event: one.over } } }\n"
    "  - two: { call: escalate, with: { ladder: patient, until: { event: two.over } } }\n"
    "  - same: { call: escalate, with: { ladder: patient, until: { event: two.over } } }\n"
    "  - stay: { wait: { minutes: 1 } }\n",
)


def test_a_ladder_of_two_causes_goes_on_until_both_are_over() -> None:
    """Whoever called it second still needs somebody when what the first one waited for has come."""
    world, case = started(TWO_CAUSES)
    run = world.cases[case].run
    states = []
    for kind in ("one.over", "two.over"):
        run.events.deliver({"id": kind, "type": kind, "data": {}})
        world.settle()
        snapshot = run.snapshot()["escalations"]
        states += [each["state"] for each in snapshot.values()]

    assert states == ["running", "stopped"]
