"""Approvals in every runtime: the same votes, decisions and announcements."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.conftest import Namespace
from tests.workflows.approval_scenarios import (
    AGAIN,
    ALL,
    APPROVALS,
    CANCELLED,
    LATE,
    LOST,
    NOBODY,
    ONE_SAYS_NO,
    SUPERSEDED,
    TOO_FEW,
    TWINS,
)
from tests.workflows.in_world import MONDAY, Outcome, run_in_world
from tests.workflows.on_server import Activities, connect, run_on_server, worker_on
from tests.workflows.scenarios import ORGANIZATION, Scenario
from workflows.effects import View
from workflows.interpreter import doors
from workflows.interpreter.case_run import CaseRun
from workflows.interpreter.view import shown
from workflows.rehearsal.systems import Systems
from workflows.rehearsal.world import Published, World


def decision(outcome: Outcome) -> Any:
    """Give the result of the approval."""
    return outcome.view["case"]["results"]["vote"]


def states(outcome: Outcome) -> dict[str, str]:
    """Give the states of all seats at the end."""
    return {each["id"]: each["state"] for each in outcome.view["items"]}


def voted(outcome: Outcome) -> list[tuple[str, str, str]]:
    """Give the votes that the records were told at last: round, seat, vote."""
    newest = {each["id"]: each for write in outcome.writes for each in write.get("rounds", ())}
    return [
        (each["id"], vote["seat"], vote["vote"])
        for each in newest.values()
        for vote in each["votes"]
    ]


def facts(outcome: Outcome, *kinds: str) -> list[str]:
    """Give the texts of the audit's lines of some kinds."""
    return [
        line["text"] for write in outcome.writes for line in write["audit"] if line["kind"] in kinds
    ]


def check(scenario: Scenario, outcome: Outcome) -> None:
    """Hold how a run ended, and what it did, against its scenario."""
    assert (outcome.ends, outcome.actions) == (scenario.ends, list(scenario.actions))


@pytest.mark.parametrize("scenario", APPROVALS, ids=lambda each: each.name)
def test_scenario_ends_as_it_must(scenario: Scenario) -> None:
    """Each announces with its keys, in its order."""
    check(scenario, run_in_world(scenario))


@pytest.mark.parametrize("scenario", APPROVALS, ids=lambda each: each.name)
def test_snapshot_and_resume_change_nothing(scenario: Scenario) -> None:
    """From a snapshot at each legal point it does, tells and decides the same."""
    straight = run_in_world(scenario)
    resumed = run_in_world(scenario, restart=True)

    assert (straight.actions, straight.ends, straight.output) == (
        resumed.actions, resumed.ends, resumed.output,
    )  # fmt: skip
    assert voted(straight) == voted(resumed)
    assert states(straight) == states(resumed)


def test_scenarios_do_the_same_on_the_server(namespace: Namespace) -> None:
    """Announcements, votes and decisions do not depend on the runtime."""

    async def run() -> None:
        client = await connect(namespace)
        activities = Activities(APPROVALS)
        async with worker_on(client, activities, sandbox=True):
            for scenario in APPROVALS:
                outcome = await run_on_server(client, activities, scenario)
                check(scenario, outcome)
                expected = run_in_world(scenario)
                assert timeless(outcome.output) == timeless(expected.output), scenario.name

    asyncio.run(run())


def timeless(value: Any) -> Any:
    """Leave out the times of votes, which differ from run to run."""
    if isinstance(value, dict):
        return {name: timeless(each) for name, each in value.items() if name != "at"}
    return [timeless(each) for each in value] if isinstance(value, list) else value


def test_the_result_says_who_voted_how() -> None:
    """Votes with seat, person, comment, time and way; round, version and frozen roster."""
    result = decision(run_in_world(ALL))

    assert (result["decision"], result["reason"]) == ("approved", "2 of 2 approved, 2 needed")
    assert [(each["seat"], each["by"], each["onBehalfOf"]) for each in result["votes"]] == [
        ("chen", "chen", None), ("lin", "lin", None),
    ]  # fmt: skip
    assert (result["round"], result["version"], result["roster"]) == ("vote", 1, ["chen", "lin"])


def test_a_refusal_ends_it_at_once() -> None:
    """Under "all" one refusal decides; the seat that is open is withdrawn in the same moment."""
    outcome = run_in_world(ONE_SAYS_NO)

    assert decision(outcome)["decision"] == "rejected"
    assert decision(outcome)["votes"][0]["comment"] == "not tested"
    assert states(outcome) == {"vote:chen": "done", "vote:lin": "withdrawn"}
    assert facts(outcome, "voted", "decided") == [
        "Upgrade: reject, not tested",
        "Upgrade: rejected, 1 of 2 rejected, and 2 would have to approve",
    ]


def test_time_is_given_once_more() -> None:
    """`extend` once, then `then`; the items show the new time."""
    outcome = run_in_world(LATE)

    assert (decision(outcome)["decision"], decision(outcome)["reason"]) == ("approved", "due")
    item = outcome.view["items"][0]
    assert item["dueAt"] == "2026-03-02T09:00:00.500000Z"
    assert [line["act"] for line in item["history"]] == ["opened", "extended", "withdrawn"]


def test_a_new_version_supersedes() -> None:
    """Only the event that matches; the result has its data."""
    result = decision(run_in_world(SUPERSEDED))

    assert (result["decision"], result["event"]) == ("superseded", {"what": "plan"})


def test_old_votes_do_not_carry() -> None:
    """Going back to the task is a new round with seats of its own."""
    outcome = run_in_world(AGAIN)

    assert (decision(outcome)["round"], decision(outcome)["version"]) == ("vote#2", 1)
    assert voted(outcome) == [
        ("vote", "lin", "approve"), ("vote", "chen", "reject"),
        ("vote#2", "lin", "approve"), ("vote#2", "chen", "approve"),
    ]  # fmt: skip


def test_nobody_approves_nothing() -> None:
    """An empty roster is an outcome, and no approval; a rule that cannot be met is a rejection."""
    assert decision(run_in_world(NOBODY))["decision"] == "no-voters"
    too_few = decision(run_in_world(TOO_FEW))
    assert (too_few["decision"], too_few["reason"]) == (
        "rejected", "2 can vote, and 3 would have to approve",
    )  # fmt: skip


@pytest.mark.parametrize("scenario", [LOST, CANCELLED], ids=lambda each: each.name)
def test_nobody_is_asked_for_what_is_not_needed(scenario: Scenario) -> None:
    """A cancel, and a branch that loses, take all open votes back."""
    outcome = run_in_world(scenario)

    assert "open" not in states(outcome).values()
    assert outcome.view["rounds"][0]["state"] == "withdrawn"


def test_two_votes_of_one_name_do_not_mix() -> None:
    """Branches that vote at the same time have rounds of their own."""
    outcome = run_in_world(TWINS)

    assert {each["id"]: each["decision"] for each in outcome.view["rounds"]} == {
        "vote": "approved", "vote.2": "approved",
    }  # fmt: skip
    assert states(outcome)["vote.2:lin"] == "withdrawn"


def test_nobody_can_be_told() -> None:
    """That a notice is refused is noted; the votes count all the same."""
    outcome = run_in_world(replace(ALL, failing={"approval.announce": 1}))

    assert decision(outcome)["decision"] == "approved"
    assert facts(outcome, "notice") == ["Upgrade: nobody told: Refused: approval: not now"]


def test_the_page_of_the_case_says_how_the_vote_stands() -> None:
    """In the Temporal UI: who has voted, who is missing, until when; and who has it to do."""
    seen: list[View] = []

    def look(run: CaseRun) -> None:
        if run.state.rounds["vote"]["votes"]:
            seen.append(shown(run))

    watch(ALL, look)

    assert (
        "- vote: Upgrade: 1 of 2 voted (chen approve), missing lin, due 2026-03-02T17:00:00Z"
        in seen[0].details
    )
    assert seen[0].attributes["CasewayFor"] == ["u.lin"]
    assert seen[0].attributes["CasewayDue"] == "2026-03-02T17:00:00Z"


def watch(scenario: Scenario, look: Callable[[CaseRun], None]) -> None:
    """Play one vote of a scenario and look at its case."""
    world = World(
        start=MONDAY,
        definitions={scenario.name: Published(scenario.plan, "digest", scenario.level)},
        organization=ORGANIZATION,
        systems=Systems({}),
    )
    case = f"{scenario.name}:1"
    world.open(scenario.name, case, None)

    def play() -> None:
        run = world.cases[case].run
        vote = {"id": "v1", "item": "vote:chen", "by": "chen", "outcome": "approve"}
        doors.answer(run, vote)
        look(run)

    world.loop.call_later(1, play)
    world.run()
