"""A worker that has to load a case sees a signal and the update after it at once; a replay does not."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from tests.conftest import Namespace
from tests.workflows.on_server import QUEUE, Activities, connect, wait_for, worker_on
from tests.workflows.scenarios import Scenario, Step, comment, item
from tests.workflows.test_replay import replay

CASES = 8
ASKS = Scenario("asks-and-says", (item("ask", "/do/0"), comment("say", "hello", "/do/1")))


def test_a_signal_and_an_update_act_in_the_same_order_in_a_replay(namespace: Namespace) -> None:
    """Cases that no worker remembers get an event nobody waits for and then an answer, and go on."""

    async def knock(client, activities, number: int) -> None:  # type: ignore[no-untyped-def]
        handle = await client.start_workflow(
            ASKS.name, {}, id=f"{ASKS.name}:{number}", task_queue=QUEUE,
            execution_timeout=timedelta(seconds=60),
        )  # fmt: skip
        await wait_for(handle, Step(when="ask"))
        await asyncio.sleep(0.3)
        event = {"id": "e", "type": "nobody.waits", "source": "tests", "data": {}}
        await handle.signal("event", event)
        await asyncio.sleep(0.3)
        answer = {"id": "a", "item": "ask", "by": "chen", "outcome": "done", "values": {}}
        await handle.execute_update("answer", answer)
        await handle.result()
        history = await handle.fetch_history()
        failure = await replay(history.to_json())
        assert failure is None, failure

    async def run() -> None:
        client = await connect(namespace)
        activities = Activities([ASKS])
        async with worker_on(client, activities, cached=0):
            await asyncio.gather(*(knock(client, activities, each) for each in range(CASES)))

    asyncio.run(run())
