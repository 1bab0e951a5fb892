"""The same chain as a Temporal developer would write it by hand: what Caseway is compared with."""

from __future__ import annotations

import asyncio
import gc
import sys
from datetime import timedelta
from typing import Any

import httpx
from temporalio import activity, workflow
from temporalio.common import WorkerDeploymentVersion
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkerDeploymentConfig

from cases.connect import connect

TASK_QUEUE = "hand-written"
WORKFLOW = "hand-written-chain"
STEPS = 5
YOUNGEST = 5_000


class Http:
    """One HTTP client for all activities of the process."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    @activity.defn(name="get")
    async def get(self, url: str) -> Any:
        """Fetch one document."""
        response = await self._client.get(url)
        response.raise_for_status()
        return response.json()


@workflow.defn(name=WORKFLOW)
class Chain:
    """Five HTTP calls, one after the other."""

    @workflow.run
    async def run(self, given: dict[str, str]) -> Any:
        """Call the address five times and return the last answer."""
        answer: Any = None
        for _ in range(STEPS):
            answer = await workflow.execute_activity(
                "get",
                given["url"],
                start_to_close_timeout=timedelta(seconds=30),
                heartbeat_timeout=timedelta(seconds=5),
            )
        return answer


async def main(address: str, slots: int) -> None:
    """Run the worker, with the options of Caseway's."""
    client = await connect(address)
    async with httpx.AsyncClient() as http:
        worker = Worker(
            client,
            task_queue=TASK_QUEUE,
            workflows=[Chain],
            activities=[Http(http).get],
            workflow_runner=UnsandboxedWorkflowRunner(),
            deployment_config=WorkerDeploymentConfig(
                WorkerDeploymentVersion("by-hand", "1"), use_worker_versioning=False
            ),
            max_concurrent_workflow_tasks=slots,
        )
        # As Caseway's worker does: what is compared is not how Python is set up.
        gc.collect()
        gc.freeze()
        gc.set_threshold(YOUNGEST, *gc.get_threshold()[1:])
        await worker.run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
