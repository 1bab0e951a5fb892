"""Cases on a Temporal server, with records, bundles and a worker as in production, without integrations."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio import activity
from temporalio.client import Client
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.definitions import Definitions
from activities.organization import OrganizationReads
from activities.wrapper import Action
from cases.bundles.folder import FolderBundles
from cases.cases import Cases
from cases.opening import TASK_QUEUE
from cases.publishing import Publication
from cases.records.endings import Endings, keeping_endings
from cases.records.store import RecordStore
from cases.standing import standing
from tests.conftest import Namespace
from worker import STICKY_SECONDS
from workflows.case import CaseWorkflow
from workflows.ends import Ends

DEFINITIONS = Path(__file__).parent / "definitions"
ANSWER_SECONDS = 5.0


@dataclass(slots=True)
class Stage:
    """Everything a test touches. `broken` names actions that refuse."""

    client: Client
    bundles: FolderBundles
    records: RecordStore
    cases: Cases
    endings: Endings
    broken: set[str] = field(default_factory=set)
    told: list[dict[str, Any]] = field(default_factory=list)
    """Lifecycle events that reached the sink."""

    def worker(self) -> Worker:
        """A worker for all cases; its actions do nothing."""
        definitions = Definitions(self.bundles, self.cases)
        organization = OrganizationReads(self.bundles, self.records)
        action = Action({})

        @activity.defn(dynamic=True)
        async def act(args: Sequence[RawValue]) -> Any:
            name = activity.info().activity_type
            if name in self.broken:
                raise ApplicationError(
                    "not now", {"detail": "not now", "status": 422},
                    type="Refused", non_retryable=True,
                )  # fmt: skip
            return {"id": "T-1"} if name == "ticket.create" else {"deliveries": []}

        async def publish(request: Mapping[str, Any]) -> Any:
            self.told += request["events"]
            return {"refused": []}

        return Worker(
            self.client,
            task_queue=TASK_QUEUE,
            workflows=[CaseWorkflow],
            activities=[
                action.repeatable("definition.load", definitions.load),
                action.repeatable("organization.read", organization.read),
                action.repeatable("lifecycle.publish", publish),
                action.repeatable("records.write", self.records.write),
                act,
            ],
            workflow_runner=UnsandboxedWorkflowRunner(),
            interceptors=[Ends(self.endings.take)],
            # What a test asks after a worker has stopped waits no longer than in production.
            sticky_queue_schedule_to_start_timeout=timedelta(seconds=STICKY_SECONDS),
        )

    async def workflows(self) -> int:
        """How many runs Temporal has in this namespace, once all of them are counted."""
        return len([each async for each in self.client.list_workflows("")])


@asynccontextmanager
async def staged(
    namespace: Namespace,
    folder: Path,
    *,
    seconds: float = ANSWER_SECONDS,
    announces: bool = False,
) -> AsyncIterator[Stage]:
    """A stage without a worker."""
    client = await Client.connect(namespace.address, namespace=namespace.name)
    bundles = FolderBundles(folder / "bundles")
    await Publication([DEFINITIONS]).store(bundles, bundles)
    records = await RecordStore.open(f"sqlite:///{folder / 'records.db'}")
    try:
        cases = Cases(
            client, bundles, bundles, records, answer_seconds=seconds, announces=announces
        )
        async with keeping_endings(records) as endings:
            yield Stage(client, bundles, records, cases, endings)
    finally:
        records.close()


async def shown(
    stage: Stage, case: str, what: Callable[[Mapping[str, Any]], bool]
) -> Mapping[str, Any]:
    """Look at a case until it is as wanted."""
    view: Mapping[str, Any] = {}
    for _ in range(200):
        view = await stage.cases.show(case)
        if what(view):
            return view
        await asyncio.sleep(0.05)
    raise AssertionError(f"it never came to that: {view}")


async def item_of(stage: Stage, case: str) -> str:
    """The id of the case's open work item."""
    view = await shown(stage, case, lambda view: any(_open(each) for each in view["items"]))
    return next(str(each["id"]) for each in view["items"] if _open(each))


async def ended(stage: Stage, case: str) -> None:
    """Wait until the workflow is over."""
    for _ in range(200):
        there = await standing(stage.client, case, 5)
        if there is not None and not there.runs:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{case} goes on")


def _open(item: Mapping[str, Any]) -> bool:
    return item["state"] in ("open", "claimed")
