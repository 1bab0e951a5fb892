"""Records a history of a router and one of a starter.

python -m tests.workflows.routing.record_histories ADDRESS NAMESPACE

Recorded histories are only added to: a file that is there already is left alone.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from temporalio import activity
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from cases.routing import Routing
from language.plan_codec import part_to_json
from service.cloud_events import STARTER, router_of, starter_of
from tests.conftest import Namespace
from tests.workflows.event_scenarios import event
from tests.workflows.on_server import QUEUE, Activities, Published, connect, worker_on
from tests.workflows.record_histories import FOLDER, without_traces
from tests.workflows.routing.test_router import LISTENERS, listening, start, until
from tests.workflows.routing.test_sets import started_by
from workflows.routing.router import RouterWorkflow
from workflows.routing.starter import StarterWorkflow


async def record(namespace: Namespace) -> None:
    """Let a router and a starter do all that they do, and keep what came of it."""
    client = await connect(namespace)
    await _keep("router", client, await _route(client))
    await _keep("starter", client, await _start(client))


async def _route(client: Any) -> str:
    """Early events, listeners who come, are served, leave, and vanish; and the end."""
    routing = Routing(client, early_seconds=2.0, remembered_seconds=3.0)
    async with worker_on(client, Activities(LISTENERS)):
        await routing.publish(event("0", "any.step", {"n": 0}))
        one = await start(client, "any-step", 1, steps=2)
        two = await start(client, "any-step", 2, steps=9)
        await listening(client, "any.step", 2)
        await two.terminate("gone")
        await routing.publish(event("1", "any.step", {"n": 1}))
        await routing.publish(event("1", "any.step", {"n": 1}))
        await one.result()
        router = router_of("any.step")
        await asyncio.wait_for(client.get_workflow_handle(router).result(), 60)
    return router


@activity.defn(name="events.start")
async def started(given: dict[str, Any]) -> dict[str, Any]:
    """Start nothing."""
    return {"case": f"{given['definition']}:{given['key']}"}


async def _start(client: Any) -> str:
    """Sets of two events, another thing to listen to, and the end."""
    routing = Routing(client)
    events = Published(client, Activities(()))
    starter = starter_of("order")
    both = part_to_json(started_by("{ all: [ { with: { type: a } }, { with: { type: b } } ] }"))
    one = part_to_json(started_by("{ one: { with: { type: c } } }"))
    async with Worker(
        client,
        task_queue=QUEUE,
        workflows=[RouterWorkflow, StarterWorkflow],
        activities=[events.subscribe, events.unsubscribe, events.gone, started],
        workflow_runner=UnsandboxedWorkflowRunner(),
    ):
        handle = await client.start_workflow(
            STARTER, {"definition": "order", "on": both}, id=starter, task_queue=QUEUE,
            start_signal="listen", start_signal_args=[{"on": both}],
        )  # fmt: skip

        async def has_started(number: int) -> None:
            async def asked() -> bool:
                return bool((await handle.query("show"))["started"] == number)

            await until(asked)

        for number, each in enumerate(("a", "a", "b")):
            await routing.publish(event(str(number), each, each))
        await has_started(1)
        await handle.signal("listen", {"on": one})
        await routing.publish(event("c", "c", "c"))
        await has_started(2)
        await handle.signal("listen", {"on": None})
        await asyncio.wait_for(handle.result(), 60)
    return starter


async def _keep(name: str, client: Any, workflow: str) -> None:
    file = FOLDER / f"{name}.json"
    if not file.exists():
        history = await client.get_workflow_handle(workflow).fetch_history()
        text = json.dumps(without_traces(json.loads(history.to_json())), indent=2)
        file.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(record(Namespace(sys.argv[1], sys.argv[2])))
