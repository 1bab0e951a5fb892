"""Cases as Temporal knows them, open and closed: what `rebuild` and the sweep ask."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import ListWorkflowExecutionsRequest
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from cases.records.projections import Ending
from cases.records.sweep import Closed
from cases.temporal_errors import translated

OPEN_CASES = 'ExecutionStatus = "Running" AND CasewayDefinition IS NOT NULL'

CLOSED_CASES = (
    "CasewayDefinition IS NOT NULL AND "
    "ExecutionStatus IN ('Completed', 'Failed', 'Canceled', 'Terminated', 'TimedOut')"
)
STILL_TELLING = timedelta(seconds=5)
"""What closed so lately is about to be recorded by the worker that saw it."""
PAGE = 500

ENDS = {
    WorkflowExecutionStatus.COMPLETED: "completed",
    WorkflowExecutionStatus.FAILED: "failed",
    WorkflowExecutionStatus.CANCELED: "cancelled",
    WorkflowExecutionStatus.TERMINATED: "terminated",
    WorkflowExecutionStatus.TIMED_OUT: "timed-out",
}
UNKNOWN = "unknown"
"""How a case ended that Temporal has forgotten."""

ANSWER_SECONDS = 10.0


class RunningCases:
    """The cases of one namespace."""

    def __init__(self, client: Client, *, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._client = client
        self._answer_seconds = answer_seconds

    async def open_cases(self) -> AsyncIterator[str]:
        """Ids of all cases that run now.

        Raises:
            ServerUnavailable: Temporal does not answer.
        """
        async with translated(self._client, "", self._answer_seconds):
            async for found in self._client.list_workflows(OPEN_CASES):
                yield found.id

    async def closed_since(self, since: datetime | None) -> AsyncIterator[list[Closed]]:
        """Pages of the cases that have closed from then on, but for those of this moment.

        Raises:
            ServerUnavailable: Temporal does not answer.
        """
        query = f"{CLOSED_CASES} AND CloseTime <= '{_time(datetime.now(UTC) - STILL_TELLING)}'"
        if since is not None:
            query += f" AND CloseTime >= '{_time(since)}'"
        # Not the SDK's list: it decodes memos and search attributes, nine tenths of the time.
        asked = ListWorkflowExecutionsRequest(
            namespace=self._client.namespace, page_size=PAGE, query=query
        )
        while True:
            async with translated(self._client, "", self._answer_seconds):
                answer = await self._client.workflow_service.list_workflow_executions(
                    asked, retry=True, timeout=timedelta(seconds=self._answer_seconds)
                )
            if answer.executions:
                yield [_closed(found) for found in answer.executions]
            if not answer.next_page_token:
                return
            asked.next_page_token = answer.next_page_token

    async def first_run(self, case: str, run: str) -> str | None:
        """Id of the first run of the case that ended with this one; None where it is forgotten."""
        found = await self._describe(case, run)
        return None if found is None else _first_run(found)

    async def show(self, case: str, run: str | None = None) -> Mapping[str, Any]:
        """The case's answer to the query `show`, also of one that has ended; of its last run.

        Raises:
            CaseNotFound, WorkerSilent, ServerUnavailable, Refused.
        """
        async with translated(self._client, case, self._answer_seconds):
            view: Mapping[str, Any] = await self._client.get_workflow_handle(
                case, run_id=run
            ).query(
                "show",
                result_type=dict,
                rpc_timeout=timedelta(seconds=self._answer_seconds),
            )
        return view

    async def ending(self, case: str, run: str) -> Ending | None:
        """How this run of a case ended; None where it has not.

        Raises:
            ServerUnavailable: Temporal does not answer.
        """
        found = await self._describe(case, None)
        if found is not None and run in ("", _first_run(found)):
            goes_on = (WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.CONTINUED_AS_NEW)
            return None if found.status in goes_on else _ending(found)
        # The id belongs to a later case now, or to none.
        return _ending(await self._describe(case, run or None))

    async def _describe(self, case: str, run: str | None) -> WorkflowExecutionDescription | None:
        async with translated(self._client, case, self._answer_seconds):
            try:
                return await self._client.get_workflow_handle(case, run_id=run).describe()
            except RPCError as error:
                if error.status in (RPCStatusCode.NOT_FOUND, RPCStatusCode.INVALID_ARGUMENT):
                    return None
                raise


def _closed(found: WorkflowExecutionInfo) -> Closed:
    at = found.close_time.ToDatetime(tzinfo=UTC)
    return Closed(found.execution.workflow_id, found.execution.run_id, at)


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _ending(found: WorkflowExecutionDescription | None) -> Ending:
    if found is None or found.status is None:
        return Ending(UNKNOWN, None)
    return Ending(ENDS.get(found.status, UNKNOWN), found.close_time)


def _first_run(found: WorkflowExecutionDescription) -> str:
    return found.raw_description.workflow_execution_info.first_run_id
