"""The workflow that keeps one poller per mailbox going, on whichever worker is alive."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.client import Client
from temporalio.common import RetryPolicy, WorkflowIDConflictPolicy

WORKFLOW_TYPE = "caseway-intake"
POLL_FOR = timedelta(minutes=10)
ROUNDS_PER_RUN = 100
"""Activities after which the history is cut: about sixteen hours."""


@workflow.defn(name=WORKFLOW_TYPE)
class IntakeWorkflow:
    """Polls the mailbox named by its argument for ever."""

    @workflow.run
    async def run(self, mailbox: str) -> None:
        """Never returns: it goes on as new, or is cancelled."""
        for _ in range(ROUNDS_PER_RUN):
            await workflow.execute_activity(
                "mailbox.poll",
                {"mailbox": mailbox, "seconds": POLL_FOR.total_seconds()},
                start_to_close_timeout=POLL_FOR + timedelta(minutes=10),
                heartbeat_timeout=timedelta(seconds=5),
                retry_policy=RetryPolicy(
                    initial_interval=timedelta(seconds=1),
                    maximum_interval=timedelta(seconds=30),
                ),
                summary=f"mails of {mailbox}",
            )
            if workflow.info().is_continue_as_new_suggested():
                break
        workflow.continue_as_new(mailbox)


def intake_id(mailbox: str) -> str:
    """Workflow id of a mailbox's intake: the same for every worker, so that one runs."""
    return f"{WORKFLOW_TYPE}:{mailbox}"


async def keep_polling(client: Client, mailbox: str, task_queue: str) -> None:
    """Start the intake of a mailbox, or leave the one that runs."""
    await client.start_workflow(
        WORKFLOW_TYPE,
        mailbox,
        id=intake_id(mailbox),
        task_queue=task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        static_summary=f"Takes the mails of {mailbox}",
    )
