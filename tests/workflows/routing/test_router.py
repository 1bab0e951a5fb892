"""The routers of events on a Temporal server: nothing twice, nothing lost, and an end when idle."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError

from cases.errors import InputInvalid
from cases.routing import Routing
from service.cloud_events import router_of
from tests.conftest import Namespace
from tests.workflows.event_scenarios import Written, event
from tests.workflows.on_server import QUEUE, Activities, connect, worker_on
from workflows.routing import router as routers

ROOT = Path(__file__).resolve().parents[3]

LISTENERS = (
    Written(
        "one-order",
        (),
        text="""
do:
  - hear:
      listen:
        to:
          any:
            - with: { type: order.step }
              correlate: { order: { from: .data.order, expect: .order } }
          until: (. | length) >= $input.steps
  - give: { set: '${ [ .[].n ] }' }
""",
    ),
    Written(
        "any-step",
        (),
        text="""
do:
  - hear:
      listen:
        to:
          any: [ { with: { type: any.step } } ]
          until: (. | length) >= $input.steps
  - give: { set: '${ [ .[].n ] }' }
""",
    ),
    Written(
        "everything",
        (),
        text="""
do:
  - pause: { wait: { milliseconds: 500 } }
  - hear: { listen: { to: { any: [] }, read: envelope } }
  - give: { set: '${ .[0].type }' }
""",
    ),
)


async def until(asked: Callable[[], Awaitable[bool]]) -> None:
    """Ask until it is so."""
    for _ in range(300):
        if await asked():
            return
        await asyncio.sleep(0.1)
    raise AssertionError("it never came to be")


async def shown(client: Client, type: str | None) -> dict[str, Any]:
    """What a router shows; nothing where it does not run."""
    try:
        found: dict[str, Any] = await client.get_workflow_handle(router_of(type)).query("show")
    except RPCError:
        return {}
    return found


async def listening(client: Client, type: str | None, number: int) -> None:
    """Wait until so many listen."""

    async def asked() -> bool:
        return (await shown(client, type)).get("listeners", 0) == number

    await until(asked)


async def start(client: Client, name: str, key: Any, **given: Any) -> WorkflowHandle[Any, Any]:
    """Start a case that listens."""
    return await client.start_workflow(name, given, id=f"{name}:{key}", task_queue=QUEUE)


def test_many_listeners_each_hear_of_their_own(namespace: Namespace) -> None:
    """Forty cases of one type of events; each gets its order's events, in order."""

    async def run() -> list[Any]:
        client = await connect(namespace)
        routing = Routing(client)
        async with worker_on(client, Activities(LISTENERS), sandbox=True):
            cases = [await start(client, "one-order", n, order=n, steps=3) for n in range(40)]
            for step in range(3):
                for order in range(40):
                    told = {"order": order, "n": step}
                    await routing.publish(event(f"{order}/{step}", "order.step", told))
                    if order % 7 == 0:
                        await routing.publish(event(f"{order}/{step}", "order.step", told))
            heard = await asyncio.gather(*(case.result() for case in cases))
            await listening(client, "order.step", 0)
            return heard

    assert asyncio.run(run()) == [[0, 1, 2]] * 40


def test_a_router_goes_on_in_new_runs(
    namespace: Namespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Listeners, early events and known ids come along, and none is overtaken."""
    monkeypatch.setattr(routers, "HISTORY_EVENTS", 30)

    async def run() -> tuple[Any, int]:
        client = await connect(namespace)
        routing = Routing(client)
        async with worker_on(client, Activities(LISTENERS)):
            case = await start(client, "any-step", 1, steps=40)
            await listening(client, "any.step", 1)
            first = (await client.get_workflow_handle(router_of("any.step")).describe()).run_id
            for number in range(40):
                await routing.publish(event(str(number), "any.step", {"n": number}))
                await routing.publish(event(str(number // 2), "any.step", {"n": number // 2}))
            heard = await case.result()
            now = (await client.get_workflow_handle(router_of("any.step")).describe()).run_id
        return heard, int(first != now)

    assert asyncio.run(run()) == (list(range(40)), 1)


def test_one_event_for_more_than_a_history_holds(
    namespace: Namespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is still on its way goes on in the new run; everybody gets all, once and in order."""
    monkeypatch.setattr(routers, "HISTORY_EVENTS", 20)
    monkeypatch.setattr(routers, "AT_ONCE", 4)

    async def run() -> tuple[list[Any], int]:
        client = await connect(namespace)
        routing = Routing(client)
        async with worker_on(client, Activities(LISTENERS)):
            cases = [await start(client, "any-step", n, steps=3) for n in range(25)]
            await listening(client, "any.step", 25)
            for number in range(3):
                await routing.publish(event(str(number), "any.step", {"n": number}))
            heard = await asyncio.gather(*(case.result() for case in cases))
            await listening(client, "any.step", 0)
            wanted = f"WorkflowId = '{router_of('any.step')}'"
            return heard, len([each async for each in client.list_workflows(wanted)])

    heard, runs = asyncio.run(run())

    assert heard == [[0, 1, 2]] * 25
    assert runs > 2


def test_a_router_ends_when_idle(namespace: Namespace) -> None:
    """Early events have their time; when ids are forgotten too, nothing is left to serve."""

    async def run() -> tuple[dict[str, Any], Any]:
        client = await connect(namespace)
        routing = Routing(client, early_seconds=0.3, remembered_seconds=1.0)
        async with worker_on(client, Activities(LISTENERS)):
            await routing.publish(event("1", "idle.t"))
            early = await shown(client, "idle.t")
            handle = client.get_workflow_handle(router_of("idle.t"))
            await asyncio.wait_for(handle.result(), 30)
            status = (await handle.describe()).status
            # What is published later finds a new one.
            await routing.publish(event("1", "idle.t"))
            assert (await shown(client, "idle.t"))["early"] == 1
        return early, status

    early, status = asyncio.run(run())

    assert early["early"] == 1
    assert status == WorkflowExecutionStatus.COMPLETED


def test_cases_that_end_are_forgotten(
    namespace: Namespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cancelled case takes its leave; a terminated one is missed at the next event, or the next sweep."""
    monkeypatch.setattr(routers, "SWEEP_EVERY", timedelta(seconds=1))

    async def run() -> None:
        client = await connect(namespace)
        async with worker_on(client, Activities(LISTENERS)):
            cancelled = await start(client, "any-step", "cancelled", steps=5)
            terminated = await start(client, "any-step", "terminated", steps=5)
            stays = await start(client, "any-step", "stays", steps=1)
            await listening(client, "any.step", 3)
            await cancelled.cancel()
            await listening(client, "any.step", 2)
            await terminated.terminate("gone")
            await listening(client, "any.step", 1)
            await Routing(client).publish(event("1", "any.step", {"n": 1}))
            assert await stays.result() == [1]

    asyncio.run(run())


def test_a_later_case_of_the_same_id_is_another_one(namespace: Namespace) -> None:
    """What was meant for a case that was terminated does not reach the one that follows it."""

    async def run() -> Any:
        client = await connect(namespace)
        routing = Routing(client)
        async with worker_on(client, Activities(LISTENERS)):
            before = await start(client, "one-order", 1, order=1, steps=1)
            await listening(client, "order.step", 1)
            await before.terminate("gone")
            after = await start(client, "one-order", 1, order=2, steps=1)
            await listening(client, "order.step", 2)
            await routing.publish(event("1", "order.step", {"order": 1, "n": 1}))
            await routing.publish(event("2", "order.step", {"order": 2, "n": 2}))
            heard = await after.result()
            view = await after.query("show")
        return heard, [line["text"] for line in view["timeline"] if line["kind"] == "event"]

    assert asyncio.run(run()) == ([2], ["order.step"])


def test_a_subscription_outlives_a_new_run_of_its_case(
    namespace: Namespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The case goes on in a new run with every few events; it is told once, and hears all."""
    monkeypatch.setattr("workflows.case.HISTORY_EVENTS", 15)

    async def run() -> tuple[Any, bool]:
        client = await connect(namespace)
        routing = Routing(client)
        async with worker_on(client, Activities(LISTENERS)):
            case = await start(client, "any-step", 1, steps=12)
            await listening(client, "any.step", 1)
            for number in range(12):
                await routing.publish(event(str(number), "any.step", {"n": number}))
                await asyncio.sleep(0.05)
            heard = await case.result()
            runs = [each async for each in client.list_workflows("WorkflowId = 'any-step:1'")]
            await listening(client, "any.step", 0)
        return heard, len(runs) > 1

    heard, went_on = asyncio.run(run())

    assert heard == list(range(12))
    assert went_on


def test_somebody_who_listens_to_every_type(namespace: Namespace) -> None:
    """Also what was published before it listened, since its case began."""

    async def run() -> Any:
        client = await connect(namespace)
        routing = Routing(client)
        async with worker_on(client, Activities(LISTENERS)):
            # The case waits half a second before it listens: this is that it will.
            case = await start(client, "everything", 1)
            await listening(client, None, 1)
            await routing.publish(event("1", "of.some.type"))
            heard = await case.result()
            await listening(client, None, 0)
        return heard

    assert asyncio.run(run()) == "of.some.type"


def test_what_is_nothing_does_not_stop_a_router(namespace: Namespace) -> None:
    """Any client of Temporal may signal it: it leaves alone what it cannot use."""

    async def run() -> Any:
        client = await connect(namespace)
        routing = Routing(client)
        async with worker_on(client, Activities(LISTENERS)):
            case = await start(client, "any-step", 1, steps=1)
            await listening(client, "any.step", 1)
            router = client.get_workflow_handle(router_of("any.step"))
            for signal in ("publish", "subscribe", "unsubscribe"):
                for odd in ({}, {"id": 7}, {"id": "x", "to": "y", "filters": [{"filter": 1}]}):
                    await router.signal(signal, odd)
            await routing.publish(event("1", "any.step", {"n": 1}))
            return await case.result()

    assert asyncio.run(run()) == [1]


def test_only_events_are_published(namespace: Namespace) -> None:
    """What is no CloudEvent starts no router; the pointers say why."""

    async def run() -> list[str]:
        client = await connect(namespace)
        with pytest.raises(InputInvalid) as raised:
            await Routing(client).publish({"type": "x", "id": "1", "Bad": 1})
        return [each.pointer for each in raised.value.problems]

    assert asyncio.run(run()) == ["/specversion", "/source", "/Bad"]


@pytest.mark.timeout(240)
def test_kill_9_of_the_worker_in_between(namespace: Namespace) -> None:
    """Killed again and again while events are published: each listener hears each event once, in order."""
    command = [
        sys.executable, "-m", "tests.workflows.routing.worker_process",
        namespace.address, namespace.name,
    ]  # fmt: skip

    def begin() -> subprocess.Popen[str]:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        with process.stdout as said:
            assert said.readline() == "ready\n"
        return process

    async def run(process: subprocess.Popen[str]) -> list[Any]:
        client = await connect(namespace)
        routing = Routing(client)
        cases = [await start(client, "one-order", n, order=n, steps=10) for n in range(5)]
        try:
            for step in range(10):
                for order in range(5):
                    told = {"order": order, "n": step}
                    await routing.publish(event(f"{order}/{step}", "order.step", told))
                    await routing.publish(event(f"{order}/{step}", "order.step", told))
                if step % 3 == 1:
                    process.kill()
                    process.wait()
                    process = await asyncio.to_thread(begin)
            return await asyncio.wait_for(
                asyncio.gather(*(case.result() for case in cases)), timeout=150
            )
        finally:
            process.kill()
            process.wait()

    assert asyncio.run(run(begin())) == [list(range(10))] * 5
