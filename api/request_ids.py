"""Gives every request an id, puts it into every log line and answer, and logs the request once."""

from __future__ import annotations

import re
import time
import uuid

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "X-Request-Id"
_SANE = re.compile(r"[A-Za-z0-9._-]{1,64}")

log = structlog.get_logger()


class RequestIds:
    """ASGI middleware. A caller's own id is kept if it is short and plain."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Go on with an id, and log how it ended."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        request_id = given if _SANE.fullmatch(given) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        begun = time.monotonic()
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request=request_id):
            try:
                await self._app(scope, receive, send_with_id)
            finally:
                log.info(
                    "request",
                    method=scope["method"],
                    path=_without_secrets(scope["path"]),
                    status=status,
                    milliseconds=round((time.monotonic() - begun) * 1000),
                )


def _without_secrets(path: str) -> str:
    """The path as it may stand in a log: tokens in it are left out."""
    for prefix in ("/l/", "/hooks/alertmanager/"):
        if path.startswith(prefix):
            return f"{prefix}***"
    return path
