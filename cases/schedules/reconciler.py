"""The workflow that makes what starts cases equal to what is published: one pass at a time, for all who ask.

Times are Schedules of Temporal (`cases.schedules`), events have subscribers (`cases.event_starts`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.client import Client
from temporalio.common import RetryPolicy

WORKFLOW = "caseway-schedules"
"""Type and id: there is one."""

PASSES = (
    ("schedules.apply", "schedules of all definitions"),
    ("events.apply", "events that start cases"),
)
CHANGED = "changed"


@workflow.defn(name=WORKFLOW)
class ReconcilerWorkflow:
    """Applies what is published, again where that changed meanwhile, and ends."""

    def __init__(self) -> None:
        self._asked = 0

    @workflow.run
    async def run(self) -> dict[str, Any]:
        """What the last pass did."""
        done = -1
        report: dict[str, Any] = {}
        while done != self._asked:
            done = self._asked
            report = {}
            for activity, summary in PASSES:
                report |= await workflow.execute_activity(
                    activity,
                    {},
                    result_type=dict,
                    start_to_close_timeout=timedelta(minutes=5),
                    heartbeat_timeout=timedelta(seconds=5),
                    retry_policy=RetryPolicy(maximum_interval=timedelta(seconds=30)),
                    summary=summary,
                )
        return report

    @workflow.signal(name=CHANGED)
    def changed(self) -> None:
        """Something was published."""
        self._asked += 1


async def apply_soon(client: Client, task_queue: str) -> None:
    """Ask for a pass over all definitions; it begins as soon as a worker is there."""
    await client.start_workflow(
        WORKFLOW,
        id=WORKFLOW,
        task_queue=task_queue,
        start_signal=CHANGED,
        static_summary="Makes schedules equal to what is published",
    )


async def apply_now(client: Client, task_queue: str, seconds: float) -> Mapping[str, Any] | None:
    """As `apply_soon`, and what was done; None where that was not known within so many seconds."""
    await apply_soon(client, task_queue)
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            report: dict[str, Any] = await client.get_workflow_handle(
                WORKFLOW, result_type=dict
            ).result()
            return report
    return None
