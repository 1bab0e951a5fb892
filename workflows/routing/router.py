"""The workflow behind events that name no case: one per type of event, with one book.

Whoever publishes or listens starts it with a signal (`cases.routing`). It ends when nobody listens
and nothing is left to remember, and goes on in a new run when its history is long.
"""

from __future__ import annotations

import asyncio
import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from service.cloud_events import ROUTER, identity, problems
    from workflows.routing.book import Book, Forward, Times
    from workflows.routing.subscriptions import is_subscription

HISTORY_EVENTS = 2_000
AT_ONCE = 500
"""Signals under way; the server takes two thousand."""

SWEEP_EVERY = timedelta(hours=1)
"""How often those are forgotten who were terminated and could not take their leave."""

HEARTBEAT = timedelta(seconds=5)


@workflow.defn(name=ROUTER)
class RouterWorkflow:
    """Forwards each event once to each subscriber that wants it, in the order in which they came."""

    @workflow.init
    def __init__(self, given: dict[str, Any]) -> None:
        self._given = given
        times = given.get("times") or {}
        kept = unpacked(given["kept"]) if given.get("kept") else {}
        standard = Times()
        self._book = Book(
            Times(
                timedelta(seconds=times["early"]) if "early" in times else standard.early,
                timedelta(seconds=times["remembered"])
                if "remembered" in times
                else standard.remembered,
            ),
            kept.get("book"),
        )
        self._queue = forwards_of(kept.get("queue"))
        self._sweep_at: datetime | None = None
        self._alarm: asyncio.Task[None] | None = None
        self._alarm_at: datetime | None = None
        self._rung = False
        self._told = False
        """Whether a signal came: the alarm may have to be set anew."""

    @workflow.run
    async def run(self, given: dict[str, Any]) -> None:
        """Serve until there is nobody to serve."""
        del given
        while True:
            self._told = False
            self._wind()
            await workflow.wait_condition(
                lambda: (
                    self._told or bool(self._queue) or self._rung or self._done() or self._long()
                )
            )
            if self._long():
                # Also with many on their way: one event may be for more than a history holds.
                kept = {"book": self._book.to_json(), "queue": written(self._queue)}
                workflow.continue_as_new({**self._given, "kept": packed(kept)})
            if self._queue:
                await self._forward()
                continue
            if self._rung:
                self._rung = False
                self._book.expire(self._now())
                if self._sweep_at is not None and self._sweep_at <= self._now():
                    await self._sweep()
                continue
            if self._done():
                return

    @workflow.signal
    def publish(self, event: dict[str, Any]) -> None:
        """Take an event; what is none, from whichever client of Temporal, is left alone."""
        if problems(event):
            return
        self._queue += self._book.publish(event, self._now())
        self._show()

    @workflow.signal
    def subscribe(self, subscription: dict[str, Any]) -> None:
        """Take a listener; what is none is left alone."""
        if not is_subscription(subscription):
            return
        self._queue += self._book.subscribe(subscription, self._now())
        self._show()

    @workflow.signal
    def unsubscribe(self, subscription: dict[str, Any]) -> None:
        """Forget a listener."""
        self._book.unsubscribe(str(subscription.get("id")))
        self._show()

    @workflow.query
    def show(self) -> dict[str, Any]:
        """How many listen, and how many events are kept; for operators."""
        return {
            "listeners": self._book.listeners,
            "early": self._book.early,
            "dropped": self._book.dropped,
            "waiting": len(self._queue),
        }

    # --- forwarding -----------------------------------------------------------------------------

    async def _forward(self) -> None:
        """The next event of each subscriber: none overtakes another on the way to one of them."""
        now: dict[str, Forward] = {}
        later: list[Forward] = []
        for each in self._queue:
            if each.subscriber in now or len(now) >= AT_ONCE:
                later.append(each)
            else:
                now[each.subscriber] = each
        self._queue = later
        await asyncio.gather(*(self._send(each) for each in now.values()))

    async def _send(self, forward: Forward) -> None:
        try:
            await workflow.get_external_workflow_handle(forward.to).signal(
                "event", args=[dict(forward.event), {"run": forward.run}]
            )
        except ApplicationError:
            # It has ended and did not take its leave.
            self._book.forget(forward.to, forward.run)

    # --- time -----------------------------------------------------------------------------------

    def _now(self) -> datetime:
        return workflow.now().astimezone(UTC)

    def _wind(self) -> None:
        """Set the alarm for what has its time next."""
        if not self._book.listeners:
            self._sweep_at = None
        elif self._sweep_at is None:
            self._sweep_at = self._now() + SWEEP_EVERY
        times = [each for each in (self._book.next_change(), self._sweep_at) if each is not None]
        at = min(times, default=None)
        if self._alarm is not None and not self._alarm.done():
            if at is not None and self._alarm_at is not None and self._alarm_at <= at:
                return
            self._alarm.cancel()
        self._alarm_at = at
        self._alarm = None if at is None else asyncio.create_task(self._ring(at))

    async def _ring(self, at: datetime) -> None:
        span = at - self._now()
        if span > timedelta():
            await workflow.sleep(span, summary="early events expire, listeners are looked after")
        self._rung = True

    def _done(self) -> bool:
        return self._book.idle and not self._queue

    def _long(self) -> bool:
        info = workflow.info()
        return (
            info.is_continue_as_new_suggested()
            or info.get_current_history_length() > HISTORY_EVENTS
        )

    async def _sweep(self) -> None:
        """Forget whoever has ended without a word: terminated, or reset to before it listened."""
        self._sweep_at = None
        subscribers = self._book.subscribers()
        try:
            gone: list[Any] = await workflow.execute_activity(
                "events.gone",
                {"subscribers": [list(each) for each in subscribers]},
                start_to_close_timeout=timedelta(minutes=5),
                heartbeat_timeout=HEARTBEAT,
                retry_policy=RetryPolicy(maximum_attempts=3),
                summary=f"who of {len(subscribers)} is still there",
            )
        except ActivityError:
            # Not known now: asked again next time.
            return
        for to, run in gone:
            self._book.forget(to, run)

    def _show(self) -> None:
        self._told = True
        workflow.set_current_details(
            f"- listeners: {self._book.listeners}\n- events kept for later ones: {self._book.early}"
        )


def written(queue: Sequence[Forward]) -> dict[str, Any]:
    """Forwards as the next run gets them: an event that is for thousands stands there once."""
    events = {identity(each.event): dict(each.event) for each in queue}
    return {"events": events, "to": [[each.to, each.run, identity(each.event)] for each in queue]}


def forwards_of(kept: Mapping[str, Any] | None) -> list[Forward]:
    """What `written` wrote."""
    if not kept:
        return []
    return [Forward(to, run, kept["events"][name]) for to, run, name in kept["to"]]


def packed(value: Mapping[str, Any]) -> str:
    """JSON as the next run gets it: many subscriptions look alike and are small together."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode(errors="surrogatepass"))).decode()


def unpacked(text: str) -> dict[str, Any]:
    """What `packed` wrote."""
    raw = zlib.decompress(base64.b64decode(text)).decode(errors="surrogatepass")
    value: dict[str, Any] = json.loads(raw)
    return value
