"""What Temporal's errors mean for somebody who asked something of a case."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio.client import (
    Client,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from cases.errors import CaseEnded, CaseNotFound, Refused, ServerUnavailable, WorkerSilent

_NO_WORKER = (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED)
_NO_SERVER = (RPCStatusCode.UNAVAILABLE, RPCStatusCode.UNAUTHENTICATED)


@asynccontextmanager
async def translated(client: Client, case: str, seconds: float) -> AsyncIterator[None]:
    """Errors of a call to a case as `cases.errors`.

    Raises:
        Refused: the case said no.
        CaseNotFound, CaseEnded: it is not there, or not any more.
        WorkerSilent: nobody answered within `seconds`.
        ServerUnavailable: Temporal does not answer.
    """
    try:
        yield
    except WorkflowUpdateFailedError as error:
        cause = error.cause
        if isinstance(cause, ApplicationError) and cause.type == "Refused":
            raise Refused(cause.message) from error
        if isinstance(cause, ApplicationError) and cause.type == _ENDED_WHILE_OPEN:
            raise CaseEnded(case) from error
        raise Refused(str(cause or error)) from error
    except WorkflowUpdateRPCTimeoutOrCancelledError as error:
        raise WorkerSilent(case, seconds) from error
    except (WorkflowQueryFailedError, WorkflowQueryRejectedError) as error:
        raise Refused(str(error)) from error
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            if await exists(client, case):
                raise CaseEnded(case) from error
            raise CaseNotFound(case) from error
        if error.status in _NO_WORKER:
            raise WorkerSilent(case, seconds) from error
        if error.status == RPCStatusCode.FAILED_PRECONDITION:
            # The server knows that nobody has asked for work lately, and does not even wait.
            raise WorkerSilent(case, seconds) from error
        if error.status in _NO_SERVER:
            raise ServerUnavailable(client.service_client.config.target_host) from error
        if error.status == RPCStatusCode.INVALID_ARGUMENT:
            raise Refused(error.message) from error
        raise


async def exists(client: Client, case: str) -> bool:
    """Whether Temporal knows a workflow with this id, running or closed."""
    try:
        await client.get_workflow_handle(case).describe()
    except RPCError as error:
        if error.status in (RPCStatusCode.NOT_FOUND, RPCStatusCode.INVALID_ARGUMENT):
            return False
        raise
    return True


_ENDED_WHILE_OPEN = "AcceptedUpdateCompletedWorkflow"
"""What the server says of an update whose workflow ended before it was answered."""
