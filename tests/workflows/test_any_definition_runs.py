"""Whatever is accepted runs: to an end, a wait or a fault of its own, never into an internal error."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from language.compile import compile_definition
from language.plan import Expression, Plan, Set
from language.plan_codec import plan_from_json, plan_to_json
from tests.workflows.grammar import definitions, deliveries
from tests.workflows.in_world import MONDAY
from workflows.rehearsal.loop import WorldStuck
from workflows.rehearsal.systems import Systems
from workflows.rehearsal.world import Published, World

MOST_INSTANTS = 100
"""A definition may go in a circle for ever; what it does in so many instants is looked at."""

PART = Plan("tests", "part", "1.0.0", (Set(name="give", path="/do/0/give", value=Expression(".")),))
INPUTS = st.sampled_from([None, {}, {"x": 1, "n": 1}, {"x": [1, 2]}, [1], "text"])
HTTP = [{"response": {"status": 200, "body": {"x": 1}}}]


def play(plan: Plan, value: Any, delivered: Sequence[dict[str, Any]], *, restart: bool) -> World:
    """Run a plan in the rehearsal world, so far."""
    world = World(
        start=MONDAY,
        definitions={each.name: Published(each, f"digest of {each.name}") for each in (PART, plan)},
        organization={},
        systems=Systems({"http": HTTP}),
        restart=restart,
    )
    world.open(plan.name, "made:1", value)

    def deliver(told: dict[str, Any]) -> None:
        if world.cases["made:1"].run.state.ended is None:
            world.deliver("made:1", dict(told))

    for each in delivered:
        world.loop.call_at(MONDAY.timestamp() + each["at"], deliver, each["event"])
    # A circle of actions, in which no time passes, is stopped by the world: see its own test.
    with contextlib.suppress(WorldStuck):
        world.settle()
        for _ in range(MOST_INSTANTS):
            if not world.loop.advance():
                break
            world.settle()
    return world


@pytest.fixture(scope="module", autouse=True)
def _short_circles() -> Iterator[None]:
    """Circles of tasks end soon, or the test would mostly go in circles."""
    with (
        patch("workflows.interpreter.case_run.BUSY_LIMIT", 200),
        patch("workflows.rehearsal.world.MOST_AT_ONCE", 200),
    ):
        yield


@settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    # Smaller counterexamples are found by hand: making one smaller runs it hundreds of times.
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(definitions(), INPUTS, deliveries())
def test_any_accepted_definition_runs(
    document: dict[str, Any], value: Any, delivered: list[dict[str, Any]]
) -> None:
    """Its plan survives storing, it runs without an internal error, and snapshots change nothing."""
    plan, findings = compile_definition(json.dumps(document), "made.yaml")
    event("accepted" if plan else f"refused: {findings[0].code}")
    if plan is None:
        return
    assert plan_from_json(json.loads(json.dumps(plan_to_json(plan)))) == plan

    straight = play(plan, value, delivered, restart=False)
    outcome = straight.outcome("made:1")
    event(f"ends as {outcome['as']}")
    assert not straight.loop.failures
    if outcome["error"] is not None:
        assert {"type", "status", "instance"} <= outcome["error"].keys()

    resumed = play(plan, value, delivered, restart=True)
    assert not resumed.loop.failures
    if outcome["as"] != "running":
        assert resumed.outcome("made:1") == outcome
        assert [each.key for each in resumed.actions] == [each.key for each in straight.actions]
    straight.close()
    resumed.close()
