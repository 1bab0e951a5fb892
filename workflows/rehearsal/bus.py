"""The router of the rehearsal world: published events find every case that listens to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from language.plan import EventStart
from workflows.routing.book import Book, Forward, Times
from workflows.routing.sets import Sets

if TYPE_CHECKING:
    from workflows.rehearsal.world import World


class Bus:
    """One book for all types of events. Events arrive in the order in which they were published."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._book = Book(Times())
        self._starts: tuple[Sets, str, str] | None = None
        self.published: list[dict[str, Any]] = []
        """Every event that was published, in order."""

    def publish(self, event: Mapping[str, Any]) -> None:
        """An event for everybody who listens, now or within its time."""
        self.published.append(dict(event))
        if self._starts is not None:
            self._start(event)
        self._carry(self._book.publish(event, self._world.now()))

    def start_on_events(self, definition: str, start: EventStart, case: str) -> None:
        """Let the first set of events start this case; further sets start cases that are not played."""
        self._starts = (Sets(start), definition, case)

    def _start(self, event: Mapping[str, Any]) -> None:
        assert self._starts is not None
        sets, definition, case = self._starts
        for each in sets.take(event, self._world.now()):
            if case in self._world.cases:
                self._world.systems.started.add(f"{definition}:{each.key}")
            else:
                self._world.open(definition, case, each.input)

    def subscribe(self, subscription: Mapping[str, Any]) -> None:
        """Somebody listens; what came early follows at once."""
        self._carry(self._book.subscribe(subscription, self._world.now()))

    def unsubscribe(self, subscription: Mapping[str, Any]) -> None:
        """Somebody listens no more."""
        self._book.unsubscribe(subscription["id"])

    def _carry(self, forwards: list[Forward]) -> None:
        for each in forwards:
            self._world.loop.call_soon(self._arrive, each)

    def _arrive(self, forward: Forward) -> None:
        if self._world.deliver(forward.to, dict(forward.event), routed=True) == "refused":
            self._book.forget(forward.to, forward.run)
