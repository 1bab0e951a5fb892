"""Tells the routers of events what the case listens to, and takes it back.

What is wanted is data of the state. One coroutine beside the flow makes it so: a listener that is
withdrawn in whichever way only changes the data, and nothing is told that was over before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from language.plan import EventFilter, Listen, Literal, Plan, all_tasks
from service.digests import ByIdentity
from workflows.effects import ActionFailed
from workflows.interpreter.bell import turn, wait_until
from workflows.interpreter.deadline import begin
from workflows.routing.filters import type_of
from workflows.routing.subscriptions import subscription

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun


_NOTHING = EventFilter(Literal({"id": False}))
"""Fits no event of any type."""


def _no_variable(name: str) -> Any:
    raise KeyError(name)


def _hears_every_type(_: str, plan: Plan) -> bool:
    return any(
        isinstance(task, Listen)
        and (
            (task.mode == "any" and not task.filters)
            or any(type_of(each) is None for each in (*task.filters, *task.until_filters))
        )
        for task in all_tasks(plan.tasks)
    )


hears_every_type = ByIdentity(_hears_every_type)
"""Whether a plan has a `listen` whose events may be of any type."""


class Subscribing:
    """The case's subscriptions: `state.subscriptions` is id -> {wanted, told}."""

    def __init__(self, run: CaseRun) -> None:
        self._run = run
        self._teller: asyncio.Task[None] | None = None

    def want(self, subscription: Mapping[str, Any]) -> None:
        """Listen from now on; the same id again replaces what was wanted."""
        entry = self._run.state.subscriptions.setdefault(subscription["id"], {"told": None})
        if entry.get("wanted") != subscription:
            entry["wanted"] = dict(subscription)
            self._start()

    def attend(self) -> None:
        """Let events of every type be kept from now on, where the flow will listen to them.

        The router of those runs only while somebody listens, and knows nothing of what was before.
        """
        state = self._run.state
        if self._run.level >= 4 and hears_every_type("", self._run.plan):
            self.want(
                subscription(
                    f"{state.first_run}:every type",
                    state.id,
                    state.first_run,
                    state.started_at,
                    [_NOTHING],
                    {},
                    _no_variable,
                )
            )

    def drop(self, id: str) -> None:
        """Listen no more. Begins nothing: a part of the flow that is withdrawn calls it."""
        entry = self._run.state.subscriptions.get(id)
        if entry is None:
            return
        entry["wanted"] = None
        self._run.bell.ring()

    def resume(self) -> None:
        """Go on with what a snapshot holds."""
        if self._run.state.subscriptions:
            self._start()

    async def close(self) -> None:
        """Listen to nothing any more, and wait until the routers know."""
        for name in list(self._run.state.subscriptions):
            self.drop(name)
        if self._run.state.subscriptions:
            self._start()
            await wait_until(
                self._run.effects, self._run.bell, lambda: not self._run.state.subscriptions
            )

    def _start(self) -> None:
        if self._teller is None or self._teller.done():
            self._teller = begin(self._run, self._tell())
        self._run.bell.ring()

    async def _tell(self) -> None:
        run = self._run
        # Let the listener look into the buffer first: what is over by then is told to nobody.
        await turn()
        while run.state.subscriptions:
            await wait_until(run.effects, run.bell, lambda: self._next() is not None)
            name = self._next()
            assert name is not None
            entry = run.state.subscriptions[name]
            wanted = entry["wanted"]
            if wanted is None and entry["told"] is None:
                del run.state.subscriptions[name]
                run.bell.ring()
                continue
            try:
                if wanted is None:
                    await run.unsubscribe(entry["told"])
                else:
                    await run.subscribe(wanted)
            except ActionFailed as error:
                run.note("event", f"the routers were not told: {error.detail}")
            # What was wanted meanwhile is told next.
            entry["told"] = wanted

    def _next(self) -> str | None:
        for name, entry in self._run.state.subscriptions.items():
            if entry["wanted"] is None or entry["wanted"] != entry["told"]:
                return name
        return None
