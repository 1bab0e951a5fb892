"""Documents of other addresses, fetched while something is published and never later.

What a definition names by address (a function, a schema, an OpenAPI document) becomes a part of its
bundle, so a case never depends on whether the address answers, or on what it says by then.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import httpx

from cases.errors import CaseError
from language.resources import Resource, ResourceMissing
from outgoing.rules import NotAllowed, Rules
from outgoing.transport import GuardedSyncTransport

LARGEST = 2_000_000
"""Bytes of one document, unpacked."""

SECONDS = 20.0
"""For one document, redirects included."""

REDIRECTS = 5
MOST = 100
"""Documents that one publication may fetch: more is a chain that leads nowhere."""


class FetchFailed(CaseError):
    """A document cannot be had; the text says why, without a login of the address."""

    def __init__(self, address: str, reason: str) -> None:
        self.address = address
        self.reason = reason
        super().__init__(f"{address}: {reason}")


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it was read: its text, and the SHA-256 of its bytes."""

    address: str
    text: str
    digest: str


class Fetching:
    """Fetches over HTTP, each address once: all that is published together sees the same document.

    `rules` say which addresses may be reached; `transport` carries the requests instead.
    """

    def __init__(
        self,
        transport: httpx.BaseTransport | None = None,
        *,
        rules: Rules | None = None,
        seconds: float = SECONDS,
        largest: int = LARGEST,
    ) -> None:
        self._client = httpx.Client(
            transport=transport or GuardedSyncTransport(rules or Rules()),
            trust_env=False,
            timeout=seconds,
            follow_redirects=True,
            max_redirects=REDIRECTS,
            headers={"Accept": "application/yaml, application/json, text/plain, */*;q=0.1"},
        )
        self._seconds = seconds
        self._largest = largest
        self._fetched: dict[str, Document | FetchFailed] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def fetch(self, address: str, headers: Mapping[str, str] | None = None) -> Document:
        """The document at an address; asked again, the same one.

        Args:
            address: With `http` or `https`.
            headers: A login, where the address wants one.

        Raises:
            FetchFailed: it does not answer, says no, is too slow, too large, or no UTF-8 text.
        """
        found = self._fetched.get(address)
        if found is None:
            try:
                found = self._get(address, headers or {})
            except FetchFailed as error:
                found = error
            self._fetched[address] = found
        if isinstance(found, FetchFailed):
            raise found
        return found

    def resource(self, address: str, login: Mapping[str, str]) -> Resource:
        """The document at an address, as `language` takes it.

        Raises:
            ResourceMissing: as `FetchFailed`.
        """
        try:
            found = self.fetch(address, login)
        except FetchFailed as error:
            raise ResourceMissing(error.reason) from error
        return Resource(address, found.text, found.digest)

    def _get(self, address: str, headers: Mapping[str, str]) -> Document:
        shown = without_login(address)
        if len(self._fetched) >= MOST:
            raise FetchFailed(shown, f"{MOST} other documents were fetched already")
        try:
            url = httpx.URL(address)
        except httpx.InvalidURL as error:
            raise FetchFailed(shown, f"it is no address: {error}") from error
        if url.scheme not in ("http", "https") or not url.host:
            raise FetchFailed(shown, "only http and https addresses can be fetched")
        try:
            content = self._read(url, headers, shown)
        except httpx.TimeoutException as error:
            raise FetchFailed(shown, f"no answer in {self._seconds:g} seconds") from error
        except httpx.TooManyRedirects as error:
            raise FetchFailed(shown, f"more than {REDIRECTS} redirects") from error
        except (httpx.HTTPError, NotAllowed, ValueError) as error:
            raise FetchFailed(shown, str(error) or type(error).__name__) from error
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise FetchFailed(shown, "it is not UTF-8 text") from error
        return Document(address, text, hashlib.sha256(content).hexdigest())

    def _read(self, url: httpx.URL, headers: Mapping[str, str], shown: str) -> bytes:
        # The client's limit is for each step; a server that drips must come to an end as well.
        deadline = time.monotonic() + self._seconds
        parts: list[bytes] = []
        size = 0
        with self._client.stream("GET", url, headers=dict(headers)) as answer:
            if not answer.is_success:
                raise FetchFailed(shown, f"it answers {answer.status_code} {answer.reason_phrase}")
            for part in answer.iter_bytes():
                size += len(part)
                if size > self._largest:
                    raise FetchFailed(shown, f"it has more than {self._largest:,} bytes")
                if time.monotonic() > deadline:
                    raise FetchFailed(shown, f"it was not read in {self._seconds:g} seconds")
                parts.append(part)
        return b"".join(parts)


def without_login(address: str) -> str:
    """An address as a message may show it: without user, password and query."""
    scheme, separator, rest = address.partition("?")[0].rpartition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{separator}{host.rpartition('@')[2]}{slash}{path}"
