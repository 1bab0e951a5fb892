"""Reactions that work on several events at the same time, in every runtime and from every snapshot."""

from __future__ import annotations

import asyncio

from tests.conftest import Namespace
from tests.workflows.in_world import run_in_world
from tests.workflows.on_server import Activities, connect, run_on_server, worker_on
from tests.workflows.side_by_side_scenarios import HELD, TEAMS
from tests.workflows.test_rehearsal_runtime import check


def test_so_many_at_the_same_time_and_the_next_when_one_is_over() -> None:
    """Each event has work items and results of its own; at most so many are open."""
    outcome = run_in_world(TEAMS)

    check(TEAMS, outcome)
    assert [each["text"] for each in outcome.arguments] == ["work#2", "work#3", "work"]


def test_snapshot_and_resume_change_nothing() -> None:
    """From a snapshot at each legal point, those under way go on and no other begins."""
    straight = run_in_world(TEAMS)
    resumed = run_in_world(TEAMS, restart=True)

    assert resumed.snapshots
    assert (straight.actions, straight.arguments, straight.ends) == (
        resumed.actions, resumed.arguments, resumed.ends,
    )  # fmt: skip


def test_two_that_fail_are_held_each_for_itself() -> None:
    """An operator decides about each: neither takes the other's place."""
    for restart in (False, True):
        outcome = run_in_world(HELD, restart=restart)

        places = sorted(outcome.view["held"])
        assert places == ["/team/do/0/say~1", "/team/do/0/say~2"]
        assert {each["beside"] for each in outcome.view["held"].values()} == {True}


def test_does_the_same_on_the_server(namespace: Namespace) -> None:
    """Actions, keys and arguments do not depend on the runtime."""

    async def run() -> None:
        client = await connect(namespace)
        activities = Activities([TEAMS])
        async with worker_on(client, activities, sandbox=True):
            outcome = await run_on_server(client, activities, TEAMS)
        assert sorted(outcome.actions) == sorted(TEAMS.actions)
        assert [each["text"] for each in outcome.arguments] == ["work#2", "work#3", "work"]

    asyncio.run(run())
