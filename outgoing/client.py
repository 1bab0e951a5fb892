"""The one client with which anything of ours calls an address that a definition names."""

from __future__ import annotations

from collections.abc import Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.metadata import version
from typing import Any

import httpx

from outgoing.body import ACCEPTED
from outgoing.rules import Rules
from outgoing.transport import GuardedTransport, Resolve, resolve_by_system

OWN_HEADERS = {
    "accept": "*/*",
    "accept-encoding": ACCEPTED,
    "connection": "keep-alive",
    "user-agent": f"caseway/{version('caseway')}",
}


class OutgoingClient(httpx.AsyncClient):
    """An `httpx.AsyncClient` that can also send a request just as it is."""

    def __init__(self, wire: httpx.AsyncBaseTransport, seconds: float) -> None:
        # No cookie of an answer is kept: it would go along with the calls of other cases.
        no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
        super().__init__(transport=wire, timeout=seconds, trust_env=False, cookies=no_cookies)
        self._wire = wire
        self._steps = self.timeout.as_dict()

    def compose(
        self, method: str, url: httpx.URL, headers: Mapping[str, str], **body: Any
    ) -> httpx.Request:
        """A request with our own headers where `headers` has none of the name.

        `body` is `content`, `data`, `files` or `json`, as httpx takes them. `build_request` merges
        what this client never has, which takes longer than all the rest.

        Raises:
            httpx.InvalidURL, TypeError, ValueError: it cannot be written.
        """
        given = {name.lower() for name in headers}
        own = {name: value for name, value in OWN_HEADERS.items() if name not in given}
        # A dictionary for each: who sends a request may write into it.
        extensions = {"timeout": self._steps}
        return httpx.Request(method, url, headers={**own, **headers}, extensions=extensions, **body)

    async def exchange(self, request: httpx.Request) -> httpx.Response:
        """Send a request once: without login and redirects, which is a third of the time of `send`.

        The answer's body is still to be read, and the answer to be closed.
        """
        answer = await self._wire.handle_async_request(request)
        answer.request = request
        return answer


def open_client(
    rules: Rules,
    seconds: float,
    resolve: Resolve = resolve_by_system,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
) -> OutgoingClient:
    """A client that obeys the rules; `seconds` limit each step of a request.

    Proxies of the environment are not used: behind one, nobody could judge the address.
    `transport` carries the requests instead of the network, and then nothing is judged.
    """
    return OutgoingClient(transport or GuardedTransport(rules, resolve), seconds)
