"""`call: http` of the standard: one request, and what its answer means for the case.

Source: Open Workflow Specification DSL 1.0.3, HTTP call; RFC 9110 (status codes), RFC 6570 level 1
(templates in addresses).
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

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

SYSTEM = "http"
LONGEST_ANSWER = 1_000_000
"""Bytes of an answer: what a case remembers stands in its history."""

_VARIABLE = re.compile(r"\{([A-Za-z0-9_]+)\}")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_KINDS: Mapping[int, type[IntegrationError]] = {
    401: NotAuthorized, 403: NotAuthorized, 407: NotAuthorized, 404: NotFound, 410: NotFound,
    409: Conflict, 412: Conflict, 408: Unavailable, 425: Unavailable, 429: RateLimited,
    500: Unavailable, 502: Unavailable, 503: Unavailable, 504: Unavailable,
}  # fmt: skip


class Http:
    """Requests over one pool of connections."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

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
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.TooManyRedirects) as error:
            raise Refused(SYSTEM, f"{method} {sent.url}: {error}") from error
        except httpx.HTTPError as error:
            detail = str(error) or type(error).__name__
            raise Unavailable(SYSTEM, f"{method} {sent.url}: {detail}") from error
        if not answer.is_success and not (answer.is_redirect and given.get("redirect")):
            raise _failure(method, answer, body)
        return _result(given.get("output") or "content", sent, answer, body)

    def _request(self, request: Request, method: str) -> httpx.Request:
        given = request.arguments
        headers = {str(name): str(value) for name, value in (given.get("headers") or {}).items()}
        if method not in _SAFE:
            # A system that knows the header carries a repeated attempt out once.
            headers.setdefault("Idempotency-Key", request.key)
        body: dict[str, Any] = {}
        if given.get("body") is not None:
            body = _body(given["body"], headers)
        query = {
            str(name): value
            for name, value in (given.get("query") or {}).items()
            if value is not None
        }
        try:
            return self._client.build_request(
                method,
                _address(given["endpoint"], request.variables),
                headers=headers,
                params=query or None,
                **body,
            )
        except (httpx.InvalidURL, TypeError, ValueError) as error:
            raise Refused(SYSTEM, f"the request cannot be written: {error}") from error


def _address(endpoint: Any, variables: Mapping[str, Json]) -> str:
    template = str(endpoint["uri"] if isinstance(endpoint, Mapping) else endpoint)

    def value(found: re.Match[str]) -> str:
        name = found.group(1)
        if variables.get(name) is None:
            raise Refused(SYSTEM, f"the address {template} needs a value for {{{name}}}")
        return quote(str(variables[name]), safe="")

    return _VARIABLE.sub(value, template)


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
                SYSTEM, f"the answer of {answer.url} is longer than {LONGEST_ANSWER} bytes"
            )
    return bytes(content)


def _failure(method: str, answer: httpx.Response, body: bytes) -> IntegrationError:
    status = answer.status_code
    kind = _KINDS.get(status, Refused)
    said = " ".join(body[:300].decode("utf-8", "replace").split())
    detail = f"{method} {answer.url} answered {status}" + (f": {said}" if said else "")
    return kind(SYSTEM, detail, retry_after=_retry_after(answer), status=status)


def _retry_after(answer: httpx.Response) -> timedelta | None:
    given = answer.headers.get("retry-after", "")
    return timedelta(seconds=int(given)) if given.isascii() and given.isdigit() else None


def _result(output: str, sent: httpx.Request, answer: httpx.Response, body: bytes) -> Json:
    if output == "raw":
        return base64.b64encode(body).decode()
    content = _content(answer, body)
    if output == "content":
        return content
    return {
        "request": {
            "method": sent.method.lower(),
            "uri": str(sent.url),
            "headers": {name: value for name, value in sent.headers.items() if name not in _HIDDEN},
        },
        "statusCode": answer.status_code,
        "headers": dict(answer.headers),
        "content": content,
    }


_HIDDEN = ("authorization", "cookie", "proxy-authorization")


def _content(answer: httpx.Response, body: bytes) -> Json:
    if not body:
        return None
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    text = body.decode(answer.encoding or "utf-8", "replace")
    if kind == "application/json" or kind.endswith("+json"):
        try:
            return json.loads(text)
        except ValueError as error:
            raise Refused(
                SYSTEM, f"{answer.url} says that it answers JSON, and does not"
            ) from error
    return text
