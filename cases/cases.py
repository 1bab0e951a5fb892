"""All that can be done with cases, from whichever door: start, tell, answer, cancel, look."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from cases import starting
from cases.bundles.store import BundleStore, OrganizationStore
from cases.errors import CaseEnded, CaseNotFound, Refused, WorkerSilent
from cases.records.cursors import Page
from cases.records.store import RecordStore
from cases.search_attributes import at_start
from cases.starting import Prepared
from cases.temporal_errors import translated

TASK_QUEUE = "caseway"
ANSWER_SECONDS = 10.0
"""How long a worker may take to answer before the caller hears that none does."""

LATE_SECONDS = 3.0
"""How long an event waits for the case's own word before it is left with the server."""


@dataclass(frozen=True, slots=True)
class Started:
    """A case that is there now. `started` is False where it was there before."""

    case: str
    definition: str
    version: str
    started: bool


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of an event: delivered, buffered, reopened, duplicate or refused.

    `buffered` means that the server keeps it for the case.
    """

    state: str
    reason: str | None = None


class Cases:
    """The cases of one namespace, with the definitions they start from and their records."""

    def __init__(
        self,
        client: Client,
        bundles: BundleStore,
        organization: OrganizationStore,
        records: RecordStore,
        *,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._client = client
        self._bundles = bundles
        self._organization = organization
        self._records = records
        self._answer_seconds = answer_seconds

    # --- starting -------------------------------------------------------------------------------

    async def prepare(
        self, definition: str, version: str | None, value: Any, key: str | None
    ) -> Prepared:
        """Everything that can be said about a start before it happens; see `starting.prepare`."""
        return await starting.prepare(self._bundles, definition, version, value, key)

    async def start(
        self,
        name: str,
        input: Any,
        *,
        key: str | None = None,
        version: str | None = None,
        by: str,
        link: Mapping[str, Any] | None = None,
        event: Mapping[str, Any] | None = None,
        request_id: str | None = None,
    ) -> Started:
        """Start a case, or join the one with its key, which then gets the event.

        Name and input are checked before anything is started. The same `request_id` again is the
        same request.

        Raises:
            DefinitionNotFound, InputInvalid: nothing was started.
            Refused: a case with this key runs, and its definition lets no second start join it.
            WorkerSilent: the case exists, or will once the call is repeated; no worker answered.
            ServerUnavailable: Temporal does not answer.
        """
        prepared = await self.prepare(name, version, input, key)
        rules = prepared.bundle.plan.rules.start
        once = rules.when_closed in ("refuse", "join")
        if once:
            known = await self._records.case(prepared.id)
            if known is not None and known["phase"] == "closed" and known["endedAt"] is not None:
                # Temporal forgets closed cases after its retention, the records do not.
                return Started(prepared.id, name, str(known["version"]), started=False)
        opener = uuid.uuid4().hex
        operation = self._operation(prepared, input, version, by, link, opener, once=once)
        request: dict[str, Any] = {"id": request_id or opener, "by": by}
        if event is not None:
            request["event"] = dict(event)
        try:
            async with translated(self._client, prepared.id, self._answer_seconds):
                opened: Mapping[str, Any] = await self._client.execute_update_with_start_workflow(
                    "open",
                    request,
                    id=request["id"],
                    start_workflow_operation=operation,
                    result_type=dict,
                    rpc_timeout=timedelta(seconds=self._answer_seconds),
                )
        except WorkflowAlreadyStartedError as error:
            if await self._runs(prepared.id):
                raise Refused(
                    f'"{prepared.id}" runs already, and "{name}" lets no second start join it'
                ) from error
            return Started(prepared.id, name, prepared.version, started=False)
        except WorkerSilent as error:
            if await self._runs(prepared.id):
                raise WorkerSilent(prepared.id, error.seconds, started=True) from error
            raise
        return Started(
            prepared.id, name, str(opened["version"]), started=opened.get("opener") == opener
        )

    def _operation(
        self,
        prepared: Prepared,
        value: Any,
        version: str | None,
        by: str,
        link: Mapping[str, Any] | None,
        opener: str,
        *,
        once: bool,
    ) -> WithStartWorkflowOperation[Any, Any]:
        rules = prepared.bundle.plan.rules.start
        # The version is pinned by name: between this check and the first task another may appear.
        memo: dict[str, Any] = {"version": prepared.version, "by": by, "opener": opener}
        if version is not None:
            memo["asked"] = version
        if link is not None:
            memo["link"] = dict(link)
        return WithStartWorkflowOperation(
            prepared.definition,
            value,
            id=prepared.id,
            task_queue=TASK_QUEUE,
            id_conflict_policy=(
                WorkflowIDConflictPolicy.FAIL
                if rules.when_running == "refuse"
                else WorkflowIDConflictPolicy.USE_EXISTING
            ),
            id_reuse_policy=(
                WorkflowIDReusePolicy.REJECT_DUPLICATE
                if once
                else WorkflowIDReusePolicy.ALLOW_DUPLICATE
            ),
            memo=memo,
            search_attributes=at_start(prepared.definition, prepared.version, prepared.key),
            static_summary=(prepared.bundle.plan.title or prepared.definition)[:120],
        )

    async def _runs(self, case: str) -> bool:
        try:
            found = await self._client.get_workflow_handle(case).describe()
        except RPCError:
            return False
        return found.close_time is None

    # --- telling --------------------------------------------------------------------------------

    async def event(self, case: str, event: Mapping[str, Any]) -> Delivered:
        """Deliver a CloudEvent; the same id twice counts once.

        Where no worker answers in time the server keeps the event, and the case gets it when one
        does.

        Raises:
            CaseNotFound, CaseEnded: nobody is there to get it.
            ServerUnavailable: Temporal does not answer.
        """
        told = {"id": uuid.uuid4().hex, **event}
        try:
            # Under the event's own id the server would repeat its first answer: the case itself
            # knows which events it has seen, and says that this one is a duplicate.
            result = await self._update(
                case, "event", told, seconds=LATE_SECONDS, update_id=uuid.uuid4().hex
            )
        except WorkerSilent:
            async with translated(self._client, case, LATE_SECONDS):
                await self._client.get_workflow_handle(case).signal("event", told)
            return Delivered("buffered", "no worker answers now; the server keeps it")
        return Delivered(str(result["state"]), result.get("reason"))

    async def send(self, case: str, event: Mapping[str, Any]) -> Delivered:
        """As `event`, but an unknown or ended case is an answer: refused, with the reason."""
        try:
            return await self.event(case, event)
        except (CaseNotFound, CaseEnded, Refused) as error:
            return Delivered("refused", str(error))

    async def answer(
        self,
        case: str,
        item: str,
        outcome: str,
        values: Mapping[str, Any],
        *,
        by: str,
        on_behalf_of: str | None = None,
        via: str,
        request_id: str | None = None,
    ) -> Mapping[str, Any]:
        """Answer a work item; the same `request_id` again gives the first result.

        Raises:
            Refused: the item, the outcome, the values or the person does not fit; in a sentence.
            CaseNotFound, CaseEnded, WorkerSilent, ServerUnavailable.
        """
        request: dict[str, Any] = {
            "id": request_id,
            "item": item,
            "outcome": outcome,
            "values": dict(values),
            "by": by,
            "via": via,
        }
        if on_behalf_of is not None:
            request["onBehalfOf"] = on_behalf_of
        return await self._update(case, "answer", request)

    async def claim(
        self, case: str, item: str, *, by: str, request_id: str | None = None
    ) -> Mapping[str, Any]:
        """Take a work item out of its pool; errors as `answer`."""
        return await self._update(case, "claim", {"id": request_id, "item": item, "by": by})

    async def release(
        self, case: str, item: str, *, by: str, request_id: str | None = None
    ) -> Mapping[str, Any]:
        """Give a work item back to its pool; errors as `answer`."""
        return await self._update(case, "release", {"id": request_id, "item": item, "by": by})

    async def cancel(
        self, case: str, reason: str, *, by: str, request_id: str | None = None
    ) -> Mapping[str, Any]:
        """End a case early; errors as `answer`."""
        return await self._update(case, "cancel", {"id": request_id, "reason": reason, "by": by})

    async def operate(
        self,
        case: str,
        task: str | None,
        act: str,
        *,
        by: str,
        reason: str | None = None,
        value: Any = None,
        request_id: str | None = None,
    ) -> Mapping[str, Any]:
        """Decide about a held task: `act` is retry, skip (with a value) or fail; errors as `answer`."""
        request = {
            "id": request_id, "task": task, "act": act, "value": value, "by": by, "reason": reason,
        }  # fmt: skip
        return await self._update(case, "operate", request)

    async def _update(
        self,
        case: str,
        name: str,
        request: Mapping[str, Any],
        *,
        seconds: float | None = None,
        update_id: str | None = None,
    ) -> Mapping[str, Any]:
        limit = seconds or self._answer_seconds
        request_id = str(request.get("id") or uuid.uuid4().hex)
        async with translated(self._client, case, limit):
            handle = self._client.get_workflow_handle(case)
            result: Mapping[str, Any] = await handle.execute_update(
                name,
                {**request, "id": request_id},
                id=update_id or request_id,
                result_type=dict,
                rpc_timeout=timedelta(seconds=limit),
            )
        return result

    # --- looking --------------------------------------------------------------------------------

    async def show(self, case: str) -> Mapping[str, Any]:
        """Everything about a case: its data, items, clocks, timeline; the record of a forgotten one.

        Raises:
            CaseNotFound, WorkerSilent, ServerUnavailable.
        """
        try:
            async with translated(self._client, case, self._answer_seconds):
                view: dict[str, Any] = await self._client.get_workflow_handle(case).query(
                    "show",
                    result_type=dict,
                    rpc_timeout=timedelta(seconds=self._answer_seconds),
                )
        except (CaseNotFound, CaseEnded):
            row = await self._records.case(case)
            if row is None:
                raise CaseNotFound(case) from None
            view = {"row": row, "status": row["status"], "phase": row["phase"]}
            if row["endedAt"] is not None:
                view["ended"] = {"at": row["endedAt"], "as": row["endedAs"]}
        definition = case.partition(":")[0]
        empty = {"case": {"id": case, "results": {}}, "definition": definition}
        return {**empty, "items": [], "clocks": {}, "timeline": [], "held": {}, **view}

    async def list(
        self, filters: Mapping[str, str], cursor: str | None = None, limit: int = 50
    ) -> Page:
        """Cases that match all filters, newest first; see `RecordStore.list_cases`."""
        return await self._records.list_cases(filters, cursor, limit)

    async def worklist(
        self,
        *,
        person: str | None = None,
        group: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page:
        """Open work items of a person (those of the person's groups included) or of a group."""
        who = [f"g.{group}"] if group else []
        if person:
            people = (await self._organization.current()).get("people") or {}
            groups = (people.get(person) or {}).get("groups") or ()
            who += [f"u.{person}", *(f"g.{each}" for each in groups)]
        return await self._records.worklist(who, cursor, limit)
