"""What is asked of a running case: one update, carried out once."""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from cases.temporal_errors import answered_within

LONGEST_ID = 255
PAUSES = (0.05, 0.2, 0.5, 1.0)
"""Seconds between attempts while a case changes from one run to the next."""


async def update(
    client: Client,
    case: str,
    name: str,
    request: Mapping[str, Any],
    seconds: float,
    *,
    afresh: bool = False,
    content: str = "",
) -> Mapping[str, Any]:
    """Ask a case, and give its answer.

    The same `id` in the request is asked once, and later calls get the first answer, even when the
    case has ended since. With `afresh` the case itself says what it makes of a repetition; with
    `content`, a digest of what is asked, what it makes of the id that comes with something else.

    Raises:
        Refused: the case said no; with its reason.
        CaseNotFound, CaseEnded, WorkerSilent, ServerUnavailable.
    """
    named = str(request.get("id") or uuid.uuid4().hex)
    once = f"{named}:{content}" if content else named
    asked = update_id(name, uuid.uuid4().hex if afresh else once)
    pauses = iter(PAUSES)
    async with answered_within(client, case, seconds):
        while True:
            try:
                result: Mapping[str, Any] = await client.get_workflow_handle(case).execute_update(
                    name,
                    {**request, "id": named},
                    id=asked,
                    result_type=dict,
                    rpc_timeout=timedelta(seconds=seconds),
                )
            except RPCError as error:
                pause = next(pauses, None)
                # The case goes on in a new run just now; under its id the update counts once.
                if pause is None or error.status != RPCStatusCode.FAILED_PRECONDITION:
                    raise
                await asyncio.sleep(pause)
            else:
                return result


def update_id(name: str, request: str) -> str:
    """Temporal's id of an update. It knows one set of ids per case, whatever the update's name."""
    whole = f"{name}:{request}"
    if len(whole) <= LONGEST_ID:
        return whole
    return f"{name}:{hashlib.sha256(request.encode()).hexdigest()}"
