"""What Temporal's errors mean for somebody who asked something of a case."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from temporalio.api.errordetails.v1 import NamespaceNotFoundFailure
from temporalio.client import (
    Client,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from cases.errors import (
    CaseEnded,
    CaseError,
    CaseNotFound,
    CaseUnreadable,
    Problem,
    Refused,
    ServerUnavailable,
    WorkerSilent,
)

HEALTH_SECONDS = 2
"""How long the server may take to say that it is there, once an answer has not come."""

_NO_ANSWER = (
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.CANCELLED,
    # The server knows that nobody has asked for work lately, and does not even wait.
    RPCStatusCode.FAILED_PRECONDITION,
    # So much waits for the case, or the server, that it takes no more now.
    RPCStatusCode.RESOURCE_EXHAUSTED,
)
_NOT_FOR_US = (
    RPCStatusCode.UNAVAILABLE,
    RPCStatusCode.UNAUTHENTICATED,
    RPCStatusCode.PERMISSION_DENIED,
)
_ENDED = ("AcceptedUpdateCompletedWorkflow", "CaseEnded")
"""What the server says of an update whose workflow ended before it was answered, and the case itself
while it does."""


@asynccontextmanager
async def translated(client: Client, case: str, seconds: float) -> AsyncIterator[None]:
    """Errors of a call to a case as `cases.errors`; `seconds` is how long it was allowed to take.

    Raises:
        Refused: the case said no.
        CaseNotFound, CaseEnded: it is not there, or not any more.
        WorkerSilent: nobody answered within `seconds`.
        CaseUnreadable: the worker's code fails on the case.
        ServerUnavailable: Temporal does not answer, or not to us.
    """
    try:
        yield
    except WorkflowUpdateFailedError as error:
        cause = error.cause
        if isinstance(cause, ApplicationError) and cause.type in _ENDED:
            raise CaseEnded(case) from error
        if isinstance(cause, ApplicationError):
            raise Refused(cause.message, _problems(cause)) from error
        raise Refused(str(cause)) from error
    except (WorkflowUpdateRPCTimeoutOrCancelledError, TimeoutError) as error:
        # The SDK reports the cancellation of the caller as if the call had taken too long.
        if isinstance(error.__cause__, asyncio.CancelledError) and _is_cancelled():
            raise asyncio.CancelledError from error
        raise await _unanswered(client, case, seconds) from error
    except (WorkflowQueryFailedError, WorkflowQueryRejectedError) as error:
        # A case refuses no query of ours: whatever fails is the code that answers it.
        raise CaseUnreadable(case, str(error)) from error
    except RPCError as error:
        found = await _meaning(client, case, seconds, error)
        if found is None:
            raise
        raise found from error


@asynccontextmanager
async def answered_within(client: Client, case: str, seconds: float) -> AsyncIterator[None]:
    """As `translated`, for one call that must not take longer than about `seconds` in all.

    The SDK asks again and again where a worker has taken an update and does not finish it; the
    time limit of one request does not end that.
    """
    async with translated(client, case, seconds), asyncio.timeout(seconds + 1):
        yield


async def _meaning(client: Client, case: str, seconds: float, error: RPCError) -> CaseError | None:
    status = error.status
    if status == RPCStatusCode.NOT_FOUND:
        if _names_no_namespace(error):
            return _unavailable(client, f'it has no namespace "{client.namespace}"')
        return CaseEnded(case) if await exists(client, case) else CaseNotFound(case)
    if status in _NO_ANSWER:
        return await _unanswered(client, case, seconds)
    if status in _NOT_FOR_US:
        return _unavailable(client, error.message)
    if status == RPCStatusCode.INVALID_ARGUMENT:
        return Refused(error.message)
    return None


def _problems(cause: ApplicationError) -> list[Problem]:
    """The places of an answer that the case says are wrong."""
    told = cause.details[0] if cause.details else ()
    return [
        Problem(str(each["pointer"]), str(each["message"]))
        for each in (told if isinstance(told, list) else ())
        if isinstance(each, dict) and {"pointer", "message"} <= set(each)
    ]


async def _unanswered(client: Client, case: str, seconds: float) -> CaseError:
    """Whose silence it is: the worker's, or that of the server itself."""
    try:
        await client.service_client.check_health(timeout=timedelta(seconds=HEALTH_SECONDS))
    except RPCError:
        return _unavailable(client)
    return WorkerSilent(case, seconds)


def _unavailable(client: Client, detail: str = "") -> ServerUnavailable:
    return ServerUnavailable(client.service_client.config.target_host, detail)


def _names_no_namespace(error: RPCError) -> bool:
    return any(each.Is(NamespaceNotFoundFailure.DESCRIPTOR) for each in error.grpc_status.details)


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def exists(client: Client, case: str) -> bool:
    """Whether Temporal knows a workflow with this id, running or closed."""
    try:
        await client.get_workflow_handle(case).describe()
    except RPCError as error:
        if error.status in (RPCStatusCode.NOT_FOUND, RPCStatusCode.INVALID_ARGUMENT):
            return False
        raise
    return True
