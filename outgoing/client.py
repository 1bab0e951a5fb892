"""The one client with which anything of ours calls an address that a definition names."""

from __future__ import annotations

from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from outgoing.rules import Rules
from outgoing.transport import GuardedTransport, Resolve, resolve_by_system


def open_client(
    rules: Rules,
    seconds: float,
    resolve: Resolve = resolve_by_system,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
) -> httpx.AsyncClient:
    """A client that obeys the rules; `seconds` limit each step of a request.

    Proxies of the environment are not used: behind one, nobody could judge the address.
    No cookie of an answer is kept: it would go along with the calls of other cases.
    `transport` carries the requests instead of the network, and then nothing is judged.
    """
    no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    return httpx.AsyncClient(
        transport=transport or GuardedTransport(rules, resolve),
        timeout=seconds,
        trust_env=False,
        cookies=no_cookies,
    )
