"""Brings a case into being, or finds the one that is there: update-with-start."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from cases.errors import CaseEnded, Refused, WorkerSilent
from cases.search_attributes import at_start
from cases.standing import standing
from cases.starting import Prepared
from cases.temporal_errors import answered_within
from cases.updates import update_id
from language.bundle import Bundle
from service.drill import is_drill

TASK_QUEUE = "caseway"
LONGEST_SUMMARY = 120
ATTEMPTS = 3
"""How often a case is opened that ends each time just before it could answer."""
PAUSE_SECONDS = 0.5
"""A case that ends is over after this long."""


@dataclass(frozen=True, slots=True)
class Started:
    """A case that is there now. `started` is False where it was there before."""

    case: str
    definition: str
    version: str
    started: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a caller wants to be started, and what the new case, or the one it joins, is told."""

    value: Any
    by: str
    link: Mapping[str, Any] | None = None
    event: Mapping[str, Any] | None = None
    request: str
    """Names the call; the same name again is the same call."""
    announces: bool = False
    """Whether the new case tells a sink what becomes of it."""


async def open_case(client: Client, prepared: Prepared, order: Order, seconds: float) -> Started:
    """Start the case, or join the one with its id; both tell it the event, exactly once.

    Raises:
        Refused: it runs already, and its definition lets no second start join it.
        WorkerSilent: `started` says whether the server has the case, and so the event.
        ServerUnavailable: Temporal does not answer.
    """
    opener = uuid.uuid4().hex
    for _ in range(ATTEMPTS):
        try:
            version, first = await _open(client, prepared, order, opener, seconds)
        except WorkflowAlreadyStartedError:
            return await _there_before(client, prepared, order, seconds)
        except CaseEnded:
            there = await standing(client, prepared.id, seconds)
            if there is None or there.opener != opener:
                # The case that was there ends in this moment: the rule for closed ones counts then.
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            version, first = prepared.version, opener
        except WorkerSilent as silence:
            raise await _kept(client, prepared, order, opener, silence) from silence
        return Started(prepared.id, prepared.definition, version, started=first == opener)
    raise CaseEnded(prepared.id)


async def _open(
    client: Client, prepared: Prepared, order: Order, opener: str, seconds: float
) -> tuple[str, str | None]:
    """The version that the case runs on, and which call has started it."""
    told: dict[str, Any] = {"id": order.request, "by": order.by}
    if order.event is not None:
        told["event"] = dict(order.event)
    operation = _operation(prepared, order, opener)
    async with answered_within(client, prepared.id, seconds):
        try:
            opened: Mapping[str, Any] = await client.execute_update_with_start_workflow(
                "open",
                told,
                id=update_id("open", order.request),
                start_workflow_operation=operation,
                result_type=dict,
                rpc_timeout=timedelta(seconds=seconds),
            )
        except Exception:
            # The operation holds the error as well, and complains if nobody takes it from there.
            with suppress(Exception):
                await operation.workflow_handle()
            raise
    return str(opened["version"]), opened.get("opener")


def _operation(
    prepared: Prepared, order: Order, opener: str
) -> WithStartWorkflowOperation[Any, Any]:
    rules = prepared.bundle.plan.rules.start
    memo: dict[str, Any] = {
        "version": prepared.version,
        "by": order.by,
        "opener": opener,
        "request": order.request,
    }
    if order.link is not None:
        memo["link"] = dict(order.link)
    return WithStartWorkflowOperation(
        prepared.definition,
        # The plan comes with the start: the case need not ask for it before it begins.
        args=[order.value, {"plan": _kept_of(prepared.bundle, order)}],
        id=prepared.id,
        task_queue=TASK_QUEUE,
        id_conflict_policy=(
            WorkflowIDConflictPolicy.FAIL
            if rules.when_running == "refuse"
            else WorkflowIDConflictPolicy.USE_EXISTING
        ),
        id_reuse_policy=(
            WorkflowIDReusePolicy.REJECT_DUPLICATE
            if prepared.once
            else WorkflowIDReusePolicy.ALLOW_DUPLICATE
        ),
        memo=memo,
        search_attributes=at_start(prepared.definition, prepared.version, prepared.key),
        static_summary=_summary(prepared)[:LONGEST_SUMMARY],
    )


def _summary(prepared: Prepared) -> str:
    title = prepared.bundle.plan.title or prepared.definition
    return f"DRILL / 演練: {title}" if is_drill(prepared.id) else title


def _kept_of(bundle: Bundle, order: Order) -> dict[str, Any]:
    return bundle.pinned | ({"announces": True} if order.announces else {})


async def _there_before(
    client: Client, prepared: Prepared, order: Order, seconds: float
) -> Started:
    there = await standing(client, prepared.id, seconds)
    if there is not None and there.runs and there.request != order.request:
        raise Refused(
            f'"{prepared.id}" runs already, and "{prepared.definition}" lets no second start '
            "join it. Send it an event, or start with another key."
        )
    version = (there.version if there else None) or prepared.version
    return Started(prepared.id, prepared.definition, version, started=False)


async def _kept(
    client: Client, prepared: Prepared, order: Order, opener: str, silence: WorkerSilent
) -> WorkerSilent:
    """What no worker has answered: the server keeps the start, and with a signal the event too."""
    there = await standing(client, prepared.id, silence.seconds)
    if there is None:
        return silence
    if order.event is not None and there.runs:
        async with answered_within(client, prepared.id, silence.seconds):
            await client.get_workflow_handle(prepared.id).signal("event", dict(order.event))
    return WorkerSilent(prepared.id, silence.seconds, started=True, joined=there.opener != opener)
