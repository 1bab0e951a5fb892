"""Requests that may be repeated: the header `Idempotency-Key` makes a second one harmless.

A finished request is answered again from the records. One that was cut off before its answer was
kept is carried out again with the same request id, which the case recognizes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Header, Request
from fastapi.responses import JSONResponse

from api.errors import request_id_of
from api.ports import Requests
from api.problems import Problem
from api.tokens import Caller

KEY_FORM = r"[\x21-\x7e]{1,255}"

IdempotencyKey = Annotated[
    str | None,
    Header(
        description="Names this request: repeated with the same key and content, it is carried "
        "out once and answered the same. Remembered as long as the records are kept."
    ),
]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a carried-out request is answered with."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> JSONResponse:
        """The answer as it goes out."""
        return JSONResponse(self.body, self.status, dict(self.headers))


async def carry_out_once(
    request: Request,
    caller: Caller,
    key: str | None,
    act: Callable[[str], Awaitable[Answer]],
) -> JSONResponse:
    """Do `act` and answer; with a key known already, answer as the first time.

    Args:
        act: Gets the request id that makes it repeatable.

    Raises:
        Problem: the key is malformed.
        KeyReused: the key was used for another request.
    """
    if key is None:
        return (await act(f"request:{request_id_of(request)}")).response()
    if not re.fullmatch(KEY_FORM, key):
        raise Problem(
            "request-invalid",
            "The Idempotency-Key is not usable.",
            errors=[
                {
                    "pointer": "/header/Idempotency-Key",
                    "detail": "a key has 1 to 255 printable characters without spaces",
                }
            ],
        )
    requests: Requests = request.app.state.requests
    scope = f"api:{caller.label}"
    fingerprint = await _fingerprint(request)
    kept = await requests.first_answer(scope, key, fingerprint)
    if kept is not None:
        headers = {**kept["headers"], "Idempotency-Replayed": "true"}
        return JSONResponse(kept["body"], kept["status"], headers)
    name = hashlib.sha256(f"{scope}\n{key}".encode()).hexdigest()[:40]
    answer = await act(f"key:{name}")
    await requests.keep_answer(
        scope,
        key,
        fingerprint,
        {"status": answer.status, "body": answer.body, "headers": dict(answer.headers)},
    )
    return answer.response()


async def _fingerprint(request: Request) -> str:
    hashed = hashlib.sha256(f"{request.method} {request.url.path}\n".encode())
    hashed.update(await request.body())
    return hashed.hexdigest()
