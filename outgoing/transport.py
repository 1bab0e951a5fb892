"""Connections that go only where the rules allow: the address that was checked is the one used.

A name is resolved once, each of its addresses is judged, and the connection goes to one that
passed; TLS still asks for the name. So no answer of a name server can change between the check
and the connection, and a redirect is judged like any other request.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Any

import httpcore
import httpx

from outgoing.rules import Address, NotAllowed, Rules
from outgoing.streams import AsyncioBackend

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Host and port to addresses, as a name server gives them."""

MOST_ADDRESSES = 4
"""So many of a host's addresses are tried, one after the other."""


async def resolve_by_system(host: str, port: int) -> Sequence[str]:
    """Ask the resolver of the machine."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Opens connections to addresses that the rules allow."""

    def __init__(self, rules: Rules, resolve: Resolve = resolve_by_system) -> None:
        self._rules = rules
        self._resolve = resolve
        self._below = AsyncioBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # as the interface has it
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve, judge, and connect to what passed.

        Raises:
            NotAllowed: no address of the host may be called.
        """
        addresses = self._rules.reachable(host, await self._addresses(host, port, timeout))
        failed: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in addresses[:MOST_ADDRESSES]:
            try:
                return await self._below.connect_tcp(
                    str(address), port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed or httpcore.ConnectError(f"{host} has no address")

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Refuse: a socket of this machine is no other system."""
        raise NotAllowed("sockets of this machine may not be called")

    async def sleep(self, seconds: float) -> None:
        """Wait before another try."""
        await asyncio.sleep(seconds)

    async def _addresses(self, host: str, port: int, seconds: float | None) -> list[Address]:
        try:
            return [ipaddress.ip_address(host.strip("[]"))]
        except ValueError:
            pass
        try:
            async with asyncio.timeout(seconds):
                found = await self._resolve(host, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"the name {host} was not resolved in time") from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the name {host} is not known") from error
        return [ipaddress.ip_address(each) for each in dict.fromkeys(found)]


class GuardedSyncBackend(httpcore.NetworkBackend):
    """The same without an event loop, for what is fetched while something is published."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._below = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Resolve, judge, and connect to what passed.

        Raises:
            NotAllowed: no address of the host may be called.
        """
        failed: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in self._rules.reachable(host, _resolved(host, port))[:MOST_ADDRESSES]:
            try:
                return self._below.connect_tcp(
                    str(address), port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed or httpcore.ConnectError(f"{host} has no address")

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Refuse: a socket of this machine is no other system."""
        raise NotAllowed("sockets of this machine may not be called")


def _resolved(host: str, port: int) -> list[Address]:
    try:
        return [ipaddress.ip_address(host.strip("[]"))]
    except ValueError:
        pass
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"the name {host} is not known") from error
    return [ipaddress.ip_address(each) for each in dict.fromkeys(str(e[4][0]) for e in found)]


class GuardedSyncTransport(httpx.BaseTransport):
    """A pool of such connections for `httpx.Client`."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(), network_backend=GuardedSyncBackend(rules)
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request.

        Raises:
            NotAllowed: the rules are against it.
        """
        self._rules.check_host(*_destination(request.url))
        try:
            answer = self._pool.handle_request(_asked(request))
        except _FAILURES as error:
            raise _as_httpx(error) from error
        return httpx.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_SyncStream(answer),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()


class GuardedTransport(httpx.AsyncBaseTransport):
    """A pool of such connections, as `httpx.AsyncClient` uses it."""

    def __init__(self, rules: Rules, resolve: Resolve = resolve_by_system) -> None:
        self._rules = rules
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(),
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=5.0,
            network_backend=GuardedBackend(rules, resolve),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request.

        Raises:
            NotAllowed: the rules are against it.
        """
        self._rules.check_host(*_destination(request.url))
        try:
            answer = await self._pool.handle_async_request(_asked(request))
        except _FAILURES as error:
            raise _as_httpx(error) from error
        return httpx.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Stream(answer),
            extensions=answer.extensions,
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._pool.aclose()


def _destination(url: httpx.URL) -> tuple[str, int]:
    return url.raw_host.decode("ascii"), url.port or (443 if url.scheme == "https" else 80)


def _asked(request: httpx.Request) -> httpcore.Request:
    url = request.url
    return httpcore.Request(
        method=request.method,
        url=httpcore.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
        ),
        headers=request.headers.raw,
        content=request.stream,
        extensions=request.extensions,
    )


class _SyncStream(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._answer.iter_stream()
        except _FAILURES as error:
            raise _as_httpx(error) from error

    def close(self) -> None:
        self._answer.close()


class _Stream(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for part in self._answer.aiter_stream():
                yield part
        except _FAILURES as error:
            raise _as_httpx(error) from error

    async def aclose(self) -> None:
        await self._answer.aclose()


_FAILURES = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
)


def _as_httpx(error: Exception) -> httpx.TransportError:
    """The error of the same name, for httpx has one for each."""
    for each in type(error).__mro__:
        found = getattr(httpx, each.__name__, None)
        if isinstance(found, type) and issubclass(found, httpx.TransportError):
            return found(str(error))
    return httpx.TransportError(str(error))
