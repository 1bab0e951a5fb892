"""Open cases, as Temporal knows them: what `rebuild` asks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from cases.records.projections import Ending
from cases.temporal_errors import translated

OPEN_CASES = 'ExecutionStatus = "Running" AND CasewayDefinition IS NOT NULL'

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
    """The open cases of one namespace."""

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

    async def show(self, case: str) -> Mapping[str, Any]:
        """The case's answer to the query `show`, also of one that has ended.

        Raises:
            CaseNotFound, WorkerSilent, ServerUnavailable, Refused.
        """
        async with translated(self._client, case, self._answer_seconds):
            view: Mapping[str, Any] = await self._client.get_workflow_handle(case).query(
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


def _ending(found: WorkflowExecutionDescription | None) -> Ending:
    if found is None or found.status is None:
        return Ending(UNKNOWN, None)
    return Ending(ENDS.get(found.status, UNKNOWN), found.close_time)


def _first_run(found: WorkflowExecutionDescription) -> str:
    return found.raw_description.workflow_execution_info.first_run_id
