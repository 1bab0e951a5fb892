"""`call: openapi` over the wire."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from temporalio.exceptions import ApplicationError

from activities.http import Http
from activities.openapi import OpenApi
from activities.request import Request
from outgoing.client import open_client
from outgoing.rules import Rules
from tests.activities.stage import MONDAY, Stage
from tests.activities.test_http import web
from tests.outgoing.servers import LOCAL, Asked, Said, serving


def operation(server: str, **more: Any) -> dict[str, Any]:
    """Describe an operation."""
    return {
        "method": "post",
        "server": server,
        "path": "/pets/{petId}/notes",
        "parameters": [
            {"name": "petId", "in": "path", "required": True, "style": "simple", "explode": False},
            {"name": "tags", "in": "query", "required": False, "style": "form", "explode": False},
            {"name": "X-Kind", "in": "header", "required": False, "style": "simple", "explode": False},
            {"name": "seen", "in": "cookie", "required": False, "style": "form", "explode": True},
        ],
        "body": {"content": "application/json", "required": True, "names": ["body"], "fields": ["text"]},
        "accept": "application/json",
        **more,
    }  # fmt: skip


def test_a_request_is_what_the_document_describes() -> None:
    """Path, query, header, cookie and body arrive as they should, encoded once."""

    def answer(asked: Asked) -> Said:
        return Said(201, b'{"id": 1}', {"Content-Type": "application/json"})

    async def run() -> tuple[Any, Asked]:
        async with (
            serving(answer) as [server],
            open_client(Rules.of(networks=[LOCAL]), 5) as client,
        ):
            arguments = {
                "operationId": "addNote",
                "operation": operation(f"{server.url}/v1"),
                "parameters": {
                    "petId": "a/b %", "tags": ["x y", "z,1"], "X-Kind": "k", "seen": "s t",
                    "text": "你好",
                },
                "output": "response",
            }  # fmt: skip
            act = OpenApi(Http(client, lambda: MONDAY))
            result = await act.call(Request("run:/do/0#1", arguments, {}, "/do/0", "", 1))
            return result, server.asked[0]

    result, asked = asyncio.run(run())
    assert asked.method == "POST"
    assert asked.target == "/v1/pets/a%2Fb%20%25/notes?tags=x%20y,z%2C1"
    assert asked.headers["x-kind"] == "k"
    assert asked.headers["cookie"] == "seen=s%20t"
    assert asked.headers["content-type"] == "application/json"
    assert json.loads(asked.body) == {"text": "你好"}
    assert (result["statusCode"], result["content"]) == (201, {"id": 1})


def test_a_part_that_is_a_secret_is_checked_in_the_activity(stage: Stage) -> None:
    """With the standard's error, and without the value."""
    stage.secrets = {"CASEWAY_SECRET_KEY": ".."}
    asked = web(stage, httpx.Response(200))
    place = {"at": ["parameters", "petId"], "source": "$secrets.key", "line": 3}
    arguments = {
        "operationId": "addNote",
        "operation": operation("https://pets.example"),
        "parameters": {"petId": "***", "text": "x"},
    }
    with pytest.raises(ApplicationError) as error:
        stage.act(
            "openapi", arguments, deferred={"value": None, "variables": {}, "places": [place]}
        )
    assert error.value.details[0]["standard"] == "validation"
    assert asked == []
