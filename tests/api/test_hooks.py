"""The webhook for alerts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cases.errors import DefinitionNotFound, ServerUnavailable
from tests.api.doubles import Door

FIRING: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "intake" / "alerts" / "firing.json").read_text("utf-8")
)
HOOK = "/hooks/alertmanager"


@pytest.mark.parametrize("token", [None, "wrong"])
def test_a_webhook_without_a_valid_token_is_refused(door: Door, token: str | None) -> None:
    """Nobody starts cases by guessing the address."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}

    by_header = door.send("POST", HOOK, scope=None, json=FIRING, headers=headers)
    by_path = door.send("POST", f"{HOOK}/{token}", scope=None, json=FIRING)

    assert (by_header.status_code, by_path.status_code) == (401, 401)
    assert door.cases.calls == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"version": "3", "alerts": []}',
        b'{"version": "4", "alerts": [{"status": "firing"}]}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_a_broken_body_starts_nothing(tmp_path: Path, body: bytes) -> None:
    """400 tells the sender not to send it again."""
    door = Door(tmp_path, body_limit_bytes=1_000_000)

    answer = door.send("POST", HOOK, scope="intake", content=body)

    assert (answer.status_code, answer.json()["code"]) == (400, "broken-body")
    assert door.cases.calls == []


def test_one_broken_alert_keeps_the_others_from_starting(door: Door) -> None:
    """A payload is taken whole or not at all."""
    good = FIRING["alerts"][0]
    body = {**FIRING, "alerts": [good, {**good, "startsAt": "yesterday"}]}

    answer = door.send("POST", HOOK, scope="intake", json=body)

    assert answer.json()["errors"][0]["pointer"] == "/alerts/1/startsAt"
    assert door.cases.calls == []


@pytest.mark.parametrize("with_header", [True, False])
def test_an_alert_starts_its_case(door: Door, with_header: bool) -> None:
    """The token may stand in a header or in the address."""
    if with_header:
        answer = door.send("POST", HOOK, scope="intake", json=FIRING)
    else:
        answer = door.send("POST", f"{HOOK}/{door.secrets['intake']}", scope=None, json=FIRING)

    assert answer.status_code == 200
    assert [each["result"] for each in answer.json()["alerts"]] == ["started"]
    assert door.cases.named("start")[0]["name"] == "alert-to-incident"


@pytest.mark.parametrize(
    "error", [DefinitionNotFound("alert-to-incident"), ServerUnavailable("127.0.0.1:7233")]
)
def test_an_alert_that_cannot_be_kept_is_asked_for_again(door: Door, error: Exception) -> None:
    """Alertmanager repeats on 5xx and forgets on 4xx."""
    door.cases.fails = error

    answer = door.send("POST", HOOK, scope="intake", json=FIRING)

    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
