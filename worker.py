"""The worker process: puts activities, workflows and intake together and runs them on Temporal.

A composition root: it knows everything and is imported by nobody. `caseway worker` runs it as `python -m worker`.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from typing import Any

import httpx
import structlog
from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkerDeploymentConfig

from activities.build import Collaborators, build_activities
from cases.connect import connect
from cases.errors import (
    BundleDamaged,
    CaseError,
    CaseUnreadable,
    DefinitionNotFound,
    InputInvalid,
    RecordsUnavailable,
    Refused,
    ScheduleNotFound,
    ServerUnavailable,
    WorkerSilent,
)
from cases.records.endings import keeping_endings
from cases.records.running import RunningCases
from cases.records.sweeper import Sweeper
from cases.records.upkeep import RecordsWorkflow, keep_records
from cases.rooms import open_rooms
from cases.schedules.reconciler import ReconcilerWorkflow, apply_soon
from cases.schedules.schedules import NotYetKnown
from intake.mailbox import Mailbox
from intake.poller import MailboxPoller
from intake.workflow import IntakeWorkflow, keep_polling
from integrations import errors as kinds
from integrations.files.folder.store import FolderFiles
from integrations.mail.mailbox.source import MailFolder
from integrations.mail.smtp.sender import SmtpSender, SmtpSettings
from integrations.secrets.local.source import LocalSecrets
from integrations.tickets.sqlite.store import SqliteTickets
from logs import log_to_stderr
from outgoing.client import open_client
from outgoing.rules import Rules
from reports.reading import Reports
from settings import Settings, load, secrets_of_environment
from workflows.case import CaseWorkflow
from workflows.ends import Ends
from workflows.routing.router import RouterWorkflow
from workflows.routing.starter import StarterWorkflow

TASK_QUEUE = "caseway"
YOUNGEST = 5_000
"""Objects made before the garbage collector looks at the newest: a case makes thousands of them."""
STICKY_SECONDS = 2
"""After a worker was killed, its cases are offered to another one after this long."""

HTTP_SECONDS = 25.0
"""For each outgoing request: less than its action's thirty seconds, so that it says what failed."""

KINDS: Mapping[type[Exception], type[kinds.IntegrationError]] = {
    DefinitionNotFound: kinds.NotFound,
    InputInvalid: kinds.Refused,
    Refused: kinds.Refused,
    NotYetKnown: kinds.Unavailable,
    ScheduleNotFound: kinds.NotFound,
    BundleDamaged: kinds.Unavailable,
    CaseUnreadable: kinds.Unavailable,
    RecordsUnavailable: kinds.Unavailable,
    ServerUnavailable: kinds.Unavailable,
    WorkerSilent: kinds.Unavailable,
}
"""What errors of our own rooms mean for an action: which are worth another try."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Composition:
    """What this worker can do: the activities of cases, and the mailboxes it watches.

    `ends` hears what cases tell at their end.
    """

    activities: Sequence[Callable[..., Any]]
    ends: Ends
    poller: MailboxPoller
    mailboxes: Sequence[str]


@asynccontextmanager
async def compose(
    client: Client, settings: Settings, *, transport: httpx.AsyncBaseTransport | None = None
) -> AsyncIterator[Composition]:
    """Put together what this installation's settings name, and close it in the end.

    `transport` carries the outgoing requests; None is the network.

    Raises:
        CaseError, OSError: something cannot be opened; says what to do.
    """
    files = FolderFiles(settings.files_folder)
    source = MailFolder(
        settings.mailbox_folder, settings.mail_address, limit_bytes=settings.mail_limit_bytes
    )
    async with (
        open_rooms(
            client,
            bundles=settings.bundles_folder,
            records=settings.records_url,
            link_keys=settings.link_key_file,
            base_url=settings.api_url,
            announces=settings.event_sink is not None,
            early_event_hours=settings.early_event_hours,
        ) as rooms,
        keeping_endings(rooms.records) as endings,
        open_client(_outgoing(settings), HTTP_SECONDS, transport=transport) as http,
        httpx.AsyncClient(timeout=HTTP_SECONDS, transport=transport) as sink_client,
    ):
        reach = Collaborators(
            bundles=rooms.bundles,
            organization=rooms.bundles,
            records=rooms.records,
            cases=rooms.cases,
            events=rooms.routing,
            event_starts=rooms.event_starts,
            links=rooms.links,
            schedules=rooms.schedules,
            reports=Reports(rooms.records),
            mail=SmtpSender(_smtp(settings)),
            tickets=SqliteTickets(settings.tickets_file),
            files=files,
            http=http,
            secrets=LocalSecrets(secrets_of_environment(), settings.secret_files),
            sender=settings.mail_address,
            sink=settings.event_sink,
            sink_client=sink_client,
            kinds=KINDS,
        )
        mailbox = Mailbox(
            settings.mail_address,
            source,
            cases=rooms.cases,
            files=files,
            quarantine=rooms.records,
            own_addresses=settings.addresses_of_ours,
            limit_bytes=settings.mail_limit_bytes,
        )
        poller = MailboxPoller([mailbox], settings.mailbox_poll)
        sweeper = Sweeper(RunningCases(client), rooms.records)
        activities = [*build_activities(reach), sweeper.sweep]
        yield Composition(activities, Ends(endings.take), poller, [mailbox.name])


def _outgoing(settings: Settings) -> Rules:
    return Rules.of(settings.outgoing_hosts, settings.outgoing_networks)


def _smtp(settings: Settings) -> SmtpSettings:
    password = settings.smtp_password
    return SmtpSettings(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        user=settings.smtp_user,
        password=None if password is None else password.get_secret_value(),
    )


def make_worker(client: Client, composition: Composition, settings: Settings) -> Worker:
    """Make the worker of this installation; it works once it is run."""
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[
            CaseWorkflow,
            IntakeWorkflow,
            ReconcilerWorkflow,
            RecordsWorkflow,
            RouterWorkflow,
            StarterWorkflow,
        ],
        activities=[*composition.activities, composition.poller.poll],
        interceptors=[composition.ends],
        # The interpreter is kept deterministic by lint, import contracts and replay of recorded histories;
        # the sandbox (tests run in it) would cost half of the processor time.
        workflow_runner=UnsandboxedWorkflowRunner(),
        # Its default is a hash of all loaded code, for which each start takes another second.
        deployment_config=WorkerDeploymentConfig(
            WorkerDeploymentVersion("caseway", version("caseway")), use_worker_versioning=False
        ),
        max_concurrent_workflow_tasks=settings.workflow_slots,
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=STICKY_SECONDS),
        graceful_shutdown_timeout=timedelta(seconds=settings.shutdown_seconds),
    )


async def serve(
    client: Client, composition: Composition, settings: Settings, stop: asyncio.Event
) -> None:
    """Work until `stop` is set, then let running actions finish; raises what ends the worker by itself."""
    worker = make_worker(client, composition, settings)
    running = asyncio.create_task(worker.run())
    stopping = asyncio.create_task(stop.wait())
    try:
        await keep_records(client, TASK_QUEUE)
        for mailbox in composition.mailboxes:
            await keep_polling(client, mailbox, TASK_QUEUE)
        # What was published while no server ran is made up for.
        await apply_soon(client, TASK_QUEUE)
        log.info("worker ready", task_queue=TASK_QUEUE, mailboxes=list(composition.mailboxes))
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        if not running.done():
            await worker.shutdown()
        await running


async def run(settings: Settings) -> None:
    """Be a worker until the process is asked to stop.

    Raises:
        CaseError, OSError: it could not begin.
    """
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    client = await connect(settings.temporal_address)
    async with compose(client, settings) as composition:
        _settle()
        await serve(client, composition, settings, stop)


def _settle() -> None:
    """Leave what was loaded to the garbage collector's past: it stays until the process ends.

    Looking through all of it again and again took a tenth of the processor time of a busy worker.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNGEST, *gc.get_threshold()[1:])


def main() -> int:
    """Exit status: 0 after a request to stop, 1 where it could not go on, 2 where it could not begin."""
    log_to_stderr()
    try:
        asyncio.run(run(load()))
    except (CaseError, OSError) as error:
        sys.stderr.write(f"caseway worker: {error}\n")
        return 2
    except Exception:
        log.exception("the worker ended by itself")
        return 1
    return 0


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # The SDK may crash while the interpreter shuts down; the status is settled by now.
    os._exit(status)
