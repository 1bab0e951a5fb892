"""The workflow that keeps one sweep of the records going, on whichever worker is alive."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.client import Client
from temporalio.common import RetryPolicy, WorkflowIDConflictPolicy

WORKFLOW_TYPE = "caseway-records"
SWEEP = "records.sweep"
EVERY = timedelta(minutes=1)
ROUNDS_PER_RUN = 500


@workflow.defn(name=WORKFLOW_TYPE)
class RecordsWorkflow:
    """Sweeps again and again, each time from where the last sweep ended."""

    @workflow.run
    async def run(self, since: str | None = None) -> None:
        """Never returns: it goes on as new, or is cancelled."""
        for _ in range(ROUNDS_PER_RUN):
            since = await workflow.execute_activity(
                SWEEP,
                {"since": since},
                result_type=str | None,  # type: ignore[arg-type]
                start_to_close_timeout=timedelta(hours=1),
                heartbeat_timeout=timedelta(seconds=30),
                retry_policy=RetryPolicy(maximum_interval=timedelta(minutes=1)),
                summary="ends that no case told",
            )
            await workflow.sleep(EVERY, summary="until the next sweep")
            if workflow.info().is_continue_as_new_suggested():
                break
        workflow.continue_as_new(since)


async def keep_records(client: Client, task_queue: str) -> None:
    """Start the upkeep of the records, or leave the one that runs."""
    await client.start_workflow(
        WORKFLOW_TYPE,
        id=WORKFLOW_TYPE,
        task_queue=task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        static_summary="Adds to the records what no case could tell",
    )
