"""The worker process: puts activities, workflows and intake together and runs them on Temporal.

A composition root: it knows everything and is imported by nobody. `caseway worker` runs it as `python -m worker`.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from structlog.typing import Processor
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from intake.poller import MailboxPoller
from intake.workflow import IntakeWorkflow, keep_polling
from settings import Settings
from workflows.case import CaseWorkflow

TASK_QUEUE = "caseway"
STICKY_SECONDS = 2
"""After a worker was killed, its cases are offered to another one after this long."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Composition:
    """What this worker can do: the activities of cases, and the mailboxes it watches."""

    activities: Sequence[Callable[..., Any]]
    poller: MailboxPoller
    mailboxes: Sequence[str]


async def serve(
    client: Client, composition: Composition, settings: Settings, stop: asyncio.Event
) -> None:
    """Work until `stop` is set, then let running actions finish; raises what ends the worker by itself."""
    worker = Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[CaseWorkflow, IntakeWorkflow],
        activities=[*composition.activities, composition.poller.poll],
        # The interpreter is kept deterministic by lint, import contracts and replay of recorded histories;
        # the sandbox (tests run in it) would cost half of the processor time.
        workflow_runner=UnsandboxedWorkflowRunner(),
        max_concurrent_workflow_tasks=settings.workflow_slots,
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=STICKY_SECONDS),
        graceful_shutdown_timeout=timedelta(seconds=settings.shutdown_seconds),
    )
    running = asyncio.create_task(worker.run())
    stopping = asyncio.create_task(stop.wait())
    try:
        for mailbox in composition.mailboxes:
            await keep_polling(client, mailbox, TASK_QUEUE)
        log.info("worker ready", task_queue=TASK_QUEUE, mailboxes=list(composition.mailboxes))
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        if not running.done():
            await worker.shutdown()
        await running


def log_to_stderr() -> None:
    """One line of JSON per event, ours and the SDK's."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # One line for every request would drown what matters.
    for name in ("httpx", "httpcore", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
