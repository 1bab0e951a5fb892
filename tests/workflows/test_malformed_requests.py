"""What any client of Temporal may send: it is refused in a sentence, and the case goes on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from tests.conftest import Namespace
from tests.workflows.on_server import QUEUE, Activities, connect, worker_on
from tests.workflows.scenarios import SCENARIOS

REQUESTS: list[tuple[str, Any]] = [
    ("event", {"id": "e"}),
    ("event", "a text"),
    ("open", {"id": "o", "event": {"id": "e"}}),
    ("open", {"id": "o", "event": "a text"}),
    ("answer", {"id": "a"}),
    ("claim", {"id": "c", "item": "ask"}),
    ("operate", {"id": "x", "act": "explode"}),
    ("operate", {"id": "x"}),
    ("nothing", {"id": "n"}),
    ("cancel", {"id": 7}),
]


@pytest.mark.parametrize(("name", "request_"), REQUESTS)
def test_a_malformed_request_is_refused(
    namespace: Namespace, name: str, request_: dict[str, Any]
) -> None:
    """It fails neither the case nor its workflow task: the next question is answered."""
    scenario = next(each for each in SCENARIOS if each.name == "asked")

    async def run() -> tuple[str, Any]:
        client: Client = await connect(namespace)
        async with worker_on(client, Activities([scenario])):
            handle = await client.start_workflow(
                scenario.name, scenario.input, id=f"{scenario.name}:1", task_queue=QUEUE
            )
            while (await handle.query("show"))["phase"] == "starting":
                await asyncio.sleep(0.05)
            with pytest.raises(WorkflowUpdateFailedError) as refused:
                await handle.execute_update(name, request_)
            cause = refused.value.cause
            assert isinstance(cause, ApplicationError)
            return cause.message, await handle.query("show")

    said, view = asyncio.run(run())

    assert said
    assert view["phase"] in ("open", "waiting")
