"""What a case does at awkward moments, on a Temporal server: nothing is lost, nothing done twice."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from temporalio import activity
from temporalio.client import Client, WorkflowFailureError
from temporalio.common import RawValue, TypedSearchAttributes
from temporalio.exceptions import CancelledError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from language.plan import CaseRules, RunWorkflow
from language.plan import Literal as Fixed
from tests.conftest import Namespace
from tests.workflows.in_world import run_in_world
from tests.workflows.language_scenarios import LANGUAGE
from tests.workflows.on_server import QUEUE, Activities, connect, perform, wait_for, worker_on
from tests.workflows.scenarios import SCENARIOS, STATUSES, Scenario, Step, comment, item
from workflows.case import CaseWorkflow
from workflows.effects import CaseStart
from workflows.interpreter.clock_keeper import ClockKeeper
from workflows.rehearsal.world import WorldEffects


class Slow(Activities):
    """Comments take long, heartbeat, and say how they ended."""

    def __init__(self, scenarios: Sequence[Scenario], seconds: float) -> None:
        super().__init__(scenarios)
        self.begun = asyncio.Event()
        self.ends: list[str] = []
        self._seconds = seconds

    @activity.defn(dynamic=True)
    async def act(self, args: Sequence[RawValue]) -> Any:
        """Comment slowly; everything else is answered at once."""
        if activity.info().activity_type != "ticket.comment":
            return {"deliveries": []}
        self.begun.set()
        try:
            for _ in range(int(self._seconds / 0.1)):
                activity.heartbeat()
                await asyncio.sleep(0.1)
        except asyncio.CancelledError:
            self.ends.append("cancelled")
            raise
        self.ends.append("done")
        return {"id": "c1", "at": "then"}


def slow_worker(client: Client, activities: Slow) -> Worker:
    """A worker that sees cancels of its activities quickly."""
    return Worker(
        client,
        task_queue=QUEUE,
        workflows=[CaseWorkflow],
        activities=[activities.load, activities.read, activities.write, activities.act],
        workflow_runner=UnsandboxedWorkflowRunner(),
        max_heartbeat_throttle_interval=timedelta(milliseconds=200),
        default_heartbeat_throttle_interval=timedelta(milliseconds=200),
    )


@pytest.mark.parametrize("door", ["ours", "Temporal's"])
def test_cancel_in_the_middle_of_an_action(namespace: Namespace, door: str) -> None:
    """The action is withdrawn, the case ends as cancelled, and nobody is asked what to do."""
    scenario = Scenario(
        "slow",
        (comment("say", "hello"), comment("never", "never", "/do/1")),
        rules=CaseRules(statuses=STATUSES, on_error="hold"),
    )

    async def run() -> tuple[Slow, Any, Any]:
        client = await connect(namespace)
        activities = Slow([scenario], 60)
        async with slow_worker(client, activities):
            handle = await client.start_workflow("slow", None, id="slow:1", task_queue=QUEUE)
            await activities.begun.wait()
            if door == "ours":
                await handle.execute_update("cancel", {"id": "c", "reason": "no", "by": "lin"})
            else:
                await handle.cancel()
            with pytest.raises(WorkflowFailureError) as raised:
                await handle.result()
            return activities, raised.value.cause, await handle.query("show")

    activities, cause, view = asyncio.run(run())

    assert isinstance(cause, CancelledError)
    assert activities.ends == ["cancelled"]
    assert view["ended"]["as"] == "cancelled"
    assert "held" not in [line["kind"] for line in view["timeline"]]


def test_an_action_that_ends_while_the_flow_moves_away_does_not_act_on(
    namespace: Namespace,
) -> None:
    """A cancel that comes with the end of an action lets nothing after it begin."""
    scenario = Scenario("quick", tuple(comment(f"say{n}", "x", f"/do/{n}") for n in range(200)))

    async def run() -> tuple[int, Any]:
        client = await connect(namespace)
        activities = Activities([scenario])
        async with worker_on(client, activities):
            handle = await client.start_workflow("quick", None, id="quick:1", task_queue=QUEUE)
            while len(activities.actions.get("quick:1", ())) < 5:
                await asyncio.sleep(0.01)
            await handle.execute_update("cancel", {"id": "c", "reason": "no", "by": "lin"})
            done = len(activities.actions["quick:1"])
            with pytest.raises(WorkflowFailureError) as raised:
                await handle.result()
            return len(activities.actions["quick:1"]) - done, raised.value.cause

    further, cause = asyncio.run(run())

    assert isinstance(cause, CancelledError)
    assert further <= 1


def test_updates_and_signals_while_runs_follow_each_other(
    namespace: Namespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every event counts once, whichever run of the case it reaches, also where it is told twice."""
    monkeypatch.setattr("workflows.case.HISTORY_EVENTS", 40)
    scenario = Scenario("flood", (item("look", "/do/0"),), rules=CaseRules(statuses=STATUSES))
    ids = [f"e{number}" for number in range(60)]

    async def run() -> tuple[int, list[str], list[str]]:
        client = await connect(namespace)
        async with worker_on(client, Activities([scenario])):
            handle = await client.start_workflow("flood", None, id="flood:1", task_queue=QUEUE)
            await wait_for(handle, Step(when="look"))
            slots = asyncio.Semaphore(5)

            async def tell(event: str) -> str:
                told = {"id": event, "type": "supplier.answered", "data": {}}
                async with slots:
                    if event.endswith("7"):
                        await handle.signal("event", told)
                        return "signalled"
                    while True:
                        try:
                            result = await handle.execute_update("event", told, id=f"u-{event}")
                        except RPCError as error:
                            if error.status != RPCStatusCode.FAILED_PRECONDITION:
                                raise
                            # It came with the last command of a run: the server wants it again.
                            continue
                        return str(result["state"])

            states = await asyncio.gather(*(tell(each) for each in ids))
            again = await asyncio.gather(*(tell(each) for each in ids[:10]))
            await perform(handle, Step(when="look", answer="done"), 0)
            await handle.result()
            position = await handle.query("state")
            runs = [each async for each in client.list_workflows('WorkflowId = "flood:1"')]
        assert "refused" not in states
        return len(runs), position["seen_events"], list(again)

    runs, seen, again = asyncio.run(run())

    assert runs >= 3
    assert sorted(seen) == sorted(ids)
    assert "refused" not in again


def test_a_signal_that_comes_with_the_last_task_does_not_break_the_end(
    namespace: Namespace,
) -> None:
    """Signals sent while the case ends leave it completed, and its last record whole."""
    scenario = next(each for each in SCENARIOS if each.name == "asked")

    async def run() -> tuple[list[Any], list[Any]]:
        client = await connect(namespace)
        activities = Activities([scenario])
        outputs, phases = [], []
        async with worker_on(client, activities):
            for number in range(5):
                case = f"asked:{number}"
                handle = await client.start_workflow("asked", None, id=case, task_queue=QUEUE)
                await perform(handle, Step(when="look", answer="done"), 0)
                for each in range(20):
                    try:
                        await handle.signal("supplier.answered", {"n": each})
                    except Exception:
                        break
                outputs.append(await handle.result())
                phases.append(activities.records[case]["row"]["phase"])
        return outputs, phases

    outputs, phases = asyncio.run(run())

    assert all(output["at"] == "then" for output in outputs)
    assert phases == ["closed"] * 5


def test_a_terminated_part_fails_its_task(namespace: Namespace) -> None:
    """An operator who terminates a part does not leave the case waiting for it for ever."""
    whole = Scenario(
        "whole",
        (
            RunWorkflow(
                name="part", path="/do/0/part", namespace="tests", workflow="part",
                value=Fixed(None),
            ),
        ),
    )  # fmt: skip
    part = Scenario("part", (item("look", "/do/0"),), rules=CaseRules(statuses=STATUSES))

    async def run() -> BaseException | None:
        client = await connect(namespace)
        async with worker_on(client, Activities([whole, part])):
            handle = await client.start_workflow("whole", None, id="whole:1", task_queue=QUEUE)
            child = client.get_workflow_handle("part:whole:1/part")
            await wait_for(child, Step(when="look"))
            await child.terminate("by hand")
            with pytest.raises(WorkflowFailureError) as raised:
                await handle.result()
            return raised.value.cause

    failure = asyncio.run(run())

    assert "part:whole:1/part ended as cancelled" in str(failure)


@pytest.mark.parametrize("how", ["terminate", "complete"])
def test_a_part_is_looked_after_in_a_later_run(
    namespace: Namespace, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """The run that started a part is over: the case asks how the part stands, and hears its end."""
    monkeypatch.setattr("workflows.case.HISTORY_EVENTS", 25)
    monkeypatch.setattr(
        "workflows.interpreter.tasks.run_workflow.FIRST_LOOK", timedelta(milliseconds=300)
    )
    whole = Scenario(
        "whole",
        (
            RunWorkflow(
                name="part", path="/do/0/part", namespace="tests", workflow="part",
                value=Fixed(None),
            ),
        ),
    )  # fmt: skip
    part = Scenario("part", (item("look", "/do/0"),), rules=CaseRules(statuses=STATUSES))

    async def run() -> tuple[str, int]:
        client = await connect(namespace)
        async with worker_on(client, Activities([whole, part])):
            handle = await client.start_workflow("whole", None, id="whole:1", task_queue=QUEUE)
            child = client.get_workflow_handle("part:whole:1/part")
            await wait_for(child, Step(when="look"))
            for number in range(10):
                event = {"id": f"e{number}", "type": "noise", "data": {}}
                await client.get_workflow_handle("whole:1").execute_update("event", event)
            if how == "terminate":
                await child.terminate("by hand")
            else:
                await perform(child, Step(when="look", answer="done"), 0)
            try:
                ended = str((await handle.result())["outcome"])
            except WorkflowFailureError as error:
                ended = str(error.cause)
            runs = [each async for each in client.list_workflows('WorkflowId = "whole:1"')]
            return ended, len(runs)

    ended, runs = asyncio.run(run())

    assert runs >= 2
    wanted = "ended as cancelled" if how == "terminate" else "done"
    assert wanted in ended


def test_a_part_that_ends_together_with_its_beginning_is_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its end may reach the case before the news that it has started. Before level 8 nobody heard it."""
    start = WorldEffects.start_case

    async def slow(self: WorldEffects, given: CaseStart) -> bool:
        started = await start(self, given)
        await self.sleep_until(self.now() + timedelta(seconds=1), "the news travels")
        return started

    monkeypatch.setattr(WorldEffects, "start_case", slow)
    scenario = next(each for each in LANGUAGE if each.name == "runs-a-part")

    old, new = run_in_world(replace(scenario, level=7)), run_in_world(scenario)

    assert old.ends == "running"
    assert (new.ends, new.output) == ("completed", {"doubled": 8})


def test_a_plain_client_starts_a_case_that_lists_show(namespace: Namespace) -> None:
    """Name, version and key are searchable, whoever started the case, and set at most once."""
    scenarios = [each for each in SCENARIOS if each.name in ("sequence", "asked")]

    async def run() -> list[tuple[TypedSearchAttributes, int]]:
        client = await connect(namespace)
        found = []
        async with worker_on(client, Activities(scenarios)):
            for name in ("sequence", "asked"):
                handle = await client.start_workflow(name, None, id=f"{name}:k", task_queue=QUEUE)
                if name == "asked":
                    await wait_for(handle, Step(when="look"))
                else:
                    await handle.result()
                described = await handle.describe()
                history = await handle.fetch_history()
                upserts = [
                    each
                    for each in history.events
                    if each.HasField("upsert_workflow_search_attributes_event_attributes")
                ]
                found.append((described.typed_search_attributes, len(upserts)))
        return found

    for attributes, upserts in asyncio.run(run()):
        named = {pair.key.name: pair.value for pair in attributes}
        assert named["CasewayDefinition"] in ("sequence", "asked")
        assert named["CasewayVersion"] == "1.0.0"
        assert named["CasewayKey"] == "k"
        if named["CasewayDefinition"] == "sequence":
            assert upserts == 1
        else:
            assert "g.desk" in named["CasewayFor"]
            assert named["CasewayStep"] == "look"


def test_a_bug_beside_the_flow_fails_the_task_and_not_the_case(
    namespace: Namespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody waits for cannot fail in silence; with the bug mended the case goes on."""
    scenario = next(each for each in SCENARIOS if each.name == "clocked")
    broken = [True]
    right = ClockKeeper._find_out

    async def wrong(self: ClockKeeper, entry: Any) -> Any:
        if broken:
            raise LookupError("a bug of the clock keeper")
        return await right(self, entry)

    monkeypatch.setattr(ClockKeeper, "_find_out", wrong)

    async def run() -> tuple[str, Any]:
        client = await connect(namespace)
        async with worker_on(client, Activities([scenario])):
            handle = await client.start_workflow("clocked", None, id="clocked:b", task_queue=QUEUE)
            message = ""
            while not message:
                await asyncio.sleep(0.1)
                async for event in handle.fetch_history_events():
                    if event.HasField("workflow_task_failed_event_attributes"):
                        message = event.workflow_task_failed_event_attributes.failure.message
            broken.clear()
            await perform(handle, Step(when="look", answer="done"), 0)
            return message, await handle.result()

    message, output = asyncio.run(run())

    assert "a bug of the clock keeper" in message
    assert output["to"] == "closed"
