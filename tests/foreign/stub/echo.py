"""Hosts of which nothing is known: the answer holds what was asked, and a little of everything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx


def answer(request: httpx.Request, extra: Mapping[str, Any]) -> httpx.Response:
    """An object, in the manner of an API that keeps what it is given; files are functions and schemas."""
    path = request.url.path
    if path.endswith(("function.yaml", "function.yml", "function.json")):
        return httpx.Response(200, text=FUNCTION, headers={"content-type": "application/yaml"})
    if "schema" in path.lower() and path.endswith((".json", ".yaml", ".yml")):
        return httpx.Response(200, json={})
    if request.method == "HEAD":
        return httpx.Response(200)
    if request.method == "OPTIONS":
        return httpx.Response(204, headers={"allow": "GET, POST, PUT, PATCH, DELETE"})
    content: dict[str, Any] = {
        "id": 1,
        "name": "Rex",
        "status": "available",
        "count": 1,
        "results": [{"id": 1, "name": "Rex"}],
        **extra,
        **said(request),
    }
    body = sent(request)
    if isinstance(body, dict):
        content |= body
    return httpx.Response(201 if request.method == "POST" else 200, json=content)


FUNCTION = """\
input:
  schema:
    document: { type: object }
set:
  logged: '${ . }'
"""
"""What stands at the address of any function of a catalog."""


def said(request: httpx.Request) -> dict[str, Any]:
    """What was asked, in words of httpbin."""
    return {
        "method": request.method,
        "url": str(request.url),
        "args": dict(request.url.params),
        "headers": {name.title(): value for name, value in request.headers.items()},
        "data": request.content.decode("utf-8", "replace"),
        "json": sent(request),
    }


def sent(request: httpx.Request) -> Any:
    """The body as JSON, or None."""
    try:
        return json.loads(request.content)
    except ValueError:
        return None
