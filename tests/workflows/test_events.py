"""Events in the rehearsal world, from every snapshot, and on a Temporal server: the same each time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from tests.conftest import Namespace
from tests.workflows.event_scenarios import EVENT_SCENARIOS, Written, written
from tests.workflows.in_world import run_in_world
from tests.workflows.on_server import Activities, connect, run_on_server, worker_on
from tests.workflows.test_rehearsal_runtime import check
from workflows.rehearsal.runner import Result, rehearse
from workflows.rehearsal.world import Published


@pytest.mark.parametrize("scenario", EVENT_SCENARIOS, ids=lambda each: each.name)
def test_scenario_ends_as_it_must(scenario: Written) -> None:
    """Each scenario publishes, hears and gives what it must."""
    check(scenario, run_in_world(scenario))


@pytest.mark.parametrize("scenario", EVENT_SCENARIOS, ids=lambda each: each.name)
def test_snapshot_and_resume_change_nothing(scenario: Written) -> None:
    """A case that starts again from a snapshot at each legal point does and gives the same."""
    straight = run_in_world(scenario)

    resumed = run_in_world(scenario, restart=True)

    assert straight.actions == resumed.actions
    assert straight.arguments == resumed.arguments
    assert straight.ends == resumed.ends
    if scenario.output is not ...:
        assert straight.output == resumed.output


def test_scenarios_do_the_same_on_a_server(namespace: Namespace) -> None:
    """Through real routers: same actions, arguments, ends and outputs."""

    async def run() -> list[Any]:
        client = await connect(namespace)
        activities = Activities(EVENT_SCENARIOS)
        async with worker_on(client, activities, sandbox=True):
            return await asyncio.gather(
                *(run_on_server(client, activities, each) for each in EVENT_SCENARIOS)
            )

    for scenario, outcome in zip(EVENT_SCENARIOS, asyncio.run(run()), strict=True):
        check(scenario, outcome)
        assert run_in_world(scenario).arguments == outcome.arguments, scenario.name


def test_the_end_of_a_correlation_tells_its_keys() -> None:
    """The lifecycle event names the values that belong together."""
    scenario = next(
        each for each in EVENT_SCENARIOS if each.name == "the-first-event-fixes-the-correlation"
    )

    told = run_in_world(replace(scenario, announces=True)).announced

    (completed,) = [each for each in told if "correlation-completed" in each["type"]]
    assert completed["data"]["correlationKeys"] == {"room": 1}


ORDER = """
do:
  - place: { emit: { event: { with: { type: order.placed, data: { order: '${ .order }' } } } } }
  - paid:
      listen:
        to:
          one:
            with: { type: payment.received, subject: '${ $input.data.order | tostring }' }
"""


def of_order(*script: dict[str, Any], expect: dict[str, Any]) -> Result:
    """Rehearse a case that publishes an event and waits for another one."""
    rehearsal = {
        "rehearsal": "an order", "kind": "normal", "at": "2026-03-02T09:00Z",
        "input": {"order": 7}, "script": list(script), "expect": expect,
    }  # fmt: skip
    definitions = {"order": Published(written("order", ORDER), "digest")}
    return rehearse("order", rehearsal, definitions, {})


def test_a_script_publishes_what_follows_an_event_of_the_case() -> None:
    """What the case publishes can be waited for; attributes are compared."""
    result = of_order(
        {"when": {"emits": "order.placed"}, "after": {"hours": 1}, "publish": "payment.received",
         "data": {"n": 1}, "attributes": {"subject": "8"}},
        {"when": {"emits": "order.placed"}, "after": {"hours": 2}, "publish": "payment.received",
         "data": {"n": 2}, "attributes": {"subject": "7"}},
        expect={
            "ends": {"as": "completed", "at": "2026-03-02T11:00"},
            "timeline": [{"emits": "order.placed"}, {"hears": "payment.received", "times": 1}],
            "output": [{"n": 2}],
        },
    )  # fmt: skip

    assert result.problems == []


def test_a_script_that_publishes_no_event_is_told_so() -> None:
    """The attributes are those of a CloudEvent."""
    result = of_order(
        {"at": "2026-03-02T10:00Z", "publish": "x", "attributes": {"Subject": "7"}},
        expect={"ends": {"as": "running"}},
    )

    said = "/Subject is no attribute of a CloudEvent: names are lower-case letters and digits"
    assert result.problems == [f"script line 1 publishes no event: {said}"]


RECOVERED = """
schedule: { on: { all: [ { with: { type: fell.ill } }, { with: { type: recovered } } ] } }
do:
  - give: { set: '${ [ $workflow.input[] | .type ] }' }
"""


def of_recovery(*script: dict[str, Any], **more: Any) -> Result:
    """Rehearse a definition that events start."""
    rehearsal = {
        "rehearsal": "a recovery", "kind": "normal", "at": "2026-03-02T09:00Z",
        "script": list(script), "expect": {"ends": {"as": "completed"}}, **more,
    }  # fmt: skip
    definitions = {"recovery": Published(written("recovery", RECOVERED), "digest")}
    return rehearse("recovery", rehearsal, definitions, {})


def test_events_of_the_script_start_the_case() -> None:
    """Without an input the case begins when its set of events is whole, and gets them as its input."""
    result = of_recovery(
        {"at": "2026-03-02T10:00Z", "publish": "fell.ill"},
        {"at": "2026-03-03T10:00Z", "publish": "recovered"},
        expect={"ends": {"as": "completed", "at": "2026-03-03T10:00"},
                "output": ["fell.ill", "recovered"]},
    )  # fmt: skip

    assert result.problems == []


def test_an_input_starts_the_case_without_its_events() -> None:
    """It stands for the events."""
    assert of_recovery(input=[{"type": "x"}], expect={"output": ["x"]}).problems == []


def test_a_case_that_no_event_starts_is_a_problem() -> None:
    """The rehearsal says what would start it."""
    (problem,) = of_recovery({"at": "2026-03-02T10:00Z", "publish": "fell.ill"}).problems

    assert problem.startswith("no case was started: the definition starts on events")
