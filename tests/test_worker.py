"""The running half of the worker, on a real server."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio import activity
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError

from intake.poller import MailboxPoller
from settings import Settings
from tests.conftest import Namespace
from worker import TASK_QUEUE, Composition, serve
from workflows.ends import Ends

pytestmark = pytest.mark.server


@activity.defn(name="definition.load")
async def load_nothing(request: dict[str, Any]) -> None:
    """Stand for a bundle store without the definition."""
    raise ApplicationError(
        f'No definition "{request["name"]}" is published.',
        type="DefinitionNotFound",
        non_retryable=True,
    )


def test_unknown_definition_ends_readable_and_the_worker_stops_when_asked(
    namespace: Namespace, tmp_path: Path
) -> None:
    """A typing mistake of a plain Temporal client is no eternal retry, and SIGTERM's event ends the worker."""

    async def story() -> BaseException | None:
        client = await Client.connect(namespace.address, namespace=namespace.name)
        composition = Composition(
            [load_nothing], Ends(lambda _: None), MailboxPoller([], timedelta(seconds=1)), []
        )
        stop = asyncio.Event()
        working = asyncio.create_task(serve(client, composition, Settings(data=tmp_path), stop))
        with pytest.raises(WorkflowFailureError) as failure:
            await client.execute_workflow(
                "laptop-oder", {}, id="laptop-oder:1", task_queue=TASK_QUEUE
            )
        stop.set()
        await asyncio.wait_for(working, 60)
        return failure.value.cause

    cause = asyncio.run(story())

    assert isinstance(cause, ApplicationError)
    assert "laptop-oder" in str(cause)
