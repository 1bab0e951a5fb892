"""The book of a router: who listens, which events came early, and which were known before.

Pure rules over JSON. The router workflow keeps one book per type of event, the rehearsal world one
for all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from service.cloud_events import identity, size
from service.instants import read_instant, write_instant
from workflows.routing.filters import seen
from workflows.routing.subscriptions import Listener, Subscription

MOST_EVENTS = 1_000
MOST_BYTES = 500_000
"""Of early events: a book must fit into one payload of Temporal, and cases listen soon or never."""

MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Times:
    """How long an event waits for a listener, and how long its id is remembered."""

    early: timedelta = timedelta(hours=1)
    remembered: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Forward:
    """An event for one subscriber: a workflow, and the run of the case that it is meant for."""

    to: str
    run: str | None
    event: Mapping[str, Any]

    @property
    def subscriber(self) -> str:
        """As `Listener.subscriber`."""
        return f"{self.to} {self.run or ''}"


class Book:
    """Who gets which event. Every method takes the time as its last argument."""

    def __init__(self, times: Times, kept: Mapping[str, Any] | None = None) -> None:
        """A new book, or the one that `to_json` wrote."""
        self._times = times
        kept = kept or {}
        self._listeners = {each["id"]: Listener(each) for each in kept.get("subscriptions") or ()}
        self._early: list[dict[str, Any]] = [dict(each) for each in kept.get("early") or ()]
        """{event, at, given: [subscriber], until}, oldest first."""
        self._bytes = sum(each["size"] for each in self._early)
        self._known: dict[str, str] = dict(kept.get("known") or {})
        """Identity -> until when it is remembered, oldest first."""
        self.dropped: int = kept.get("dropped") or 0
        """Early events that had to make room for newer ones before their time."""

    def to_json(self) -> dict[str, Any]:
        """All of it."""
        return {
            "subscriptions": [each.told for each in self._listeners.values()],
            "early": self._early,
            "known": self._known,
            "dropped": self.dropped,
        }

    @property
    def listeners(self) -> int:
        """How many subscriptions there are."""
        return len(self._listeners)

    @property
    def early(self) -> int:
        """How many events are kept for listeners to come."""
        return len(self._early)

    def subscribers(self) -> list[tuple[str, str | None]]:
        """(workflow, run) of everybody who listens, each once."""
        return list(dict.fromkeys((each.to, each.run) for each in self._listeners.values()))

    def publish(self, event: Mapping[str, Any], now: datetime) -> list[Forward]:
        """Take an event: for everybody who wants it, and for those who come within its time.

        The same event again (source and id) changes nothing.
        """
        self.expire(now)
        name = identity(event)
        if name in self._known:
            return []
        # No event waits longer than it is known: a copy of it would be another one.
        known_for = max(self._times.remembered, self._times.early)
        self._known[name] = write_instant(now + known_for)
        while len(self._known) > MOST_REMEMBERED:
            del self._known[next(iter(self._known))]
        shown = seen(event)
        forwards: dict[str, Forward] = {}
        for each in self._listeners.values():
            if each.subscriber not in forwards and each.wants(shown) is not False:
                forwards[each.subscriber] = Forward(each.to, each.run, event)
        entry = {
            "event": dict(event),
            "at": write_instant(now),
            "until": write_instant(now + self._times.early),
            "given": list(forwards),
            "size": size(event),
        }
        self._early.append(entry)
        self._bytes += entry["size"]
        while self._early and (len(self._early) > MOST_EVENTS or self._bytes > MOST_BYTES):
            self.dropped += not self._early[0]["given"]
            self._bytes -= self._early.pop(0)["size"]
        return list(forwards.values())

    def subscribe(self, told: Subscription, now: datetime) -> list[Forward]:
        """Take a listener, or what it listens to from now on; gives it what came early.

        Of the events before, those are for it that came since it could have listened at all, those
        that name a correlation value that it expects, and those that nobody has had yet.
        """
        self.expire(now)
        listener = Listener(told)
        self._listeners[told["id"]] = listener
        since = read_instant(told["since"])
        forwards = []
        for entry in self._early:
            if listener.subscriber in entry["given"]:
                continue
            wanted = listener.wants(seen(entry["event"]))
            if wanted is False:
                continue
            if wanted is None or not entry["given"] or read_instant(entry["at"]) >= since:
                entry["given"].append(listener.subscriber)
                forwards.append(Forward(listener.to, listener.run, entry["event"]))
        return forwards

    def unsubscribe(self, id: str) -> None:
        """Forget a subscription."""
        self._listeners.pop(id, None)

    def forget(self, to: str, run: str | None) -> None:
        """Forget all subscriptions of a workflow that is no more (of a case: of that run of it)."""
        for name in [
            name for name, each in self._listeners.items() if (each.to, each.run) == (to, run)
        ]:
            del self._listeners[name]

    def expire(self, now: datetime) -> None:
        """Let go of what has had its time."""
        while self._early and read_instant(self._early[0]["until"]) <= now:
            self._bytes -= self._early.pop(0)["size"]
        for name in list(self._known):
            if read_instant(self._known[name]) > now:
                break
            del self._known[name]

    def next_change(self) -> datetime | None:
        """When the next thing has had its time; None where nothing is kept."""
        times = [self._early[0]["until"]] if self._early else []
        if self._known:
            times.append(next(iter(self._known.values())))
        return min(map(read_instant, times), default=None)

    @property
    def idle(self) -> bool:
        """Whether there is nobody who listens and nothing to remember."""
        return not self._listeners and not self._early and not self._known
