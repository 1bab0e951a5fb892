"""Events that name no case: published to the routers, who know which cases listen to them.

A router is a workflow per type of event, started with the first signal that it gets
(decision 0007). What is told here may be told twice: a router knows events and subscriptions by
their ids.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from cases.errors import InputInvalid, Problem
from cases.temporal_errors import answered_within
from service.cloud_events import EVERY_TYPE, ROUTER, problems, router_of
from service.instants import write_instant

TASK_QUEUE = "caseway"
ANSWER_SECONDS = 10.0
LOOKED_AT_ONCE = 20


class Routing:
    """The routers of one namespace, as seen from outside of them."""

    def __init__(
        self,
        client: Client,
        *,
        early_seconds: float | None = None,
        remembered_seconds: float | None = None,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        """For how long routers that start from now on keep early events, and remember their ids.

        None is what `workflows.routing.book.Times` says: an hour and a day.
        """
        self._client = client
        times = {"early": early_seconds, "remembered": remembered_seconds}
        self._times = {name: each for name, each in times.items() if each is not None}
        self._seconds = answer_seconds

    async def publish(self, event: Mapping[str, Any]) -> None:
        """Publish a CloudEvent to every case that listens to it, now or soon.

        Nothing can be lost any more on return; the same source and id again counts once.

        Raises:
            InputInvalid: it is no CloudEvent; with JSON pointers.
            ServerUnavailable: Temporal does not answer; it may be published or not.
        """
        told = checked(event)
        router = router_of(told["type"])
        await self._tell(router, "publish", told, f"Routes events of the type {told['type']}")
        # Few listen to events of any type, so the router of those runs only while somebody does.
        await self._tell_running(EVERY_TYPE, "publish", told)

    async def subscribe(self, subscription: Mapping[str, Any]) -> None:
        """Tell the routers of its filters what somebody listens to; the same id replaces it.

        Raises:
            ServerUnavailable: Temporal does not answer.
        """
        for router, part in _by_router(subscription).items():
            types = router.partition(":")[2]
            about = (
                "Routes events of every type"
                if types == "*"
                else f"Routes events of the type {types}"
            )
            await self._tell(router, "subscribe", part, about)

    async def unsubscribe(self, subscription: Mapping[str, Any]) -> None:
        """Let the routers forget it; nothing happens where they do not know it.

        Raises:
            ServerUnavailable: Temporal does not answer.
        """
        for router in _by_router(subscription):
            await self._tell_running(router, "unsubscribe", {"id": subscription["id"]})

    async def gone(self, subscribers: Sequence[Sequence[Any]]) -> list[list[Any]]:
        """Which of these (workflow, first run or None) do not run any more.

        Raises:
            ServerUnavailable: Temporal does not answer.
        """
        found = []
        for begin in range(0, len(subscribers), LOOKED_AT_ONCE):
            some = subscribers[begin : begin + LOOKED_AT_ONCE]
            running = await asyncio.gather(*(self._runs(str(to), run) for to, run in some))
            found += [list(each) for each, runs in zip(some, running, strict=True) if not runs]
        return found

    async def _runs(self, workflow: str, run: str | None) -> bool:
        async with answered_within(self._client, workflow, self._seconds):
            try:
                there = await self._client.get_workflow_handle(workflow).describe()
            except RPCError as error:
                if error.status != RPCStatusCode.NOT_FOUND:
                    raise
                return False
        if there.status != WorkflowExecutionStatus.RUNNING:
            return False
        first = there.raw_description.workflow_execution_info.first_run_id
        return run is None or not first or first == run

    async def _tell(self, router: str, signal: str, value: Any, about: str) -> None:
        async with answered_within(self._client, router, self._seconds):
            await self._client.start_workflow(
                ROUTER,
                {"times": self._times},
                id=router,
                task_queue=TASK_QUEUE,
                start_signal=signal,
                start_signal_args=[value],
                static_summary=about[:120],
            )

    async def _tell_running(self, router: str, signal: str, value: Any) -> None:
        async with answered_within(self._client, router, self._seconds):
            try:
                await self._client.get_workflow_handle(router).signal(signal, value)
            except RPCError as error:
                if error.status != RPCStatusCode.NOT_FOUND:
                    raise


def checked(event: Mapping[str, Any]) -> dict[str, Any]:
    """The event with a time, if it has none.

    Raises:
        InputInvalid: it is no CloudEvent; with JSON pointers.
    """
    found = problems(event)
    if found:
        raise InputInvalid([Problem(each.pointer, each.message) for each in found])
    told = {name: value for name, value in event.items() if value is not None or name == "data"}
    return {"time": write_instant(datetime.now(UTC)), **told}


def _by_router(subscription: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Router -> the part of a subscription that is for it."""
    parts: dict[str, list[Any]] = {}
    for each in subscription["filters"]:
        parts.setdefault(router_of(each["type"]), []).append(each)
    return {router: {**subscription, "filters": filters} for router, filters in parts.items()}
