"""The one client with which anything of ours calls an address that a definition names."""

from __future__ import annotations

from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from outgoing.rules import Rules
from outgoing.transport import GuardedTransport, Resolve, resolve_by_system


class OutgoingClient(httpx.AsyncClient):
    """An `httpx.AsyncClient` that can also send a request just as it is."""

    def __init__(self, wire: httpx.AsyncBaseTransport, seconds: float) -> None:
        # No cookie of an answer is kept: it would go along with the calls of other cases.
        no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
        super().__init__(transport=wire, timeout=seconds, trust_env=False, cookies=no_cookies)
        self._wire = wire

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
