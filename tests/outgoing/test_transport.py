"""Connections over the wire: the address that was judged is the one that is used."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import httpcore
import httpx
import pytest

from cases.fetching import FetchFailed, Fetching
from outgoing.body import TooLong, Unreadable, read_body
from outgoing.client import open_client
from outgoing.rules import NotAllowed, Rules
from outgoing.streams import AsyncioBackend
from tests.outgoing.servers import LOCAL, Asked, Said, Server, serving

OPEN = Rules.of(networks=[LOCAL])


class Names:
    """A resolver that gives each answer in turn, the last one again and again."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Answer once more."""
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def play(
    scene: Callable[[Server], Awaitable[None]],
    answer: Callable[[Asked], Said] = lambda _: Said(body=b"here"),
) -> Server:
    """Run a scene beside a server; give the server."""

    async def run() -> Server:
        async with serving(answer) as [server]:
            await scene(server)
            return server

    return asyncio.run(run())


def test_a_name_is_resolved_once_and_the_judged_address_is_used() -> None:
    """A name server that changes its mind after the check changes nothing."""
    names = Names(["127.0.0.1"], ["10.0.0.1"])

    async def scene(server: Server) -> None:
        async with open_client(OPEN, 5, names) as client:
            answer = await client.get(f"http://kb.example.org:{server.port}/a?b=c")
            assert answer.text == "here"

    server = play(scene)
    assert names.asked == ["kb.example.org"]
    [asked] = server.asked
    assert asked.headers["host"] == f"kb.example.org:{server.port}"
    assert asked.target == "/a?b=c"


def test_a_name_that_leads_inside_is_refused_at_every_connection() -> None:
    """First a public address, then one of this machine: the second time nothing is connected."""
    names = Names(["127.0.0.1"])

    async def scene(server: Server) -> None:
        async with open_client(Rules(), 5, names) as client:
            with pytest.raises(
                NotAllowed, match=r"rebind\.example \(127\.0\.0\.1\) is this machine"
            ):
                await client.get(f"http://rebind.example:{server.port}/")

    assert play(scene).asked == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "localhost"]
)
def test_this_machine_is_refused_however_it_is_written(host: str) -> None:
    """Numbers that only a resolver understands are judged by what it makes of them."""

    async def scene(server: Server) -> None:
        async with open_client(Rules(), 5) as client:
            with pytest.raises((NotAllowed, httpx.InvalidURL, httpx.ConnectError)):
                await client.get(f"http://{host}:{server.port}/")

    assert play(scene).asked == []


def test_a_host_off_the_list_is_refused_before_anybody_is_asked() -> None:
    """Not even its name is resolved."""
    names = Names(["127.0.0.1"])

    async def scene(server: Server) -> None:
        rules = Rules.of(["api.example.org"], [LOCAL])
        async with open_client(rules, 5, names) as client:
            with pytest.raises(NotAllowed):
                await client.get(f"http://other.example.org:{server.port}/")

    assert play(scene).asked == []
    assert names.asked == []


def test_tls_asks_for_the_name_at_the_address_that_was_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The certificate is that of the host which the definition names."""
    seen: list[str] = []

    class Line(httpcore.AsyncNetworkStream):
        async def start_tls(
            self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
        ) -> httpcore.AsyncNetworkStream:
            seen.append(f"TLS for {server_hostname}")
            raise httpcore.ConnectError("far enough")

        async def aclose(self) -> None:
            seen.append("closed")

    async def connect(_: object, host: str, port: int, *more: object) -> Line:
        seen.append(f"{host}:{port}")
        return Line()

    monkeypatch.setattr(AsyncioBackend, "connect_tcp", connect)

    async def run() -> None:
        async with open_client(Rules(), 5, Names(["1.1.1.1"])) as client:
            with pytest.raises(httpx.ConnectError):
                await client.get("https://kb.example.org/")

    asyncio.run(run())
    assert seen[:2] == ["1.1.1.1:443", "TLS for kb.example.org"]


def test_the_next_address_is_tried_where_one_does_not_answer() -> None:
    """Addresses that are not allowed are left out."""
    names = Names(["10.9.9.9", "127.0.0.2", "127.0.0.1"])

    async def scene(server: Server) -> None:
        async with open_client(Rules.of(networks=["127.0.0.0/8"]), 5, names) as client:
            assert (await client.get(f"http://kb.example.org:{server.port}/")).text == "here"

    play(scene)


def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would resolve the name again, and nobody would judge the address."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")

    async def scene(server: Server) -> None:
        async with open_client(OPEN, 5) as client:
            assert (await client.get(server.url)).text == "here"

    play(scene)


def test_what_fails_fails_as_httpx_says() -> None:
    """A closed port, an unknown name and a broken answer are errors that callers know."""

    async def unknown(host: str, port: int) -> Sequence[str]:
        raise OSError("no such name")

    async def scene(server: Server) -> None:
        async with open_client(OPEN, 5) as client:
            with pytest.raises(httpx.ConnectError):
                await client.get("http://127.0.0.1:1/")
        async with open_client(OPEN, 5, unknown) as client:
            with pytest.raises(httpx.ConnectError, match=r"nowhere\.example is not known"):
                await client.get(f"http://nowhere.example:{server.port}/")

    play(scene)


@pytest.mark.parametrize(
    ("packing", "packed"),
    [
        ("gzip", gzip.compress(b"x" * 5000, mtime=0)), ("deflate", zlib.compress(b"x" * 5000)),
        ("deflate", zlib.compress(b"x" * 5000)[2:-4]), ("identity", b"x" * 5000),
    ],
)  # fmt: skip
def test_an_answer_is_unpacked_up_to_a_limit(packing: str, packed: bytes) -> None:
    """A small packet that would fill the memory is given up as soon as it passes the limit."""

    async def scene(server: Server) -> None:
        async with open_client(OPEN, 5) as client:
            for limit, fits in ((5000, True), (4999, False)):
                request = client.build_request("GET", server.url)
                answer = await client.send(request, stream=True)
                if fits:
                    assert await read_body(answer, limit) == b"x" * 5000
                else:
                    with pytest.raises(TooLong):
                        await read_body(answer, limit)
                await answer.aclose()

    play(scene, lambda _: Said(body=packed, headers={"Content-Encoding": packing}))


@pytest.mark.parametrize("packing", ["br", "zstd", "gzip, gzip", "gzip"])
def test_what_cannot_be_unpacked_is_said(packing: str) -> None:
    """Kinds that nobody asked for, and content that is none."""

    async def scene(server: Server) -> None:
        async with open_client(OPEN, 5) as client:
            answer = await client.send(client.build_request("GET", server.url), stream=True)
            with pytest.raises(Unreadable):
                await read_body(answer, 1000)
            await answer.aclose()

    play(scene, lambda _: Said(body=b"plain", headers={"Content-Encoding": packing}))


def test_documents_are_fetched_under_the_same_rules() -> None:
    """What is published reaches no more than what runs; a redirect is judged like a request."""

    def fetch(server: Server, rules: Rules) -> str:
        with Fetching(rules=rules) as network:
            return network.fetch(f"{server.url}/x").text

    async def scene(server: Server) -> None:
        with pytest.raises(FetchFailed, match="this machine itself"):
            await asyncio.to_thread(fetch, server, Rules())
        assert server.asked == []
        assert await asyncio.to_thread(fetch, server, OPEN) == "here"

    async def moved(server: Server) -> None:
        with pytest.raises(FetchFailed, match="credentials"):
            await asyncio.to_thread(fetch, server, OPEN)

    play(scene)
    play(moved, lambda _: Said(302, headers={"Location": "http://169.254.169.254/latest"}))
