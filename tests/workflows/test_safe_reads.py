"""Safe reads: on the spot where nothing else is under way, and whoever comes meanwhile changes nothing."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from temporalio import activity
from temporalio.client import WorkflowFailureError, WorkflowHandle, WorkflowHistory
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from language.plan import Call, CaseRules, Fork, Task
from tests.conftest import Namespace
from tests.workflows.in_world import run_in_world
from tests.workflows.on_server import QUEUE, Activities, connect, run_on_server, worker_on
from tests.workflows.scenarios import STATUSES, Scenario, call, comment
from tests.workflows.test_repeatable import (
    as_shown,
    ask_again_and_again,
    call_again_and_again,
    marked,
    replays,
)

READS = 4


def find(name: str, at: str, **more: Any) -> Call:
    """Build a read that its function calls safe."""
    return call(name, "ticket.find", at, arguments={"query": {"key": name}}, **more)


def chain(*, act: bool) -> tuple[Task, ...]:
    """Build reads, an action between them or none, and reads again; each has the time of its start."""
    started = "${ $task.startedAt.iso8601 }"
    tasks: list[Task] = []
    for number in range(2 * READS):
        if act and number == READS:
            tasks.append(comment("say", started, f"/do/{len(tasks)}"))
        tasks.append(
            call(
                f"look{number}",
                "ticket.find",
                f"/do/{len(tasks)}",
                arguments={"query": {"key": started}},
            )
        )
    return tuple(tasks)


READING = Scenario("reading", chain(act=False), output={"deliveries": []})
ACTING = Scenario("acting", chain(act=True), output={"deliveries": []})


class Slow(Activities):
    """Reads take long enough for everybody to come meanwhile; some fail at first."""

    def __init__(self, scenarios: Sequence[Scenario], failing: str | None = None) -> None:
        super().__init__(scenarios)
        self.local: Counter[bool] = Counter()
        self.failing = failing

    @activity.defn(dynamic=True)
    async def act(self, args: Sequence[RawValue]) -> Any:
        """Answer after a moment; a read on the spot may fail."""
        info = activity.info()
        if info.activity_type == "ticket.find":
            self.local[info.is_local] += 1
            await asyncio.sleep(0.03)
            if self.failing and info.is_local:
                raise ApplicationError(
                    "not now",
                    {"detail": "not now", "status": 503},
                    type=self.failing,
                    non_retryable=self.failing == "Refused",
                )
        now = datetime.now(UTC).isoformat()
        value = {"id": "c1"} if info.activity_type == "ticket.comment" else {"deliveries": []}
        return {"value": value, "at": now} if info.is_local else value


def names(history: WorkflowHistory) -> list[str]:
    """Give the activities that the history has, in order."""
    return [
        event.activity_task_scheduled_event_attributes.activity_type.name
        for event in history.events
        if event.HasField("activity_task_scheduled_event_attributes")
    ]


def test_reads_leave_only_markers(namespace: Namespace) -> None:
    """Eight reads and one action: one activity, and everything as in a rehearsal."""

    async def run() -> None:
        client = await connect(namespace)
        activities = Slow([ACTING])
        async with worker_on(client, activities, sandbox=True):
            outcome = await run_on_server(client, activities, ACTING)
            history = await client.get_workflow_handle("acting:1").fetch_history()
        assert outcome.ends == "completed", outcome.error
        assert activities.local == {True: 2 * READS}
        assert names(history) == ["definition.load", "ticket.comment"]
        assert len(marked(history)) == 2 * READS
        await replays(history)

    asyncio.run(run())
    assert run_in_world(ACTING).ends == "completed"


@pytest.mark.parametrize(
    "scenario",
    [
        Scenario("beside", (Fork(
            name="both", path="/do/0",
            branches=(find("a", "/do/0/fork/0"), find("b", "/do/0/fork/1")),
        ),)),
        Scenario("seen", (find("a", "/do/0"),), rules=CaseRules(statuses=STATUSES)),
        replace(Scenario("older", (find("a", "/do/0"),)), level=5),
        Scenario("acts", (comment("a", "hello"),)),
    ],
    ids=lambda each: each.name,
)  # fmt: skip
def test_where_anything_else_may_happen_a_read_is_an_activity(
    namespace: Namespace, scenario: Scenario
) -> None:
    """Other branches, a record that is written beside, an older level; and what acts always is."""

    async def run() -> list[Any]:
        client = await connect(namespace)
        activities = Slow([scenario])
        async with worker_on(client, activities):
            await run_on_server(client, activities, scenario)
            history = await client.get_workflow_handle(f"{scenario.name}:1").fetch_history()
        await replays(history)
        return [each for each in marked(history) if "find" in str(each)]

    assert asyncio.run(run()) == []


@pytest.mark.parametrize(("kind", "ends"), [("Unavailable", "completed"), ("Refused", "failed")])
def test_a_read_that_fails_on_the_spot(namespace: Namespace, kind: str, ends: str) -> None:
    """What another attempt may mend is tried again by an activity; a refusal is one at once."""
    scenario = Scenario("failing", (find("a", "/do/0"),), output={"deliveries": []}, ends=ends)

    async def run() -> tuple[str, Counter[bool]]:
        client = await connect(namespace)
        activities = Slow([scenario], failing=kind)
        async with worker_on(client, activities):
            outcome = await run_on_server(client, activities, scenario)
            await replays(await client.get_workflow_handle("failing:1").fetch_history())
        return outcome.ends, activities.local

    local = {True: 1, False: 1} if ends == "completed" else {True: 1}
    assert asyncio.run(run()) == (ends, local)


async def _as_shown(handle: WorkflowHandle[Any, Any]) -> Any:
    view = await as_shown(handle)
    # Who told what is of the calls, and how a case stands at an instant is of no query.
    return {name: view[name] for name in ("case", "timeline", "row", "ended") if name in view}


# A cancel that the server puts before the case has begun ends it before anybody is answered.
@pytest.mark.filterwarnings("ignore::temporalio.workflow.UnfinishedUpdateHandlersWarning")
@pytest.mark.parametrize("scenario", [READING, ACTING], ids=lambda each: each.name)
@pytest.mark.parametrize("cancelled", [False, True], ids=["left alone", "cancelled"])
def test_whoever_comes_meanwhile_a_replay_is_the_same(
    namespace: Namespace, scenario: Scenario, cancelled: bool
) -> None:
    """Queries, signals, updates and a cancel: commands, events, and every time the case knows."""

    async def one(number: int) -> None:
        client = await connect(namespace)
        handle = client.get_workflow_handle(f"{scenario.name}:{number}")
        activities = Slow([scenario])
        async with worker_on(client, activities):
            await client.start_workflow(
                scenario.name, None, id=f"{scenario.name}:{number}", task_queue=QUEUE
            )
            callers = [call_again_and_again(handle, each) for each in range(2)]
            tasks = [asyncio.create_task(each) for each in callers]
            tasks += [asyncio.create_task(ask_again_and_again(handle)) for _ in range(3)]
            while not activities.local:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.03 * number)
            if cancelled:
                await handle.cancel()
            await asyncio.sleep(0.15)
            # The server lets no case end while something new for it comes all the time.
            for each in tasks:
                each.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            with contextlib.suppress(WorkflowFailureError):
                await handle.result()
            lived = await _as_shown(handle)
        history = await handle.fetch_history()
        await replays(history)
        async with worker_on(client, Slow([scenario])):
            again = await _as_shown(handle)
        assert again == lived

    async def run() -> None:
        for number in range(3):
            await one(number)

    asyncio.run(run())
