"""`events.*`: what cases publish, and what they listen to."""

from __future__ import annotations

from collections.abc import Mapping

from activities.ports import EventDoor, EventStarts, Json
from activities.request import Request


class Events:
    """The routers of events, as a case asks for them. All of it may come twice."""

    def __init__(self, door: EventDoor, starts: EventStarts) -> None:
        self._door = door
        self._starts = starts

    async def publish(self, request: Request) -> Mapping[str, Json]:
        """`events.publish`: a CloudEvent for everybody who listens."""
        await self._door.publish(request.arguments["event"])
        return {"published": True}

    async def subscribe(self, subscription: Mapping[str, Json]) -> Json:
        """`events.subscribe`: what somebody listens to from now on."""
        await self._door.subscribe(subscription)
        return None

    async def unsubscribe(self, subscription: Mapping[str, Json]) -> Json:
        """`events.unsubscribe`: a subscription that is over."""
        await self._door.unsubscribe(subscription)
        return None

    async def gone(self, asked: Mapping[str, Json]) -> Json:
        """`events.gone`: which of the subscribers do not run any more."""
        return await self._door.gone(asked["subscribers"])

    async def apply(self, request: Mapping[str, Json]) -> Json:
        """`events.apply`: let the newest versions listen for what starts their cases; {listening, ended}.

        For whoever reconciles what is published with what runs; the argument says nothing.
        """
        del request
        return await self._starts.apply()

    async def start(self, start: Mapping[str, Json]) -> Json:
        """`events.start`: {definition, input, key} -> {case}."""
        return {"case": await self._starts.start(start["definition"], start["input"], start["key"])}
