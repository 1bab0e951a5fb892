"""Lets a path segment hold any text: `%2F` in an address stays one segment.

Case ids contain `:`, `/`, `@` and `%`. In an address they are percent-encoded as RFC 3986 says
(`encodeURIComponent`, `urllib.parse.quote(id, safe="")`), but servers decode the whole path before
it is split into segments. Here each segment is split first; routes then get it with only `%2F` and
`%25` still encoded, and `segment` decodes those.
"""

from __future__ import annotations

from urllib.parse import quote, unquote, unquote_to_bytes

from starlette.types import ASGIApp, Receive, Scope, Send


class RawPaths:
    """ASGI middleware that makes `path` from `raw_path` without losing segment borders."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Go on with the path split first and decoded after."""
        raw = scope.get("raw_path")
        if scope["type"] == "http" and raw:
            parts = [unquote_to_bytes(part).decode("utf-8", "replace") for part in raw.split(b"/")]
            kept = [part.replace("%", "%25").replace("/", "%2F") for part in parts]
            scope = {**scope, "path": "/".join(kept)}
        await self._app(scope, receive, send)


def segment(value: str) -> str:
    """The text that a path segment stands for."""
    return unquote(value)


def address_of(case: str) -> str:
    """The path of a case's resource."""
    return f"/cases/{quote(case, safe=':@')}"
