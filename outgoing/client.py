"""The one client with which anything of ours calls an address that a definition names."""

from __future__ import annotations

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
    `transport` carries the requests instead of the network, and then nothing is judged.
    """
    return httpx.AsyncClient(
        transport=transport or GuardedTransport(rules, resolve), timeout=seconds, trust_env=False
    )
