"""`call: http` of the standard: one request, and what its answer means for the case.

Source: Open Workflow Specification DSL 1.0.3, HTTP call; RFC 9110 (status codes, Retry-After).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn

import httpx

from activities.ports import Json
from activities.wrapper import Request
from integrations.errors import (
    Conflict,
    IntegrationError,
    NotAuthorized,
    NotFound,
    RateLimited,
    Refused,
    Unavailable,
)
from outgoing.rules import NotAllowed

SYSTEM = "http"
LONGEST_ANSWER = 1_000_000
"""Bytes of an answer: what a case remembers stands in its history."""

LARGEST_PORT = 65_535
LONGEST_WAIT = timedelta(hours=1)
"""No `Retry-After` puts an attempt off for longer."""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_KINDS: Mapping[int, type[IntegrationError]] = {
    401: NotAuthorized, 403: NotAuthorized, 407: NotAuthorized, 404: NotFound, 410: NotFound,
    409: Conflict, 412: Conflict, 408: Unavailable, 425: Unavailable, 429: RateLimited,
    501: Refused, 505: Refused,
}  # fmt: skip


class Http:
    """Requests over one pool of connections."""

    def __init__(self, client: httpx.AsyncClient, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now

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
        sent = self._request(request, method)
        try:
            answer = await self._client.send(
                sent,
                auth=_login(given["endpoint"]),
                follow_redirects=bool(given.get("redirect")),
                stream=True,
            )
            try:
                body = await _read(answer)
            finally:
                await answer.aclose()
        except (
            httpx.UnsupportedProtocol,
            httpx.TooManyRedirects,
            httpx.LocalProtocolError,
        ) as error:
            raise Refused(SYSTEM, f"{method} {_public(sent.url)}: {error}") from error
        except NotAllowed as error:
            raise Refused(SYSTEM, f"{method} {_public(sent.url)}: {error}") from error
        except httpx.HTTPError as error:
            detail = str(error) or type(error).__name__
            raise Unavailable(SYSTEM, f"{method} {_public(sent.url)}: {detail}") from error
        except (httpx.InvalidURL, ValueError, OverflowError) as error:
            raise Refused(
                SYSTEM, f"{method} {_public(sent.url)} cannot be sent: {_reason(error)}"
            ) from error
        if not answer.is_success and not (answer.is_redirect and given.get("redirect")):
            raise _failure(method, answer, body, self._now())
        return _result(given.get("output") or "content", sent, answer, body)

    def _request(self, request: Request, method: str) -> httpx.Request:
        given = request.arguments
        headers = {
            str(name): _text(value)
            for name, value in (given.get("headers") or {}).items()
            if value is not None
        }
        if method not in _SAFE:
            # A system that knows the header carries a repeated attempt out once.
            headers.setdefault("Idempotency-Key", request.key)
        body: dict[str, Any] = {}
        if given.get("body") is not None:
            body = _body(given["body"], headers)
        query = {
            str(name): [_text(each) for each in value] if isinstance(value, list) else _text(value)
            for name, value in (given.get("query") or {}).items()
            if value is not None
        }
        endpoint = given["endpoint"]
        address = str(endpoint["uri"] if isinstance(endpoint, Mapping) else endpoint)
        try:
            url = httpx.URL(address)
            # Added to what the address has, not instead of it.
            url = url.copy_merge_params(query) if query else url
            built = self._client.build_request(method, url, headers=headers, **body)
        except (httpx.InvalidURL, TypeError, ValueError) as error:
            raise Refused(SYSTEM, f"the request cannot be written: {_reason(error)}") from error
        if not 0 < (built.url.port or 80) <= LARGEST_PORT:
            raise Refused(SYSTEM, f"{_public(built.url)} has no port that exists")
        if built.url.scheme not in ("http", "https") or not built.url.host:
            raise Refused(
                SYSTEM, f"an address begins with https:// or http://, not {address[:80]!r}"
            )
        return built


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


def _login(endpoint: Any) -> httpx.Auth | None:
    policy = endpoint.get("authentication") if isinstance(endpoint, Mapping) else None
    if not policy:
        return None
    kind = next(iter(policy))
    given = policy[kind]
    match kind:
        case "basic" if "username" in given:
            return httpx.BasicAuth(given["username"], given["password"])
        case "digest" if "username" in given:
            return httpx.DigestAuth(given["username"], given["password"])
        case "bearer" if "token" in given:
            return _Bearer(given["token"])
    raise NotAuthorized(SYSTEM, f"this version cannot log in with {kind} from {', '.join(given)}")


class _Bearer(httpx.Auth):
    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Any:
        """Add the header."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


def _body(body: Any, headers: Mapping[str, str]) -> dict[str, Any]:
    kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    if isinstance(body, str):
        return {"content": body.encode()}
    if kind.startswith("application/x-www-form-urlencoded") and isinstance(body, Mapping):
        return {"data": dict(body)}
    return {"json": body}


async def _read(answer: httpx.Response) -> bytes:
    content = bytearray()
    async for part in answer.aiter_bytes():
        content += part
        if len(content) > LONGEST_ANSWER:
            raise Refused(
                SYSTEM, f"the answer of {_public(answer.url)} is longer than {LONGEST_ANSWER} bytes"
            )
    return bytes(content)


def _failure(method: str, answer: httpx.Response, body: bytes, now: datetime) -> IntegrationError:
    status = answer.status_code
    kind = _KINDS.get(status, Unavailable if status >= 500 else Refused)
    said = " ".join(body[:300].decode("utf-8", "replace").split())
    detail = f"{method} {_public(answer.url)} answered {status}" + (f": {said}" if said else "")
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


def _open(headers: httpx.Headers) -> dict[str, str]:
    return {
        name: value
        for name, value in headers.items()
        if name == "idempotency-key" or not any(part in name for part in _HIDDEN)
    }


def _content(answer: httpx.Response, body: bytes) -> Json:
    if not body:
        return None
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    text = body.decode(answer.encoding or "utf-8", "replace")
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
