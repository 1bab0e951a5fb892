"""Schedules on a Temporal server, with definitions written by the test and a worker as in production."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import yaml
from temporalio import activity
from temporalio.client import Client
from temporalio.common import RawValue
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.build import OWN_KINDS
from activities.definitions import Definitions
from activities.organization import OrganizationReads
from activities.schedules import ScheduleActs
from activities.wrapper import Action
from cases.bundles.folder import FolderBundles
from cases.cases import Cases
from cases.opening import TASK_QUEUE
from cases.publishing import Publication
from cases.records.endings import Endings, keeping_endings
from cases.records.store import RecordStore
from cases.schedules.reconciler import ReconcilerWorkflow, apply_now
from cases.schedules.schedules import Schedules
from language.findings import has_errors
from tests.conftest import Namespace
from worker import KINDS, STICKY_SECONDS
from workflows.case import CaseWorkflow
from workflows.ends import Ends

Found = TypeVar("Found")
Document = dict[str, Any]


def definition(
    name: str,
    version: str = "1.0.0",
    *,
    schedule: Mapping[str, Any] | None = None,
    schedules: Mapping[str, Any] | None = None,
    do: Sequence[Mapping[str, Any]] = ({"done": {"set": {"done": True}}},),
    **more: Any,
) -> Document:
    """A process of one task."""
    metadata: Document = {"owner": "lead"}
    if schedules is not None:
        metadata["schedules"] = dict(schedules)
    document: Document = {
        "document": {
            "dsl": "1.0.3", "namespace": "tests", "name": name, "version": version,
            "title": f"The {name}", "metadata": metadata,
        },
        "do": list(do),
    }  # fmt: skip
    if schedule is not None:
        document["schedule"] = dict(schedule)
    metadata.update(more.pop("metadata", {}))
    return document | more


@dataclass(slots=True)
class Stage:
    """Everything a test touches. `broken` names actions that refuse."""

    client: Client
    folder: Path
    bundles: FolderBundles
    records: RecordStore
    cases: Cases
    schedules: Schedules
    endings: Endings

    async def publish(self, *documents: Document) -> None:
        """Publish definitions, with the organization of the stage."""
        place = self.folder / "definitions"
        organization = place / "organization"
        organization.mkdir(parents=True, exist_ok=True)
        (organization / "roles.yaml").write_text(
            "roles: { lead: { title: { en: Lead }, people: [lin] } }\n"
        )
        (organization / "people.yaml").write_text("people: { lin: { name: Lin } }\n")
        (organization / "calendars").mkdir(exist_ok=True)
        (organization / "calendars" / "always.yaml").write_text(
            "calendar: { timezone: UTC, week: { mon-sun: ['00:00-24:00'] } }\n"
        )
        (organization / "calendars" / "none.yaml").write_text(
            "calendar: { timezone: UTC, week: { mon: ['09:00-10:00'] }, holidays: { extra: ["
            + ", ".join(f"'{day}'" for day in mondays())
            + "] } }\n"
        )
        for document in documents:
            own = place / document["document"]["name"]
            own.mkdir(exist_ok=True)
            (own / "process.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
        publication = Publication([place])
        assert not has_errors(publication.findings), publication.findings
        await publication.store(self.bundles, self.bundles)

    async def apply(self) -> Mapping[str, Any]:
        """Ask the reconciler, and wait for what it did."""
        report = await apply_now(self.client, TASK_QUEUE, 60)
        assert report is not None
        return report

    def worker(self) -> Worker:
        """A worker for cases and the reconciler; actions do nothing."""
        definitions = Definitions(self.bundles, self.cases)
        organization = OrganizationReads(self.bundles, self.records)
        acts = ScheduleActs(self.schedules, self.bundles, self.records)
        action = Action({**OWN_KINDS, **KINDS})

        @activity.defn(dynamic=True)
        async def act(args: Sequence[RawValue]) -> Any:
            """Stand for routers of events: nobody else is there."""
            return {}

        return Worker(
            self.client,
            task_queue=TASK_QUEUE,
            workflows=[CaseWorkflow, ReconcilerWorkflow],
            activities=[
                action("schedule.follow", acts.follow),
                action.repeatable("schedules.apply", acts.apply),
                action.repeatable("schedule.decide", acts.decide),
                action.repeatable("definition.load", definitions.load),
                action.repeatable("organization.read", organization.read),
                action.repeatable("records.write", self.records.write),
                act,
            ],
            workflow_runner=UnsandboxedWorkflowRunner(),
            interceptors=[Ends(self.endings.take)],
            sticky_queue_schedule_to_start_timeout=timedelta(seconds=STICKY_SECONDS),
        )

    async def recorded(self, case: str) -> Mapping[str, Any]:
        """The case's line in the records, once it has told its end."""
        found = await until(
            lambda: self.records.case(case), lambda row: row is not None and bool(row["endedAt"])
        )
        assert found is not None
        return found

    async def started(self, definition: str) -> list[str]:
        """Ids of the definition's workflows that Temporal lists, in order."""
        found = self.client.list_workflows(f"WorkflowType = '{definition}'")
        return sorted([each.id async for each in found])


def mondays() -> list[str]:
    """Every Monday around these years: a calendar in which nothing is ever worked."""
    from datetime import date

    first = date(2025, 1, 6)
    return [str(first + timedelta(weeks=number)) for number in range(900)]


@asynccontextmanager
async def staged(namespace: Namespace, folder: Path) -> AsyncIterator[Stage]:
    """A stage without a worker."""
    client = await Client.connect(namespace.address, namespace=namespace.name)
    bundles = FolderBundles(folder / "bundles")
    records = await RecordStore.open(f"sqlite:///{folder / 'records.db'}")
    try:
        cases = Cases(client, bundles, bundles, records, answer_seconds=5)
        schedules = Schedules(client, bundles, bundles)
        async with keeping_endings(records) as endings:
            yield Stage(client, folder, bundles, records, cases, schedules, endings)
    finally:
        records.close()


async def until(look: Callable[[], Awaitable[Found]], wanted: Callable[[Found], bool]) -> Found:
    """Look until it is as wanted."""
    found = await look()
    for _ in range(1200):
        if wanted(found):
            return found
        await asyncio.sleep(0.05)
        found = await look()
    raise AssertionError(f"it never came to that: {found}")
