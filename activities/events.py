"""`events.*`: what cases publish, and what they listen to."""

from __future__ import annotations

from collections.abc import Mapping

from activities.ports import EventDoor, Json
from activities.request import Request


class Events:
    """The routers of events, as a case asks for them. All of it may come twice."""

    def __init__(self, door: EventDoor) -> None:
        self._door = door

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
