"""Every host of the world, in this process: what the foreign cases call is answered here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.foreign.stub import echo, httpbin, identity, petstore


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that came, and the status of its answer."""

    method: str
    url: httpx.URL
    headers: Mapping[str, str]
    status: int


@dataclass(slots=True)
class Stub:
    """Answers by host and path, the same way every time.

    `documents` are answers for exact addresses; `first` are statuses with which the first calls
    that no identity provider answers are refused; `digest` asks every caller for such a login;
    `extra` are fields of answers of hosts of which nothing is known; `secrets` are the caller's.
    """

    documents: Mapping[str, Any] = field(default_factory=dict)
    first: list[int] = field(default_factory=list)
    digest: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, Any] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """The answer to one request."""
        response = self._answer(request)
        response.request = request
        self.asked.append(
            Asked(request.method, request.url, dict(request.headers), response.status_code)
        )
        return response

    def _answer(self, request: httpx.Request) -> httpx.Response:
        document = self.documents.get(str(request.url.copy_with(query=None)))
        if document is not None:
            return httpx.Response(200, json=document)
        told = identity.answer(request)
        if told is not None:
            return told
        if self.first and not request.url.path.endswith((".json", ".yaml", ".yml")):
            return httpx.Response(self.first.pop(0), json={"message": "not now"})
        if self.digest and not request.headers.get("authorization", "").startswith("Digest "):
            return httpbin.challenge()
        return (
            petstore.answer(request) or httpbin.answer(request) or echo.answer(request, self.extra)
        )

    def transport(self) -> httpx.AsyncBaseTransport:
        """What carries the requests of an HTTP client here, whatever host they name."""

        async def carry(request: httpx.Request) -> httpx.Response:
            await request.aread()
            return self.answer(request)

        return httpx.MockTransport(carry)
