"""Fetching documents while something is published: limits, and reasons that can be read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

import httpx
import pytest

from cases.fetching import MOST, FetchFailed, Fetching, without_login

Answer = Callable[[httpx.Request], httpx.Response]


def fetching(answer: Answer, **limits: int) -> Fetching:
    """Make a fetcher whose network is a function."""
    return Fetching(httpx.MockTransport(answer), **limits)


def test_a_document_comes_with_its_digest() -> None:
    """The digest is that of the bytes, so that others can compare it."""
    with fetching(lambda _: httpx.Response(200, content=b"a: 1\n")) as network:
        document = network.fetch("https://example.org/a.yaml")

    assert (document.text, document.digest) == ("a: 1\n", hashlib.sha256(b"a: 1\n").hexdigest())


def test_one_address_is_asked_once() -> None:
    """All definitions that are published together get the same document, or the same refusal."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200 if request.url.path == "/good" else 503, text=f"{len(asked)}")

    with fetching(answer) as network:
        texts = [network.fetch("https://example.org/good").text for _ in range(2)]
        for _ in range(2):
            with pytest.raises(FetchFailed):
                network.fetch("https://example.org/bad")

    assert texts == ["1", "1"]
    assert len(asked) == 2


def test_a_login_is_sent_and_not_shown() -> None:
    """The header goes out; the reason of a failure names neither it nor what the address hides."""

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["Authorization"] == "Bearer s3cret"
        return httpx.Response(403)

    with fetching(answer) as network, pytest.raises(FetchFailed) as failed:
        network.fetch("https://example.org/a?token=t0ken", {"Authorization": "Bearer s3cret"})

    assert str(failed.value) == "https://example.org/a: it answers 403 Forbidden"
    assert without_login("https://me:hidden@example.org/a") == "https://example.org/a"


def test_redirects_are_followed_but_not_for_ever() -> None:
    """A document that has moved is found; a circle is an error."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/there":
            return httpx.Response(200, text="here")
        to = "/there" if request.url.path == "/moved" else "/circle"
        return httpx.Response(302, headers={"Location": to})

    with fetching(answer) as network:
        assert network.fetch("https://example.org/moved").text == "here"
        with pytest.raises(FetchFailed, match="redirects"):
            network.fetch("https://example.org/circle")


def test_a_large_document_is_not_read_to_its_end() -> None:
    """A server that never stops sending cannot fill the memory."""
    sent: list[int] = []

    def endless() -> Iterator[bytes]:
        while True:
            sent.append(1)
            yield b"x" * 1000

    with (
        fetching(lambda _: httpx.Response(200, content=endless()), largest=5000) as network,
        pytest.raises(FetchFailed, match="more than 5,000 bytes"),
    ):
        network.fetch("https://example.org/large")

    assert len(sent) <= 7


def test_a_server_that_never_ends_is_left() -> None:
    """The time limit is for the whole document, not for each piece."""

    def drip() -> Iterator[bytes]:
        while True:
            yield b"."

    with (
        Fetching(
            httpx.MockTransport(lambda _: httpx.Response(200, content=drip())),
            seconds=0.0,
        ) as network,
        pytest.raises(FetchFailed, match="not read in 0 seconds"),
    ):
        network.fetch("https://example.org/slow")


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("ftp://example.org/a", "only http and https"),
        ("file:///etc/passwd", "only http and https"),
        ("https://", "only http and https"),
        ("https://example.org:bad/", "it is no address"),
    ],
)
def test_other_addresses_are_refused(address: str, reason: str) -> None:
    """No file of this machine is ever read, and a slip in the address is said."""
    with (
        fetching(lambda _: httpx.Response(200)) as network,
        pytest.raises(FetchFailed, match=reason),
    ):
        network.fetch(address)


def test_a_broken_connection_and_other_bytes_are_reasons() -> None:
    """What the network or the document does becomes a sentence."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/latin":
            return httpx.Response(200, content=b"\xe9")
        raise httpx.ConnectError("connection refused", request=request)

    with fetching(answer) as network:
        with pytest.raises(FetchFailed, match="connection refused"):
            network.fetch("https://example.org/a")
        with pytest.raises(FetchFailed, match="not UTF-8"):
            network.fetch("https://example.org/latin")


def test_a_chain_of_documents_comes_to_an_end() -> None:
    """Documents that name ever further ones are not followed for ever."""
    with fetching(lambda _: httpx.Response(200, text="next")) as network:
        for number in range(MOST):
            network.fetch(f"https://example.org/{number}")
        with pytest.raises(FetchFailed, match="fetched already"):
            network.fetch("https://example.org/one-more")
