"""Who may act on a work item: the same acts are taken and refused in both runtimes."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowUpdateFailedError

from language.plan import CaseRules
from service.errors import Refused
from service.standing import standing
from tests.conftest import Namespace
from tests.workflows.in_world import MONDAY, Fixed
from tests.workflows.on_server import QUEUE, Activities, connect, wait_for, worker_on
from tests.workflows.scenarios import ORGANIZATION, STATUSES, Scenario, Step, item
from workflows.case import ACTS
from workflows.interpreter import doors
from workflows.rehearsal.world import Published, World

SCENARIO = Scenario(
    "asking",
    (
        item(
            "look",
            "/do/0",
            assign={"group": "desk", "exclude": [{"person": "wu"}]},
            outcomes={"done": {}, "grant": {"by": {"person": "lin"}}},
        ),
    ),
    rules=CaseRules(statuses=STATUSES),
)

TO_LIN = {"who": {"person": "lin"}, "groups": [], "people": ["lin"]}

ATTEMPTS: tuple[tuple[str, dict[str, Any], str | None], ...] = (
    ("claim", {"by": "tsai"}, "“Please look” is for the group desk, not for tsai"),
    ("claim", {"by": "wu"}, "must be done by somebody else than wu"),
    ("claim", {"by": ""}, "`by` is missing"),
    ("answer", {"by": "tsai", "outcome": "done", "via": "link"}, "not for tsai"),
    ("answer", {"by": "chen", "outcome": "grant"}, "may be chosen only by lin, not by chen"),
    ("answer", {"by": "chen", "outcome": "dome"}, "possible: done, grant"),
    ("answer", {"by": "chen"}, "possible: done, grant"),
    ("answer", {"by": "chen", "outcome": "done", "values": [1]}, "`values` must be an object"),
    ("answer", {"by": "chen", "outcome": "done", "item": "seek"}, "no work item 'seek'"),
    (
        "answer",
        {"by": "chen", "outcome": "done", "onBehalfOf": "lin"},
        "chen does not stand in for lin now",
    ),
    ("draft", {"by": "tsai", "values": {"a": 1}}, "not for tsai"),
    ("claim", {"by": "chen"}, None),
    ("draft", {"by": "chen", "values": {"報告": "…"}}, None),
    (
        "answer",
        {"by": "lin", "outcome": "done"},
        "already claimed by chen; lin may step in with a reason",
    ),
    ("release", {"by": "tsai"}, "already claimed by chen"),
    ("reassign", {"by": "chen", "to": TO_LIN}, "only with a reason"),
    ("reassign", {"by": "chen", "to": {"people": []}, "reason": "r"}, "nobody to give it to"),
    ("reassign", {"by": "chen", "to": {"people": ["wu"]}, "reason": "r"}, "must not be done by wu"),
    ("reassign", {"by": "chen", "to": TO_LIN, "reason": "she knows it"}, None),
    ("answer", {"by": "chen", "outcome": "done"}, "is for lin, not for chen"),
    ("answer", {"by": "lin", "outcome": "grant", "via": "link"}, None),
)

ANNOUNCED = [
    ("work-item.announce", "/do/0/look#1:announced"),
    ("work-item.announce", "/do/0/look#1:handed1"),
    ("work-item.announce", "/do/0/look#1:taken1"),
]


def request(number: int, more: dict[str, Any]) -> dict[str, Any]:
    """Give the request that a door makes of an attempt."""
    return {
        "id": f"attempt-{number}",
        "item": "look",
        "standing": standing(ORGANIZATION, more["by"], MONDAY),
        **more,
    }


@pytest.mark.parametrize("restart", [False, True])
def test_acts_in_the_rehearsal_world(restart: bool) -> None:
    """Each refusal is a sentence and changes nothing, with and without snapshots between."""
    world = World(
        start=MONDAY,
        definitions={"asking": Published(SCENARIO.plan, "digest")},
        organization=ORGANIZATION,
        systems=Fixed(SCENARIO),
        restart=restart,
    )
    world.open("asking", "asking:1", None)
    said: list[str | None] = []

    def attempt(number: int) -> None:
        act, more, _ = ATTEMPTS[number]
        run = world.cases["asking:1"].run
        asked = request(number, more)
        try:
            doors.check(run, act, asked)
            ACTS[act](run, asked)
        except Refused as error:
            said.append(str(error))
        else:
            said.append(None)

    for number in range(len(ATTEMPTS)):
        at = MONDAY + timedelta(minutes=number + 1)
        world.loop.call_at(at.timestamp(), attempt, number)
    world.run()

    expect(said)
    assert world.outcome("asking:1")["as"] == "completed"
    result = world.cases["asking:1"].run.state.results["look"]
    assert (result["outcome"], result["by"]) == ("grant", "lin")
    assert [(done.function, done.key.partition(":")[2]) for done in world.actions] == ANNOUNCED
    history = world.cases["asking:1"].run.state.items["look"]["history"]
    assert [line["act"] for line in history] == [
        "opened", "claimed", "draft", "reassigned", "answered",
    ]  # fmt: skip


def test_acts_on_a_server(namespace: Namespace) -> None:
    """The same on Temporal, where a refusal never enters the history."""

    async def run() -> tuple[list[str | None], list[tuple[str, str]], int]:
        client = await connect(namespace)
        activities = Activities([SCENARIO])
        said: list[str | None] = []
        async with worker_on(client, activities, sandbox=True):
            handle = await client.start_workflow("asking", None, id="asking:1", task_queue=QUEUE)
            await wait_for(handle, Step(when="look"))
            for number, (act, more, _) in enumerate(ATTEMPTS):
                if number == len(ATTEMPTS) - 1:
                    await until(lambda: len(activities.actions["asking:1"]) == len(ANNOUNCED))
                asked = request(number, more)
                try:
                    await handle.execute_update(act, asked, id=asked["id"])
                except WorkflowUpdateFailedError as error:
                    said.append(str(error.cause))
                else:
                    said.append(None)
            await handle.result()
            history = await handle.fetch_history()
        updates = sum(
            each.HasField("workflow_execution_update_accepted_event_attributes")
            for each in history.events
        )
        return said, activities.actions["asking:1"], updates

    said, actions, updates = asyncio.run(run())

    expect(said)
    assert actions == ANNOUNCED
    assert updates == sum(says is None for _, _, says in ATTEMPTS)


async def until(condition: Any) -> None:
    """Wait for something that happens beside."""
    for _ in range(200):
        if condition():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not happen")


def expect(said: list[str | None]) -> None:
    """Compare what was said with what is expected of each attempt."""
    assert len(said) == len(ATTEMPTS)
    for (act, more, wanted), answer in zip(ATTEMPTS, said, strict=True):
        if wanted is None:
            assert answer is None, f"{act} {more}: {answer}"
        else:
            assert wanted in (answer or "taken"), f"{act} {more}: {answer}"
