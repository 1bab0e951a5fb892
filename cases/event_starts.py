"""Definitions that start on events (`schedule.on`): a subscriber for each, equal to what is published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from cases.bundles.store import BundleStore
from cases.cases import Cases
from cases.errors import WorkerSilent
from cases.standing import standing
from cases.temporal_errors import answered_within
from language.plan_codec import part_to_json
from service.cloud_events import STARTER, starter_of

TASK_QUEUE = "caseway"
ANSWER_SECONDS = 10.0
BY = "events"
"""Who starts a case that events start."""


class EventStarts:
    """The subscribers that stay. Whoever publishes definitions calls `apply` afterwards."""

    def __init__(
        self,
        client: Client,
        bundles: BundleStore,
        cases: Cases,
        *,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._client = client
        self._bundles = bundles
        self._cases = cases
        self._seconds = answer_seconds

    async def apply(self) -> Mapping[str, list[str]]:
        """Let each definition whose newest version says `schedule.on` listen, and no other one.

        To be called after something was published (also as the activity `events.apply`, from a
        workflow that reconciles), as often as one likes: who listens to the same goes on as it is,
        with what it has gathered.

        Returns:
            `{listening, ended}`: names of definitions.

        Raises:
            ServerUnavailable: Temporal does not answer.
            BundleDamaged: what is published cannot be read.
        """
        listening = []
        ended = []
        for name in await self._bundles.names():
            bundle = await self._bundles.newest(name)
            on = None if bundle is None else bundle.plan.starts_on
            if on is not None:
                await self._listen(name, part_to_json(on))
                listening.append(name)
            elif await self._end(name):
                ended.append(name)
        return {"listening": listening, "ended": ended}

    async def start(self, definition: str, value: Any, key: str) -> str:
        """Start a case of the newest version with these events as its input; gives its id.

        The key follows from the events, unless `metadata.start.key` makes one of the input; the
        same events again are the same case.

        Raises:
            DefinitionNotFound, InputInvalid, Refused: no case is started by these events.
            WorkerSilent, ServerUnavailable: it may be started; the same call again is safe.
        """
        bundle = await self._bundles.newest(definition)
        own = bundle is not None and bundle.plan.rules.start.key is not None
        request = f"{BY}:{key}"
        prepared = await self._cases.prepare(definition, None, value, None if own else key)
        there = await standing(self._client, prepared.id, self._seconds)
        if there is not None and (there.request == request or not own):
            # These events have started it before, also where it has ended since.
            return prepared.id
        try:
            started = await self._cases.start(
                definition, value, key=prepared.key, by=BY, request_id=request
            )
        except WorkerSilent as silence:
            if silence.started:
                return silence.case
            raise
        return started.case

    async def _listen(self, definition: str, on: Any) -> None:
        starter = starter_of(definition)
        async with answered_within(self._client, starter, self._seconds):
            await self._client.start_workflow(
                STARTER,
                {"definition": definition, "on": on},
                id=starter,
                task_queue=TASK_QUEUE,
                start_signal="listen",
                start_signal_args=[{"on": on}],
                static_summary=f"Starts {definition} on events"[:120],
            )

    async def _end(self, definition: str) -> bool:
        starter = starter_of(definition)
        async with answered_within(self._client, starter, self._seconds):
            try:
                await self._client.get_workflow_handle(starter).signal("listen", {"on": None})
            except RPCError as error:
                if error.status != RPCStatusCode.NOT_FOUND:
                    raise
                return False
        return True
