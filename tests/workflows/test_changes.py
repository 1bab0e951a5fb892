"""Planned work in every runtime: the same acts, the same bookings told."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from tests.conftest import Namespace
from tests.workflows.change_scenarios import BOOKED, CHANGES, IN_WAY, LEFT, MOVED
from tests.workflows.in_world import Outcome, run_in_world
from tests.workflows.on_server import Activities, connect, run_on_server, worker_on
from tests.workflows.scenarios import Scenario
from tests.workflows.test_rehearsal_runtime import check


@pytest.mark.parametrize("scenario", CHANGES, ids=lambda each: each.name)
def test_scenario_ends_as_it_must(scenario: Scenario) -> None:
    """Each acts with its keys, in its order, and ends with its output."""
    check(scenario, run_in_world(scenario))


@pytest.mark.parametrize("scenario", CHANGES, ids=lambda each: each.name)
def test_snapshot_and_resume_change_nothing(scenario: Scenario) -> None:
    """From a snapshot at each legal point it does and tells the same."""
    straight = run_in_world(scenario)
    resumed = run_in_world(scenario, restart=True)

    assert resumed.snapshots
    assert (straight.actions, straight.arguments, straight.ends, straight.output) == (
        resumed.actions, resumed.arguments, resumed.ends, resumed.output,
    )  # fmt: skip
    assert told(straight) == told(resumed)


def test_scenarios_do_the_same_on_the_server(namespace: Namespace) -> None:
    """Actions, keys, arguments and ends do not depend on the runtime."""

    async def run() -> None:
        client = await connect(namespace)
        activities = Activities(CHANGES)
        async with worker_on(client, activities, sandbox=True):
            for scenario in CHANGES:
                outcome = await run_on_server(client, activities, scenario)
                check(scenario, outcome)
                assert run_in_world(scenario).arguments == outcome.arguments, scenario.name

    asyncio.run(run())


def told(outcome: Outcome) -> list[tuple[int, str, bool]]:
    """What the records know of bookings at the end: number, times, given back."""
    newest: dict[str, Mapping[str, Any]] = {}
    for write in outcome.writes:
        for booking in write.get("bookings", ()):
            newest[booking["id"]] = booking
    return [
        (each["number"], str(each.get("from")), each["released"]) for each in newest.values()
    ]  # fmt: skip


def facts(outcome: Outcome, *kinds: str) -> list[str]:
    """Texts of the audit's lines of some kinds."""
    return [
        line["text"] for write in outcome.writes for line in write["audit"] if line["kind"] in kinds
    ]


def test_a_new_booking_gives_the_old_one_back() -> None:
    """And the audit says what was booked and when it was given back."""
    outcome = run_in_world(BOOKED)

    assert told(outcome) == [
        (1, "2026-03-08T01:00:00Z", True), (2, "2026-03-15T01:00:00Z", True),
    ]  # fmt: skip
    assert facts(outcome, "booked", "given-back") == [
        "router, chen, 2026-03-08T01:00:00Z to 2026-03-08T05:00:00Z",
        "Upgrade: replaced by another booking",
        "router, chen, 2026-03-15T01:00:00Z to 2026-03-15T05:00:00Z",
        "Upgrade: done",
    ]


@pytest.mark.parametrize("scenario", [LEFT, MOVED], ids=lambda each: each.name)
def test_the_end_of_a_case_gives_everything_back(scenario: Scenario) -> None:
    """However it ends."""
    outcome = run_in_world(scenario)

    assert told(outcome) == [(1, "2026-03-08T01:00:00Z", True)]
    assert facts(outcome, "given-back") == [f"Upgrade: the case ended as {scenario.ends}"]


def test_a_retry_is_another_booking() -> None:
    """Nobody knows what became of the one that failed: it is given back, and a new one is made."""
    outcome = run_in_world(IN_WAY)

    assert told(outcome) == [(1, "None", True), (2, "2026-03-08T01:00:00Z", True)]


def test_bookings_show_while_the_case_runs() -> None:
    """The query `show` tells what the records are made from again."""
    assert run_in_world(LEFT).view["bookings"][0]["title"] == "Upgrade"
