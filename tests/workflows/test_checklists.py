"""Checklists in every runtime, from every snapshot, and what comes out of them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.conftest import Namespace
from tests.workflows.change_scenarios import BOOKED
from tests.workflows.checklist_scenarios import (
    CANCELLED,
    CHECKLISTS,
    IN_ORDER,
    LATE,
    REFUSED,
    RUNS,
    SIDE_BY_SIDE,
    STOPPED,
    UNDONE,
    checklist,
    to_do,
)
from tests.workflows.in_world import Outcome, run_in_world
from tests.workflows.on_server import Activities, connect, run_on_server, worker_on
from tests.workflows.scenarios import ORGANIZATION, Scenario
from tests.workflows.test_rehearsal_runtime import check
from workflows.rehearsal.runner import rehearse
from workflows.rehearsal.world import Published

ANNOUNCE = "work-item.announce"


@pytest.mark.parametrize("scenario", CHECKLISTS, ids=lambda each: each.name)
def test_scenario_ends_as_it_must(scenario: Scenario) -> None:
    """Each acts with its keys, in its order, and ends with its output."""
    check(scenario, run_in_world(scenario))


@pytest.mark.parametrize("scenario", [*CHECKLISTS, RUNS], ids=lambda each: each.name)
def test_snapshot_and_resume_change_nothing(scenario: Scenario) -> None:
    """From a snapshot at each legal point it does and gives the same."""
    straight = run_in_world(scenario)
    resumed = run_in_world(scenario, restart=True)

    assert resumed.snapshots
    assert (straight.actions, straight.arguments, straight.ends, straight.output) == (
        resumed.actions, resumed.arguments, resumed.ends, resumed.output,
    )  # fmt: skip


def test_scenarios_do_the_same_on_the_server(namespace: Namespace) -> None:
    """Actions, keys, arguments and ends do not depend on the runtime."""

    async def run() -> None:
        client = await connect(namespace)
        activities = Activities(CHECKLISTS)
        async with worker_on(client, activities, sandbox=True):
            outcomes = await asyncio.gather(
                *(run_on_server(client, activities, scenario) for scenario in CHECKLISTS)
            )
        for scenario, outcome in zip(CHECKLISTS, outcomes, strict=True):
            # Side by side has no order of its own.
            assert sorted(scenario.actions) == sorted(outcome.actions), scenario.name
            assert (scenario.ends, run_in_world(scenario).output) == (outcome.ends, outcome.output)
            if scenario.ends == "completed":
                assert said(run_in_world(scenario)) in [
                    each.get("text") for each in outcome.arguments
                ]

    asyncio.run(run())


@pytest.mark.parametrize("scenario", [IN_ORDER, UNDONE, BOOKED], ids=lambda each: each.name)
def test_neither_new_runs_nor_forgetful_workers_change_anything(
    namespace: Namespace, monkeypatch: pytest.MonkeyPatch, scenario: Scenario
) -> None:
    """Every workflow task replays from the history, and the case goes on in new runs all the time."""
    monkeypatch.setattr("workflows.case.HISTORY_EVENTS", 12)

    async def run() -> int:
        client = await connect(namespace)
        activities = Activities([scenario])
        async with worker_on(client, activities, cached=0):
            outcome = await run_on_server(client, activities, scenario)
        assert outcome.ends == scenario.ends
        if scenario.ends == "completed":
            assert outcome.output == scenario.output
        # An item that is answered while the case changes its run is announced to nobody any more.
        assert [each for each in outcome.actions if each[0] != ANNOUNCE] == [
            each for each in scenario.actions if each[0] != ANNOUNCE
        ]
        assert len(outcome.actions) == len(set(outcome.actions))
        assert set(outcome.actions) <= set(scenario.actions)
        case = f"{scenario.name}:1"
        return len([each async for each in client.list_workflows(f'WorkflowId = "{case}"')])

    assert asyncio.run(run()) >= 2


def said(outcome: Outcome) -> str:
    """Give what the case wrote down of its list."""
    text: str = outcome.arguments[-1]["text"]
    return text


@pytest.mark.parametrize(
    ("scenario", "text"),
    [
        (IN_ORDER, "complete, 3, one done, two done, three done"),
        (SIDE_BY_SIDE, "complete, 2, one skipped, two done, three done"),
        (STOPPED, "failed, 0, one failed, two skipped"),
        (LATE, "missed, 1, one missed, two done"),
        (REFUSED, "failed, 1, one failed, two done"),
        (RUNS, "complete, 1, one done, two skipped"),
    ],
    ids=lambda each: each.name if isinstance(each, Scenario) else "",
)
def test_every_item_is_in_the_result(scenario: Scenario, text: str) -> None:
    """In declared order, the unfinished as missed or not needed."""
    assert said(run_in_world(scenario)) == text


def test_what_is_not_needed_any_more_is_withdrawn() -> None:
    """An item that nobody has to do leaves the worklists, with the list or with the case."""
    for scenario, name in ((SIDE_BY_SIDE, "all.one"), (LATE, "all.one"), (CANCELLED, "all.one")):
        items = {each["id"]: each["state"] for each in run_in_world(scenario).view["items"]}
        assert items[name] == "withdrawn", scenario.name


def failing(items: Any, **more: Any) -> str:
    """Run a list that cannot be, and give the error's words."""
    outcome = run_in_world(Scenario("wrong", (checklist(items, **more),), input={"items": items}))
    assert outcome.ends == "failed"
    return str(outcome.error["detail"])


COMPUTED = "${ $case.input.items }"


def test_data_cannot_make_a_case_call_something() -> None:
    """Steps from a form are for people, whatever somebody writes into them."""
    smuggled = [{"key": "one", "call": "ticket.comment", "with": {"ticket": "T", "text": "x", "visibility": "internal"}}]  # fmt: skip
    outcome = run_in_world(Scenario("wrong", (checklist(COMPUTED),), input={"items": smuggled}))

    assert outcome.ends == "failed"
    assert outcome.actions == []
    assert "items from data are for people" in outcome.error["detail"]


def test_items_from_data_are_for_people() -> None:
    """The steps of a plan that somebody has written in a form."""
    steps = [{"key": "one", "title": "Pull the plug", "assign": {"group": "desk"}}]
    outcome = run_in_world(Scenario("data", (checklist(COMPUTED, due={"hours": 1}),), input={"items": steps}))  # fmt: skip

    assert outcome.output["outcome"] == "missed"
    assert outcome.output["items"][0]["title"] == "Pull the plug"


@pytest.mark.parametrize(
    ("items", "more", "text"),
    [
        ([to_do("one"), to_do("one")], {}, "two items have the key 'one'"),
        ([to_do("one")], {"completeWhen": {"count": 2}}, "2 of 1 items can never be done"),
        ([{"key": "one"}], {}, "it needs a title"),
        ([to_do("one", call="log")], {}, "it has assign and call"),
        ([{"key": "one", "call": "checklist"}], {}, "checklist cannot be an item"),
        ([{"key": "one", "call": "log", "with": {}}], {}, "message"),
        ([to_do("one", form="plan")], {}, "there is no form 'plan'"),
        ([to_do(f"n{number}") for number in range(501)], {}, "501 items are too many"),
    ],
)
def test_impossible_lists_are_refused_before_anything_begins(
    items: Any, more: Any, text: str
) -> None:
    """With the item that is wrong."""
    assert text in failing(items, **more)


def test_no_item_begins_in_a_suspended_case() -> None:
    """What is open may be answered; the next item waits until the case is resumed."""
    plan = Scenario("halted", (checklist([to_do("one"), to_do("two")], atMost=1, due={"days": 9}),)).plan  # fmt: skip
    result = rehearse(
        "halted",
        {
            "at": "2026-03-02T09:00:00Z", "input": {},
            "script": [
                {"at": "2026-03-02T10:00:00Z", "by": "lin", "suspend": True, "reason": "audit"},
                {"at": "2026-03-02T11:00:00Z", "by": "chen", "answer": "done", "task": "all.one"},
                {"at": "2026-03-02T14:00:00Z", "by": "lin", "resume": True},
                {"when": {"opens": "all.two"}, "by": "chen", "answer": "done"},
            ],
        },
        {"halted": Published(plan, "digest")},
        ORGANIZATION,
    )  # fmt: skip

    opened = {line["opens"]: line["at"] for line in result.lines if "opens" in line}
    assert result.problems == []
    assert opened == {"all.one": "2026-03-02T09:00:00Z", "all.two": "2026-03-02T14:00:00Z"}


def test_reminders_go_to_those_with_open_items_until_it_is_over() -> None:
    """Whoever has done their part hears nothing more."""
    items = [to_do("one", assign={"person": "chen"}), to_do("two", assign={"person": "lin"})]
    plan = Scenario("reminded", (checklist(items, remind={"every": {"hours": 1}}, due={"days": 1}),)).plan  # fmt: skip
    result = rehearse(
        "reminded",
        {
            "at": "2026-03-02T09:00:00Z", "input": {},
            "script": [
                {"at": "2026-03-02T10:30:00Z", "by": "chen", "answer": "done", "task": "all.one"},
                {"at": "2026-03-02T11:30:00Z", "by": "lin", "answer": "done", "task": "all.two"},
            ],
        },
        {"reminded": Published(plan, "digest")},
        ORGANIZATION,
    )  # fmt: skip

    reminded = [(line["at"][11:16], line["to"]) for line in result.lines if "reminds" in line]
    assert reminded == [("10:00", ["chen", "lin"]), ("11:00", ["lin"])]


@pytest.mark.parametrize(
    ("on_due", "outcome", "at"),
    [({"outcome": "missed"}, "missed", "13:00"), ("keep", "complete", "13:30")],
)
def test_an_item_may_have_a_time_of_its_own(on_due: Any, outcome: str, at: str) -> None:
    """What is late is missed, and the list goes on with the others; with keep it stays open."""
    items = [to_do("one", due={"hours": 1}), to_do("two")]
    plan = Scenario("timed", (checklist(items, due={"hours": 4}, onDue=on_due),)).plan
    script = [{"at": "2026-03-02T13:00:00Z", "by": "chen", "answer": "done", "task": "all.two"}]
    if on_due == "keep":
        script.append(
            {"at": "2026-03-02T13:30:00Z", "by": "lin", "answer": "done", "task": "all.one"}
        )
    result = rehearse(
        "timed", {"at": "2026-03-02T09:00:00Z", "input": {}, "script": script},
        {"timed": Published(plan, "digest")}, ORGANIZATION,
    )  # fmt: skip

    assert result.problems == []
    assert result.outcome["output"]["outcome"] == outcome
    assert result.outcome["at"] == f"2026-03-02T{at}:00Z"
