"""Connections of asyncio under httpcore: used again, encrypted, broken and silent ones."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpcore
import pytest
import trustme

from outgoing.streams import AsyncioBackend

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Peer:
    """The other side: counts connections, and does as it is told after each answer."""

    def __init__(self, answer: bytes = ANSWER, *, then: bytes | None = b"") -> None:
        self.answer = answer
        self.then = then
        """What it sends after an answer; None where it closes."""
        self.connections = 0
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer until the connection is closed."""
        self.connections += 1
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(self.answer)
                await writer.drain()
                if self.then is None:
                    break
                if self.then:
                    await asyncio.sleep(0.02)
                    writer.write(self.then)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def listening(peer: Peer, tls: ssl.SSLContext | None = None) -> AsyncIterator[Peer]:
    """The peer on a port of this machine."""
    server = await asyncio.start_server(peer.serve, "127.0.0.1", 0, ssl=tls)
    peer.port = server.sockets[0].getsockname()[1]
    try:
        yield peer
    finally:
        server.close()


@asynccontextmanager
async def pool(tls: ssl.SSLContext | None = None) -> AsyncIterator[httpcore.AsyncConnectionPool]:
    """A pool over the streams."""
    async with httpcore.AsyncConnectionPool(
        ssl_context=tls, network_backend=_Backend()
    ) as connections:
        yield connections


class _Backend(AsyncioBackend, httpcore.AsyncNetworkBackend):
    async def connect_unix_socket(self, *_: object, **__: object) -> httpcore.AsyncNetworkStream:
        raise NotImplementedError

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def test_an_idle_connection_is_used_again() -> None:
    """Ten requests, one after the other, go over one connection."""

    async def story() -> int:
        async with listening(Peer()) as peer, pool() as connections:
            for _ in range(10):
                answer = await connections.request("GET", f"http://127.0.0.1:{peer.port}/")
                assert answer.content == b"ok"
            return peer.connections

    assert asyncio.run(story()) == 1


@pytest.mark.parametrize(
    "then", [None, b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"]
)
def test_a_connection_that_stirred_while_idle_is_not_used_again(then: bytes | None) -> None:
    """Closed by the other side, or with an answer that nobody asked for: the next request is not hit by it."""

    async def story() -> tuple[list[int], int]:
        async with listening(Peer(then=then)) as peer, pool() as connections:
            found = []
            for _ in range(3):
                answer = await connections.request("GET", f"http://127.0.0.1:{peer.port}/")
                found.append(answer.status)
                await asyncio.sleep(0.05)
            return found, peer.connections

    assert asyncio.run(story()) == ([200, 200, 200], 3)


def test_encrypted_connections_ask_for_the_name() -> None:
    """A certificate of the name is taken, one of another name is not."""
    authority = trustme.CA()
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(served)
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)

    async def story() -> bytes:
        big = b"x" * 300_000
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(big)}\r\n\r\n".encode()
        async with listening(Peer(head + big), served) as peer, pool(trusted) as connections:
            answer = await connections.request("GET", f"https://localhost:{peer.port}/")
            again = await connections.request("GET", f"https://localhost:{peer.port}/")
            assert answer.content == again.content == big
            assert peer.connections == 1
            with pytest.raises(httpcore.ConnectError, match="IP address mismatch"):
                await connections.request("GET", f"https://127.0.0.1:{peer.port}/")
            return answer.content[:1]

    assert asyncio.run(story()) == b"x"


def test_silence_and_refusal_have_names() -> None:
    """Whoever waits hears of it in httpcore's words, in time."""

    async def story() -> None:
        async with listening(Peer(b"")) as silent, pool() as connections:
            with pytest.raises(httpcore.ReadTimeout):
                await connections.request(
                    "GET",
                    f"http://127.0.0.1:{silent.port}/",
                    extensions={"timeout": {"read": 0.05}},
                )
        async with pool() as connections:
            with pytest.raises(httpcore.ConnectError):
                await connections.request("GET", f"http://127.0.0.1:{silent.port}/")

    asyncio.run(story())


def test_an_answer_that_breaks_off_is_an_error() -> None:
    """Less than was promised is never taken for everything."""

    async def story() -> None:
        short = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"
        async with listening(Peer(short, then=None)) as peer, pool() as connections:
            with pytest.raises(httpcore.RemoteProtocolError):
                await connections.request("GET", f"http://127.0.0.1:{peer.port}/")

    asyncio.run(story())
