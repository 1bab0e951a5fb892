"""Work items in both runtimes: straight through, from every legal snapshot, and on a server."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowUpdateFailedError

from language.plan import CaseRules
from tests.conftest import Namespace
from tests.workflows.in_world import MONDAY, Fixed, Outcome, run_in_world
from tests.workflows.on_server import (
    QUEUE,
    Activities,
    connect,
    run_on_server,
    wait_for,
    worker_on,
)
from tests.workflows.scenarios import ORGANIZATION, STATUSES, Scenario, Step, definition, item
from tests.workflows.test_levels import raised
from tests.workflows.test_replay import FOLDER, replay
from tests.workflows.work_item_scenarios import WORK_ITEM_SCENARIOS
from workflows.interpreter import doors
from workflows.rehearsal.world import Published, World, WorldEffects

ALL = pytest.mark.parametrize("scenario", WORK_ITEM_SCENARIOS, ids=lambda each: each.name)
SAID = {
    "delegated": "lin for chen in PT20M, owned by chen",
    "withdrawn-by-a-reaction": "withdrawn",
    "answered-by-an-event": '{"note":"found it"}',
    "on-a-clock": "met",
}
"""What the comment of a scenario says, which reads results and clocks."""


@ALL
def test_in_the_rehearsal_world(scenario: Scenario) -> None:
    """Each scenario acts with its keys and ends as it must, and the clocks and results are right."""
    check(scenario, run_in_world(scenario))


@ALL
def test_from_every_snapshot(scenario: Scenario) -> None:
    """Starting again from each legal snapshot changes nothing: no notice twice, none lost."""
    outcome = run_in_world(scenario, restart=True)

    assert outcome.snapshots > 0
    check(scenario, outcome)


def test_on_a_server(namespace: Namespace) -> None:
    """The same on Temporal."""

    async def run() -> list[Outcome]:
        client = await connect(namespace)
        activities = Activities(WORK_ITEM_SCENARIOS)
        async with worker_on(client, activities, sandbox=True):
            return list(
                await asyncio.gather(
                    *(run_on_server(client, activities, each) for each in WORK_ITEM_SCENARIOS)
                )
            )

    for scenario, outcome in zip(WORK_ITEM_SCENARIOS, asyncio.run(run()), strict=True):
        check(scenario, outcome)


@pytest.mark.parametrize("level", [15, 16])
def test_who_had_a_lost_item_is_told_from_level_16_on(level: int) -> None:
    """A case that began before goes on without the notice, as its history has it."""
    scenario = next(each for each in WORK_ITEM_SCENARIOS if "lost" in each.name)

    outcome = run_in_world(replace(scenario, level=level))

    told = ("work-item.announce", "item:look:withdrawn") in outcome.actions
    assert told is (level == 16)


def test_a_history_of_level_15_replays_and_is_no_history_of_level_16() -> None:
    """What was recorded before notices of withdrawn items gives the same commands for ever."""
    history = (FOLDER / "level-15-claimed-branch-lost.json").read_text(encoding="utf-8")

    assert asyncio.run(replay(history)) is None
    assert asyncio.run(replay(raised(history, 16))) is not None


def check(scenario: Scenario, outcome: Outcome) -> None:
    """Hold an outcome against its scenario; notices may come beside what the flow does."""
    assert scenario.ends == outcome.ends, outcome
    assert sorted(scenario.actions) == sorted(outcome.actions)
    said = [each["text"] for each in outcome.arguments if "text" in each]
    assert said == ([SAID[scenario.name]] if scenario.name in SAID else said)


PASSED_ON = definition(
    "passed-on",
    """
    do:
      - look:
          call: work-item
          with:
            title: Please look
            assign: { group: desk, strategy: round-robin }
            due: { hours: 1 }
            onDue: { reassign: { group: desk, strategy: round-robin } }
            outcomes: { done: {} }
    """,
    "{ owner: leads, statuses: { open: { phase: open } } }",
)


def passed_on(monkeypatch: pytest.MonkeyPatch, meanwhile: Any) -> dict[str, Any]:
    """Give the item when looking people up takes a minute, in which something happens."""
    read = WorldEffects.read

    async def slowly(self: WorldEffects, name: str, arguments: Any, summary: str) -> Any:
        if name == "people.assign" and arguments["about"]["step"] != "assigned":
            await self.sleep_until(self.now() + timedelta(minutes=1), "looks people up")
        return await read(self, name, arguments, summary)

    monkeypatch.setattr(WorldEffects, "read", slowly)
    world = World(
        start=MONDAY,
        definitions={"passed-on": Published(PASSED_ON.plan, "digest")},
        organization=ORGANIZATION,
        systems=Fixed(PASSED_ON),
    )
    world.open("passed-on", "passed-on:1", None)
    at = MONDAY + timedelta(hours=1, seconds=30)
    world.loop.call_at(at.timestamp(), lambda: meanwhile(world.cases["passed-on:1"].run))
    world.run(MONDAY + timedelta(hours=2))
    item: dict[str, Any] = world.cases["passed-on:1"].run.state.items["look"]
    assert not world.loop.failures
    return item


def test_who_did_not_answer_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """By turns it may be the same one's turn: somebody else gets it."""
    found = passed_on(monkeypatch, lambda run: None)

    assert [line.get("people") or line.get("to") for line in found["history"]] == [
        ["chen"], None, "lin",
    ]  # fmt: skip


def test_an_answer_that_comes_while_people_are_looked_up_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Time was about to give the item to others: the answer was faster."""

    def answers(run: Any) -> None:
        doors.answer(run, {"id": "a", "item": "look", "by": "chen", "outcome": "done"})

    found = passed_on(monkeypatch, answers)

    assert (found["state"], found["by"]) == ("done", "chen")
    assert "reassigned" not in [line["act"] for line in found["history"]]


def test_a_draft_that_comes_while_people_are_looked_up_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever gets the item finds what was filled in until the last moment."""

    def drafts(run: Any) -> None:
        doors.draft(run, {"id": "d", "item": "look", "by": "chen", "values": {"note": "half"}})

    found = passed_on(monkeypatch, drafts)

    assert (found["people"], found["draft"]) == (["lin"], {"note": "half"})


RUSH = Scenario(
    "rush",
    (
        item("look", "/do/0", outcomes={f"o{number}": {} for number in range(20)}),
        # The case goes on, so that whoever comes late is told why by the item itself.
        item("more", "/do/1"),
    ),
    rules=CaseRules(statuses=STATUSES),
)


def test_twenty_people_at_once(namespace: Namespace) -> None:
    """Twenty answer and twenty claim at one moment: one answer counts, all others hear why not."""

    async def run() -> tuple[list[str | None], Any]:
        client = await connect(namespace)
        activities = Activities([RUSH])
        async with worker_on(client, activities, sandbox=True):
            handle = await client.start_workflow("rush", None, id="rush:1", task_queue=QUEUE)
            await wait_for(handle, Step(when="look"))

            async def act(number: int) -> str | None:
                # Everybody is of the desk; half of them claim first, as people do.
                by = f"p{number}"
                standing = {"person": by, "groups": ["desk"]}
                name = "claim" if number % 2 else "answer"
                asked = {
                    "id": f"{name}-{number}", "item": "look", "by": by, "standing": standing,
                    "outcome": f"o{number // 2}",
                }  # fmt: skip
                try:
                    await handle.execute_update(name, asked, id=asked["id"])
                except WorkflowUpdateFailedError as error:
                    return str(error.cause)
                return None

            said = list(await asyncio.gather(*(act(number) for number in range(40))))
            view = await handle.query("show")
            found = view["items"][0]
            if found["state"] == "claimed":
                # Somebody was faster and has it: only that person's answer is left to count.
                by = found["person"]
                asked = {
                    "id": "last", "item": "look", "by": by, "outcome": "o0",
                    "standing": {"person": by, "groups": ["desk"]},
                }  # fmt: skip
                await handle.execute_update("answer", asked, id="last")
            await wait_for(handle, Step(when="more"))
            view = await handle.query("show")
            await handle.execute_update("cancel", {"id": "over", "by": "chen"}, id="over")
            return said, view

    said, view = asyncio.run(run())

    found = view["items"][0]
    answered = [line for line in found["history"] if line["act"] == "answered"]
    assert found["state"] == "done"
    assert len(answered) == 1
    taken = [each for each in said if each is None]
    assert len(taken) <= 2, "at most one claim and one answer can be taken"
    reasons = ("already claimed by p", "already answered by p")
    refused = [each for each in said if each is not None]
    assert all(any(reason in each for reason in reasons) for each in refused), refused


@pytest.mark.parametrize(
    ("due", "at"),
    [
        ({"businessHours": 2}, "2026-03-02T16:00:00Z"),
        ({"businessHours": 2, "calendar": "office"}, "2026-03-02T11:00:00Z"),
    ],
)
def test_working_time_of_a_groups_work_is_the_groups(due: dict[str, Any], at: str) -> None:
    """Who works from 14:00 has until 16:00, whatever the definition's hours are; what is written counts first."""
    late = {"timezone": "UTC", "week": {"mon-sun": ["14:00-22:00"]}}
    organization = {
        **ORGANIZATION,
        "groups": {"desk": {"lead": "lin", "calendar": "late"}},
        "calendars": {**ORGANIZATION["calendars"], "late": late},
    }
    scenario = Scenario("timed", (item("look", "/do/0", due=due),))
    plan = replace(scenario.plan, rules=CaseRules(calendar="office", statuses=STATUSES))
    world = World(
        start=MONDAY,
        definitions={"timed": Published(plan, "digest")},
        organization=organization,
        systems=Fixed(scenario),
    )
    world.open("timed", "timed:1", None)
    world.run(MONDAY + timedelta(minutes=1))

    assert world.cases["timed:1"].run.state.items["look"]["dueAt"] == at
