"""The workflow that starts cases of one definition on events: a subscriber that stays."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from language.plan import EventStart
    from language.plan_codec import part_from_json
    from service.cloud_events import STARTER, problems
    from service.instants import write_instant
    from workflows.routing.router import packed, unpacked
    from workflows.routing.sets import Sets
    from workflows.routing.subscriptions import subscription

HISTORY_EVENTS = 2_000
AT_ONCE = 20
"""Cases that are started side by side."""

HEARTBEAT = timedelta(seconds=5)
PATIENCE = timedelta(days=3650)
"""An event that came is not lost because a database is away for a while."""


@workflow.defn(name=STARTER)
class StarterWorkflow:
    """Gathers sets of events and starts a case for each, on the newest version.

    `{definition, on, edition}` says what it listens to; the signal `listen` says it anew, with
    `on: null` to end.
    """

    @workflow.init
    def __init__(self, given: dict[str, Any]) -> None:
        kept = unpacked(given["kept"]) if given.get("kept") else {}
        self._definition: str = given["definition"]
        self._on: Any = given.get("on")
        self._since: str = kept.get("since") or write_instant(self._now())
        self._sets = self._new_sets(kept.get("sets"))
        self._told: dict[str, Any] | None = kept.get("told")
        """The subscription that the routers know."""
        self._edition: int = kept.get("edition", 1)
        self._retell = False
        self._starts: list[dict[str, Any]] = list(kept.get("starts") or ())
        self._started: int = kept.get("started", 0)
        self._refused: str = kept.get("refused") or ""

    @workflow.run
    async def run(self, given: dict[str, Any]) -> None:
        """Serve until the definition starts on no events any more."""
        del given
        while True:
            await workflow.wait_condition(
                lambda: bool(self._starts) or self._must_tell() or self._long()
            )
            if self._long():
                workflow.continue_as_new(
                    {"definition": self._definition, "on": self._on, "kept": packed(self._kept())}
                )
            if self._must_tell():
                await self._tell()
            elif self._starts:
                await self._start()
            if self._on is None and self._told is None and not self._starts:
                return

    @workflow.signal
    def listen(self, given: dict[str, Any]) -> None:
        """What starts a case from now on; what was gathered for something else is let go."""
        if given.get("on") == self._on:
            # Told once more what it knows: it tells the routers once more, should one have lost it.
            self._retell = self._told is not None
            return
        self._on = given.get("on")
        self._sets = self._new_sets(None)
        self._edition += 1

    @workflow.signal
    def event(self, event: dict[str, Any], about: dict[str, Any]) -> None:
        """An event, as a router hands it on."""
        del about
        if self._sets is not None and not problems(event):
            self._starts += [each.to_json() for each in self._sets.take(event, self._now())]
            self._show()

    @workflow.query
    def show(self) -> dict[str, Any]:
        """What it waits for and what it did; for operators."""
        return {
            "definition": self._definition,
            "listens": self._told is not None,
            "sets": 0 if self._sets is None else self._sets.open,
            "started": self._started,
            "waiting": len(self._starts),
            "refused": self._refused,
        }

    # --- telling the routers --------------------------------------------------------------------

    def _must_tell(self) -> bool:
        return self._retell or (self._told or {}).get("id") != self._wanted_id()

    def _wanted_id(self) -> str | None:
        return None if self._on is None else f"start:{self._definition}#{self._edition}"

    async def _tell(self) -> None:
        """Listen to what is wanted now, then let go of what was: nothing is missed between."""
        self._retell = False
        before, wanted = self._told, None
        name = self._wanted_id()
        if name is not None and self._sets is not None:
            wanted = subscription(
                name,
                workflow.info().workflow_id,
                None,
                self._since,
                self._sets.filters(),
                self._sets.expected(),
                _no_variable,
            )
            await self._act("events.subscribe", wanted, f"{self._definition} starts on events")
        self._told = wanted
        if before is not None and before["id"] != name:
            await self._act("events.unsubscribe", before, "no more")

    # --- starting -------------------------------------------------------------------------------

    async def _start(self) -> None:
        now = self._starts[:AT_ONCE]
        await asyncio.gather(*(self._start_one(each) for each in now))
        del self._starts[: len(now)]
        self._show()

    async def _start_one(self, start: dict[str, Any]) -> None:
        given = {"definition": self._definition, **start}
        try:
            await self._act("events.start", given, f"start {self._definition}")
        except ActivityError as error:
            # The definition wants another input, or is not there: nobody waits for an answer.
            self._refused = str(error.cause or error)[:500]
        else:
            self._started += 1

    async def _act(self, activity: str, argument: dict[str, Any], summary: str) -> None:
        await workflow.execute_activity(
            activity,
            argument,
            start_to_close_timeout=timedelta(seconds=60),
            schedule_to_close_timeout=PATIENCE,
            heartbeat_timeout=HEARTBEAT,
            retry_policy=RetryPolicy(maximum_interval=timedelta(minutes=1)),
            summary=summary[:120],
        )

    # --- itself ---------------------------------------------------------------------------------

    def _new_sets(self, kept: Any) -> Sets | None:
        return None if self._on is None else Sets(part_from_json(EventStart, self._on), kept)

    def _now(self) -> datetime:
        return workflow.now().astimezone(UTC)

    def _long(self) -> bool:
        info = workflow.info()
        return (
            info.is_continue_as_new_suggested()
            or info.get_current_history_length() > HISTORY_EVENTS
        )

    def _kept(self) -> dict[str, Any]:
        return {
            "since": self._since,
            "sets": None if self._sets is None else self._sets.to_json(),
            "told": self._told,
            "edition": self._edition,
            "starts": self._starts,
            "started": self._started,
            "refused": self._refused,
        }

    def _show(self) -> None:
        lines = [f"- cases started: {self._started}"]
        if self._sets is not None and self._sets.open:
            lines.append(f"- sets that wait for more events: {self._sets.open}")
        if self._refused:
            lines.append(f"- not started: {self._refused}")
        workflow.set_current_details("\n".join(lines))


def _no_variable(name: str) -> Any:
    raise KeyError(name)
