"""The activity that watches a mailbox, and the workflow that keeps it going."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment
from temporalio.worker import Worker

from cases.errors import ServerUnavailable
from intake.mailbox import Mailbox
from intake.poller import MailboxPoller
from intake.workflow import IntakeWorkflow, intake_id, keep_polling
from tests.api.doubles import RecordingCases, WrittenDown
from tests.conftest import Namespace
from tests.intake.fixtures import OWN, KeptFiles, Waiting, raw_mail

EVERY = timedelta(milliseconds=10)


class House:
    """A poller over one mailbox in memory."""

    def __init__(self) -> None:
        self.source = Waiting()
        self.cases = RecordingCases()
        mailbox = Mailbox(
            "help",
            self.source,
            cases=self.cases,
            files=KeptFiles(),
            quarantine=WrittenDown(),
            own_addresses=OWN,
            limit_bytes=100_000,
        )
        self.poller = MailboxPoller([mailbox], EVERY)


@pytest.fixture
def house() -> House:
    """Give a poller with nothing to do."""
    return House()


def test_a_poll_takes_what_waits_and_says_how_much(house: House) -> None:
    """The result stands in the history for the operator."""
    house.source.deliver("1", raw_mail("plain"))
    house.source.deliver("2", raw_mail("not-a-mail"))

    polled = asyncio.run(
        ActivityEnvironment().run(house.poller.poll, {"mailbox": "help", "seconds": 0})
    )

    assert polled == {"taken": 1, "refused": 1, "left": 0}


def test_a_poll_takes_mails_that_come_later_and_beats_meanwhile(house: House) -> None:
    """A mail that arrives during the wait does not wait for the next poll."""
    environment = ActivityEnvironment()
    beats: list[tuple[Any, ...]] = []
    environment.on_heartbeat = lambda *details: beats.append(details)

    async def run() -> dict[str, int]:
        polling = asyncio.create_task(
            environment.run(house.poller.poll, {"mailbox": "help", "seconds": 600})
        )
        await asyncio.sleep(0.05)
        house.source.deliver("1", raw_mail("plain"))
        while not house.source.taken:
            await asyncio.sleep(0.01)
        environment.worker_shutdown()
        return await polling

    assert asyncio.run(run()) == {"taken": 1, "refused": 0, "left": 0}
    assert beats


def test_a_poll_ends_when_the_worker_stops(house: House) -> None:
    """The next worker takes over at once instead of waiting for missing heartbeats."""
    environment = ActivityEnvironment()

    async def run() -> dict[str, int]:
        polling = asyncio.create_task(
            environment.run(house.poller.poll, {"mailbox": "help", "seconds": 600})
        )
        await asyncio.sleep(0.05)
        environment.worker_shutdown()
        return await polling

    assert asyncio.run(run())["taken"] == 0


def test_an_unknown_mailbox_names_the_known_ones(house: House) -> None:
    """The operator sees in the Temporal UI what this worker can reach."""
    with pytest.raises(ApplicationError, match=r'no mailbox "sales".*help') as error:
        asyncio.run(
            ActivityEnvironment().run(house.poller.poll, {"mailbox": "sales", "seconds": 0})
        )

    assert error.value.type == "MailboxUnknown"
    assert not error.value.non_retryable


def test_what_keeps_all_mails_waiting_is_retried(house: House) -> None:
    """The error names its kind; Temporal repeats the poll."""
    house.cases.fails = ServerUnavailable("127.0.0.1:7233")
    house.source.deliver("1", raw_mail("plain"))

    with pytest.raises(ApplicationError) as error:
        asyncio.run(ActivityEnvironment().run(house.poller.poll, {"mailbox": "help", "seconds": 0}))

    assert (error.value.type, error.value.non_retryable) == ("ServerUnavailable", False)
    assert list(house.source.mails) == ["1"]


@asynccontextmanager
async def _worker(client: Client, house: House) -> AsyncIterator[None]:
    async with Worker(
        client,
        task_queue="caseway",
        workflows=[IntakeWorkflow],
        activities=[house.poller.poll],
    ):
        yield


@pytest.mark.server
@pytest.mark.timeout(240)  # a worker that stops may wait for its last poll, which takes a minute
def test_one_intake_runs_per_mailbox_and_outlives_its_worker(
    house: House, namespace: Namespace
) -> None:
    """Every worker asks for it, one runs, and the next worker goes on with it."""

    async def run() -> None:
        client = await Client.connect(namespace.address, namespace=namespace.name)
        async with _worker(client, house):
            await keep_polling(client, "help", "caseway")
            await keep_polling(client, "help", "caseway")
            house.source.deliver("1", raw_mail("plain"))
            while house.source.taken != ["1"]:
                await asyncio.sleep(0.05)
        async with _worker(client, house):
            house.source.deliver("2", raw_mail("reply"))
            while house.source.taken != ["1", "2"]:
                await asyncio.sleep(0.05)
            handle = client.get_workflow_handle(intake_id("help"))
            described = await handle.describe()
            assert described.status is WorkflowExecutionStatus.RUNNING
            assert described.workflow_type == "caseway-intake"
            history = await handle.fetch_history()
            kinds = [event.WhichOneof("attributes") for event in history.events]
            assert "activity_task_timed_out_event_attributes" not in kinds
            await handle.terminate()

    asyncio.run(asyncio.wait_for(run(), 200))
