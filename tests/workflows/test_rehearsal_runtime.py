"""The scenarios in the rehearsal world, straight through and from every legal snapshot."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from language.plan import Catch, Fork, Listen, Literal, Set, Try
from tests.workflows.in_world import Outcome, run_in_world
from tests.workflows.scenarios import SCENARIOS, Scenario, call, comment
from workflows.rehearsal.runner import rehearse
from workflows.rehearsal.world import Published

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name)
def test_scenario_ends_as_it_must(scenario: Scenario) -> None:
    """Each scenario acts with its keys, in its order, and ends with its output."""
    outcome = run_in_world(scenario)

    check(scenario, outcome)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name)
def test_snapshot_and_resume_change_nothing(scenario: Scenario) -> None:
    """A case that starts again from a snapshot at each legal point does and gives the same."""
    straight = run_in_world(scenario)

    resumed = run_in_world(scenario, restart=True)

    assert straight.actions == resumed.actions
    assert straight.arguments == resumed.arguments
    assert straight.ends == resumed.ends
    assert straight.output == resumed.output


def test_some_scenarios_really_restart() -> None:
    """The comparison above means something: snapshots are taken."""
    taken = sum(run_in_world(scenario, restart=True).snapshots for scenario in SCENARIOS)

    assert taken >= 10


def test_the_world_runs_inside_another_loop() -> None:
    """A page of the console may rehearse from within its own event loop."""

    async def inside() -> Outcome:
        return run_in_world(SCENARIOS[0])

    assert asyncio.run(inside()).ends == "completed"


def check(scenario: Scenario, outcome: Outcome) -> None:
    """Hold an outcome against its scenario."""
    assert scenario.ends == outcome.ends, outcome
    assert list(scenario.actions) == outcome.actions
    if scenario.ends == "completed" and scenario.output is not ...:
        assert scenario.output == outcome.output
    if scenario.error:
        assert scenario.error.items() <= outcome.error.items()


def test_a_circle_of_actions_is_a_problem_of_the_rehearsal() -> None:
    """A flow that acts again and again without any time passing is named, and soon."""
    again = comment("again", "once more", then="again")
    plan = Scenario("circle", (again,)).plan

    result = rehearse(
        "circle", {"at": "2026-03-02T09:00:00Z"}, {"circle": Published(plan, "digest")}, {}
    )

    assert any("goes in a circle without waiting" in each for each in result.problems)


@pytest.mark.timeout(30)
def test_a_circle_is_not_gone_on_with_by_a_catch() -> None:
    """A `try` around a circle, whose error path leads into it again, holds no worker for ever."""
    again = Try(
        name="again",
        path="/do/0/again",
        tasks=(Set(name="round", path="/do/0/again/try/0/round", value=Literal(1), then="round"),),
        catch=Catch(then="again"),
    )
    result = rehearse(
        "circle",
        {"at": "2026-03-02T09:00:00Z"},
        {"circle": Published(Scenario("circle", (again,)).plan, "digest")},
        {},
    )

    assert result.outcome["as"] == "failed"
    assert "goes in a circle" in result.outcome["error"]["detail"]


def test_a_wait_that_is_withdrawn_in_its_own_turn_leaves_nothing_behind() -> None:
    """The branch that wins ends what the other has begun to look at in the same moment."""
    race = Fork(
        name="race",
        path="/do/0/race",
        compete=True,
        branches=(
            call("look", "case.update", "/do/0/race/fork/branches/0", arguments={"data": {}}),
            Listen(name="hear", path="/do/0/race/fork/branches/1/hear", mode="any", filters=()),
        ),
    )
    result = rehearse(
        "race",
        {"at": "2026-03-02T09:00:00Z"},
        {"race": Published(Scenario("race", (race,)).plan, "digest")},
        {},
    )

    assert result.problems == []
    assert result.outcome["as"] == "completed"
