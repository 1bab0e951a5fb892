"""`call: http` of the standard: one request, and what its answer means for the case.

Source: Open Workflow Specification DSL 1.0.3, HTTP call; RFC 9110 (status codes, Retry-After).
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, NoReturn

import httpx

from activities.authentication.logins import Login, login
from activities.authentication.tokens import Tokens
from activities.masking import Mask
from activities.ports import Json
from activities.request import Request
from integrations.errors import KINDS, IntegrationError, NotAuthorized, Refused, Unavailable
from outgoing.body import TooLong, Unreadable, read_body
from outgoing.client import OutgoingClient
from outgoing.origin import same_origin
from outgoing.rules import NotAllowed
from service.http_status import answered, is_error, kind_of

SYSTEM = "http"
LONGEST_ANSWER = 1_000_000
"""Bytes of an answer: what a case remembers stands in its history."""

LONGEST_CALL = timedelta(seconds=27)
"""For everything that belongs to a call: token, redirects, answer. The activity has thirty."""

LARGEST_PORT = 65_535
LONGEST_WAIT = timedelta(hours=1)
"""No `Retry-After` puts an attempt off for longer."""

MOST_REDIRECTS = 10

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_METHOD = re.compile(r"[A-Z][A-Z-]{0,30}")
_FORBIDDEN = frozenset({"CONNECT", "TRACE"})
"""One makes a tunnel, the other shows what we send."""

_BY_NAME: Mapping[str, type[IntegrationError]] = {each.__name__: each for each in KINDS}


class Http:
    """Requests over one pool of connections."""

    def __init__(self, client: OutgoingClient, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._tokens = Tokens(client, now)

    async def call(self, request: Request) -> Json:
        """Carry out one request.

        Returns:
            What `output` asks for: the content (JSON where it is), `raw` bytes as base64, or the
            whole `response` {request, statusCode, headers, content}.

        Raises:
            IntegrationError: the kind that the status or the broken connection means.
        """
        given = request.arguments
        method = str(given["method"]).upper()
        if not _METHOD.fullmatch(method) or method in _FORBIDDEN:
            raise Refused(SYSTEM, f"{method[:40]!r} is not a method that can be called")
        endpoint = given["endpoint"]
        policy = endpoint.get("authentication") if isinstance(endpoint, Mapping) else None
        sent = self._request(request, method)
        try:
            async with asyncio.timeout(LONGEST_CALL.total_seconds()):
                answer, body = await self._exchange(
                    sent,
                    login(policy, self._tokens, request.mask),
                    request.mask,
                    follow=bool(given.get("redirect")),
                )
        except (httpx.TimeoutException, TimeoutError) as error:
            raise Unavailable(
                SYSTEM,
                f"{method} {_public(sent.url)}: no answer in time",
                status=408,
                standard="timeout",
            ) from error
        except (
            httpx.UnsupportedProtocol,
            httpx.TooManyRedirects,
            httpx.LocalProtocolError,
            NotAllowed,
            TooLong,
            Unreadable,
        ) as error:
            raise Refused(SYSTEM, f"{method} {_public(sent.url)}: {error}") from error
        except httpx.HTTPError as error:
            detail = str(error) or type(error).__name__
            raise Unavailable(SYSTEM, f"{method} {_public(sent.url)}: {detail}") from error
        except NotImplementedError as error:
            raise NotAuthorized(
                SYSTEM, f"{method} {_public(sent.url)} asks for a login that is not known: {error}"
            ) from error
        except (httpx.InvalidURL, ValueError, OverflowError) as error:
            raise Refused(
                SYSTEM, f"{method} {_public(sent.url)} cannot be sent: {_reason(error)}"
            ) from error
        if is_error(answer.status_code, redirect=bool(given.get("redirect"))):
            raise _failure(method, answer, request.mask.bytes(body), self._now())
        return _result(given.get("output") or "content", sent, answer, request.mask.bytes(body))

    # --- on the wire ----------------------------------------------------------------------------

    async def _exchange(
        self, sent: httpx.Request, way: Login, mask: Mask, *, follow: bool
    ) -> tuple[httpx.Response, bytes]:
        while True:
            answer, body = await self._follow(sent, await way.auth(), mask, follow=follow)
            refused = answer.status_code == 401 and same_origin(answer.request.url, sent.url)
            if not refused or not way.renew():
                return answer, body

    async def _follow(
        self, sent: httpx.Request, auth: httpx.Auth | None, mask: Mask, *, follow: bool
    ) -> tuple[httpx.Response, bytes]:
        """Send, and follow redirects. What logs us in stays with the first server."""
        first = sent
        at_home = True
        for _ in range(MOST_REDIRECTS + 1):
            if auth is None and not follow:
                answer = await self._client.exchange(sent)
            else:
                answer = await self._client.send(
                    sent, auth=auth if at_home else None, stream=True, follow_redirects=False
                )
            try:
                onward = answer.next_request if follow else None
                if onward is None:
                    return answer, await read_body(answer, LONGEST_ANSWER)
            finally:
                await answer.aclose()
            at_home = at_home and same_origin(onward.url, first.url)
            if at_home:
                # httpx drops them at every redirect.
                onward.headers.update(
                    {name: first.headers[name] for name in ("cookie",) if name in first.headers}
                )
            else:
                _let_go(onward, first, mask)
            sent = onward
        raise httpx.TooManyRedirects(f"more than {MOST_REDIRECTS} redirects")

    def _request(self, request: Request, method: str) -> httpx.Request:
        given = request.arguments
        headers = {
            str(name): _text(value)
            for name, value in (given.get("headers") or {}).items()
            if value is not None
        }
        if method not in _SAFE:
            # A system that knows the header carries a repeated attempt out once.
            if not any(name.lower() == "idempotency-key" for name in headers):
                headers["Idempotency-Key"] = request.key
        body: dict[str, Any] = {}
        if given.get("body") is not None:
            body = _body(given["body"], headers)
            if "files" in body:
                # The boundary between its parts is made with them.
                headers = {n: v for n, v in headers.items() if n.lower() != "content-type"}
        query = {
            str(name): [_text(each) for each in value] if isinstance(value, list) else _text(value)
            for name, value in (given.get("query") or {}).items()
            if value is not None
        }
        endpoint = given["endpoint"]
        address = str(endpoint["uri"] if isinstance(endpoint, Mapping) else endpoint)
        try:
            url = _url(address)
            # Added to what the address has, not instead of it.
            url = url.copy_merge_params(query) if query else url
            built = self._client.compose(method, url, headers, **body)
            # Kept whole, so that it can be sent once more.
            built.read()
        except (httpx.InvalidURL, TypeError, ValueError) as error:
            raise Refused(SYSTEM, f"the request cannot be written: {_reason(error)}") from error
        if not 0 < (built.url.port or 80) <= LARGEST_PORT:
            raise Refused(SYSTEM, f"{_public(built.url)} has no port that exists")
        if built.url.scheme not in ("http", "https") or not built.url.host:
            raise Refused(
                SYSTEM, f"an address begins with https:// or http://, not {address[:80]!r}"
            )
        return built


@lru_cache(maxsize=500)
def _url(address: str) -> httpx.URL:
    """Cases of one definition call the same addresses."""
    return httpx.URL(address)


def _let_go(onward: httpx.Request, first: httpx.Request, mask: Mask) -> None:
    """Take from a request to another server what was meant for the first one.

    Raises:
        Refused: its body holds a secret.
    """
    for name, value in list(onward.headers.items()):
        if name in ("host", "content-length", "idempotency-key"):
            continue
        if _is_hidden(name) or mask.holds(value):
            del onward.headers[name]
    if onward.method == first.method and mask.bytes(first.content) != first.content:
        raise Refused(
            SYSTEM, f"it redirects to {_public(onward.url)}, and the request holds a secret"
        )


def _text(value: Any) -> str:
    """A value as it stands in a header or a query: JSON, and text without quotes.

    Raises:
        Refused: it is an object or a list.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping | list):
        raise Refused(SYSTEM, "headers and query take texts, numbers, true and false")
    return json.dumps(value)


def _reason(error: Exception) -> str:
    # What cannot be encoded may be a secret: the error of Python would show it.
    if isinstance(error, UnicodeError):
        return "a header or the login has characters that HTTP cannot carry"
    return str(error)


def _public(url: httpx.URL) -> str:
    """An address for people: without user, password and query, where secrets stand."""
    shown = url.copy_with(username=None, password=None, query=None, fragment=None)
    return f"{shown}?..." if url.query else str(shown)


def _body(body: Any, headers: Mapping[str, str]) -> dict[str, Any]:
    kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    kind = kind.partition(";")[0].strip().lower()
    if isinstance(body, str):
        return {"content": body.encode()}
    if kind == "application/x-www-form-urlencoded" and isinstance(body, Mapping):
        return {
            "data": {name: _form_value(each) for name, each in body.items() if each is not None}
        }
    if kind == "multipart/form-data" and isinstance(body, Mapping):
        parts: list[tuple[str, tuple[None, str]]] = []
        for name, value in body.items():
            given = _form_value(value) if value is not None else []
            parts += [
                (name, (None, each)) for each in (given if isinstance(given, list) else [given])
            ]
        return {"files": parts}
    return {"json": body}


def _form_value(value: Any) -> str | list[str]:
    if isinstance(value, list):
        return [json.dumps(each) if not isinstance(each, str) else each for each in value]
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _failure(method: str, answer: httpx.Response, body: bytes, now: datetime) -> IntegrationError:
    status = answer.status_code
    detail = answered(method, _public(answer.url), status, body[:1200].decode("utf-8", "replace"))
    kind = _BY_NAME[kind_of(status)]
    return kind(SYSTEM, detail, retry_after=_retry_after(answer, now), status=status)


def _retry_after(answer: httpx.Response, now: datetime) -> timedelta | None:
    """The wait that the server asks for, in seconds or until a date."""
    given = answer.headers.get("retry-after", "").strip()
    if given.isascii() and given.isdigit():
        # Compared as numbers: a wait of any length fits.
        return min(timedelta(seconds=min(int(given[:10]), 10**9)), LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(given)
    except (ValueError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max(at - now, timedelta(0)), LONGEST_WAIT)


def _result(output: str, sent: httpx.Request, answer: httpx.Response, body: bytes) -> Json:
    if output == "raw":
        return base64.b64encode(body).decode()
    content = _content(answer, body)
    if output == "content":
        return content
    return {
        "request": {
            "method": sent.method.lower(),
            "uri": _public(sent.url) if sent.url.userinfo else str(sent.url),
            "headers": _open(sent.headers),
        },
        "statusCode": answer.status_code,
        "headers": _open(answer.headers),
        "content": content,
    }


_HIDDEN = ("auth", "cookie", "key", "secret", "token")
"""A header with one of these in its name stays out of the history."""


def _is_hidden(name: str) -> bool:
    return name != "idempotency-key" and any(part in name for part in _HIDDEN)


def _open(headers: httpx.Headers) -> dict[str, str]:
    return {name: value for name, value in headers.items() if not _is_hidden(name)}


def _content(answer: httpx.Response, body: bytes) -> Json:
    """JSON where the answer says so, else text; bytes that are no text as base64."""
    if not body:
        return None
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_text = kind.startswith("text/") or answer.charset_encoding is not None
    try:
        text = body.decode(answer.encoding or "utf-8", "replace" if is_text else "strict")
    except (UnicodeDecodeError, LookupError):
        return base64.b64encode(body).decode()
    if kind == "application/json" or kind.endswith("+json"):
        try:
            return json.loads(text, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise Refused(
                SYSTEM, f"{_public(answer.url)} says that it answers JSON, and does not"
            ) from error
    return text


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
