"""What is asked of a running case: one update, carried out once."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from temporalio.client import Client

from cases.temporal_errors import answered_within

LONGEST_ID = 255


async def update(
    client: Client,
    case: str,
    name: str,
    request: Mapping[str, Any],
    seconds: float,
    *,
    afresh: bool = False,
) -> Mapping[str, Any]:
    """Ask a case, and give its answer.

    The same `id` in the request is asked once, and later calls get the first answer, even when the
    case has ended since. With `afresh` the case itself says what it makes of a repetition.

    Raises:
        Refused: the case said no; with its reason.
        CaseNotFound, CaseEnded, WorkerSilent, ServerUnavailable.
    """
    named = str(request.get("id") or uuid.uuid4().hex)
    async with answered_within(client, case, seconds):
        result: Mapping[str, Any] = await client.get_workflow_handle(case).execute_update(
            name,
            {**request, "id": named},
            id=update_id(name, uuid.uuid4().hex if afresh else named),
            result_type=dict,
            rpc_timeout=timedelta(seconds=seconds),
        )
    return result


def update_id(name: str, request: str) -> str:
    """Temporal's id of an update. It knows one set of ids per case, whatever the update's name."""
    whole = f"{name}:{request}"
    if len(whole) <= LONGEST_ID:
        return whole
    return f"{name}:{hashlib.sha256(request.encode()).hexdigest()}"
