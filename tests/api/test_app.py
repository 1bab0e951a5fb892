"""What holds for every address."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import structlog

from api.problems import KINDS
from api.request_ids import HEADER
from tests.api.doubles import Door


def test_the_document_is_openapi_3_1_with_problems(door: Door) -> None:
    """Generated clients see our errors, not the framework's."""
    document = door.send("GET", "/openapi.json", scope=None).json()

    assert document["openapi"].startswith("3.1.")
    assert set(document["components"]["schemas"]["Problem"]["properties"]) >= {"type", "errors"}
    assert "HTTPValidationError" not in str(document)
    for operations in document["paths"].values():
        for operation in operations.values():
            assert operation["responses"]["4XX"]["content"]["application/problem+json"]
    assert not [path for path in document["paths"] if path.startswith("/l/")]


def test_the_documentation_page_names_every_operation(door: Door) -> None:
    """People read it without any other site."""
    page = door.send("GET", "/docs", scope=None)

    for path in door.app.openapi()["paths"]:
        assert path in page.text
    assert "http://" not in page.text
    assert "https://" not in page.text


@pytest.mark.parametrize(
    ("method", "address", "status", "code"),
    [
        ("GET", "/nothing", 404, "not-found"),
        ("DELETE", "/cases", 405, "method-not-allowed"),
        ("GET", "/problems/nothing", 404, "not-found"),
        ("GET", "/cases/", 404, "not-found"),
    ],
)
def test_the_frameworks_own_errors_are_problems_too(
    door: Door, method: str, address: str, status: int, code: str
) -> None:
    """A caller needs one way of reading errors."""
    answer = door.send(method, address)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_type_of_every_problem_can_be_looked_up(door: Door) -> None:
    """`type` is an address that explains."""
    for code, kind in KINDS.items():
        explained = door.send("GET", f"/problems/{code}", scope=None).json()
        assert (explained["status"], explained["advice"]) == (kind.status, kind.advice)


def test_a_body_over_the_limit_is_refused(tmp_path: Path) -> None:
    """Neither a large announcement nor a large stream fills the memory."""
    door = Door(tmp_path, body_limit_bytes=1000)

    async def unannounced() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 100

    async def stream() -> httpx.Response:
        transport = httpx.ASGITransport(door.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.post("/cases", content=unannounced())

    announced = door.send("POST", "/cases", content=b" " * 1001)
    for answer in (announced, asyncio.run(stream())):
        assert (answer.status_code, answer.json()["code"]) == (413, "too-large")
    assert door.send("POST", "/cases", content=b" " * 1000).status_code != 413


def test_every_answer_carries_the_id_of_its_request(door: Door) -> None:
    """The operator finds the log lines of what a caller reports."""
    given = door.send("GET", "/healthz", headers={HEADER: "from-outside.1"})
    made = door.send("GET", "/healthz", headers={HEADER: "not a\tplain id"})

    assert given.headers[HEADER] == "from-outside.1"
    assert len(made.headers[HEADER]) == 32


def test_secrets_in_addresses_do_not_reach_the_log(door: Door) -> None:
    """A link and a hook carry their token in the path."""
    with structlog.testing.capture_logs() as lines:
        door.send("GET", "/l/secret-token", scope=None)
        door.send("POST", "/hooks/alertmanager/secret-token", scope=None)

    assert len([line for line in lines if line["event"] == "request"]) == 2
    assert "secret-token" not in str(lines)


def test_readiness_follows_what_is_behind_the_door(door: Door) -> None:
    """A load balancer sends nobody to a door whose rooms are closed."""
    assert door.send("GET", "/readyz", scope=None).status_code == 200
    door.health.given = ["The workflow server does not answer."]

    answer = door.send("GET", "/readyz", scope=None)

    assert (answer.status_code, answer.json()["problems"]) == (503, door.health.given)
    assert door.send("GET", "/healthz", scope=None).status_code == 200
