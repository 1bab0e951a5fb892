"""How a case ended, and waiting for it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import (
    ApplicationError,
    CancelledError,
    FailureError,
    TerminatedError,
)
from temporalio.exceptions import TimeoutError as WorkflowTimeout

from cases.errors import Refused, WorkerSilent
from cases.standing import standing
from cases.temporal_errors import answered_within, translated

RUNTIME_ERROR = "https://open-workflow-specification.org/spec/1.0.0/errors/runtime"

LOOK_EVERY = 1.0
"""Seconds between two looks at a case that may be over while its workflow goes on."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a case ended: completed, cancelled, failed, terminated or timed-out.

    `output` is what a completed one gives; `error` says why one failed: {title, detail, ...}.
    """

    how: str
    output: Any = None
    error: Mapping[str, Any] | None = None


async def wait(client: Client, case: str, seconds: float) -> Ended:
    """Wait until a case has ended, or waits only for whether it is reopened.

    Args:
        client: Where the case runs.
        case: Its id.
        seconds: How long a worker may take to say where the case stands; silence is no end.

    Raises:
        CaseNotFound, ServerUnavailable.
    """
    async with translated(client, case, seconds):
        end = asyncio.ensure_future(how_it_ended(client, case))
        try:
            while not end.done():
                await asyncio.wait({end}, timeout=LOOK_EVERY)
                over = None if end.done() else await _over(client, case, seconds)
                if over is not None:
                    return over
            return end.result()
        finally:
            end.cancel()


async def how_it_ended(client: Client, case: str) -> Ended:
    """Wait for the end of the workflow, whichever run that is in."""
    try:
        return Ended("completed", await client.get_workflow_handle(case).result())
    except WorkflowFailureError as error:
        match error.cause:
            case CancelledError():
                return Ended("cancelled")
            case TerminatedError():
                return Ended("terminated")
            case WorkflowTimeout():
                return Ended("timed-out")
            case cause:
                return Ended("failed", error=_described(cause))


async def told_to_whole(client: Client, case: str, seconds: float) -> Mapping[str, Any] | None:
    """How a part has ended, in the words of `case.finished`; None while it runs.

    Raises:
        WorkerSilent, ServerUnavailable: Temporal does not answer, or not in time.
    """
    there = await standing(client, case, seconds)
    if there is not None and there.runs:
        return None
    if there is None:
        gone = {
            "type": RUNTIME_ERROR,
            "status": 500,
            "title": "CaseGone",
            "detail": f"{case} is not there any more, and nobody has told how it ended",
        }
        return {"as": "failed", "output": None, "error": gone}
    async with translated(client, case, seconds):
        ended = await how_it_ended(client, case)
    how = {"terminated": "cancelled", "timed-out": "failed"}.get(ended.how, ended.how)
    error = ended.error
    if ended.how == "timed-out":
        error = {
            "type": RUNTIME_ERROR,
            "status": 500,
            "title": "TimedOut",
            "detail": f"{case} took longer than Temporal allowed",
        }
    return {"as": how, "output": ended.output, "error": error}


async def _over(client: Client, case: str, seconds: float) -> Ended | None:
    """How the case ended while its workflow waits for an event that would reopen it."""
    view: Mapping[str, Any] = {}
    with suppress(WorkerSilent, Refused):
        async with answered_within(client, case, seconds):
            view = await client.get_workflow_handle(case).query(
                "show", result_type=dict, rpc_timeout=timedelta(seconds=seconds)
            )
    ended = view.get("ended")
    return None if ended is None else Ended(ended["as"], error=ended.get("error"))


def _described(cause: BaseException) -> Mapping[str, Any]:
    if not isinstance(cause, ApplicationError):
        detail = cause.message if isinstance(cause, FailureError) else str(cause)
        return {"title": type(cause).__name__, "detail": detail}
    told = cause.details[0] if cause.details else None
    if isinstance(told, dict):
        return told
    return {"title": cause.type or "CaseFailed", "detail": cause.message}
