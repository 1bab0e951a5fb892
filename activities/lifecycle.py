"""`lifecycle.publish`: lifecycle events of a case go to the sink of this installation, in order.

CloudEvents over HTTP in structured content mode, one request for each, as the standard recommends.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx

from integrations.errors import Unavailable

SYSTEM = "event sink"
MEDIA_TYPE = "application/cloudevents+json; charset=utf-8"
AGAIN = frozenset({401, 403, 404, 408, 425, 429})
"""Answers to which the operator, or time, may have another one: the event is kept and comes again."""


class Lifecycle:
    """Posts events. Without a sink there is nothing to do, and a case that has some to tell goes on."""

    def __init__(self, client: httpx.AsyncClient, sink: str | None) -> None:
        self._client = client
        self._sink = sink

    @property
    def announces(self) -> bool:
        """Whether cases that start now tell what becomes of them."""
        return self._sink is not None

    async def publish(self, request: Mapping[str, Any]) -> Any:
        """`lifecycle.publish`: {events} -> {refused}, the ids that the sink does not want.

        A second attempt sends all of them again: their ids say which are the same.

        Raises:
            Unavailable: the sink does not answer, or cannot take them now.
        """
        events = request["events"] if self._sink is not None else ()
        # One after the other: the sink gets them in their order.
        return {"refused": [each["id"] for each in events if not await self._post(each)]}

    async def _post(self, event: Mapping[str, Any]) -> bool:
        assert self._sink is not None
        body = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
        try:
            answer = await self._client.post(
                self._sink, content=body.encode(), headers={"Content-Type": MEDIA_TYPE}
            )
        except httpx.HTTPError as error:
            raise Unavailable(SYSTEM, str(error) or type(error).__name__) from error
        if answer.is_success:
            return True
        if answer.status_code in AGAIN or not answer.is_client_error:
            raise Unavailable(SYSTEM, f"it answers {answer.status_code}")
        return False
