"""The webhook for alerts, with the payload that Alertmanager sends."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cli.demo.by_alert import notification
from tests.house.installation import Installation, until

pytestmark = pytest.mark.server

SINCE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_without_a_valid_token_nothing_starts(house: Installation) -> None:
    """401, and no case."""
    status, problem = house.request(
        "POST", "/hooks/alertmanager", notification("a1", SINCE), token=None
    )

    assert status == 401
    assert problem["status"] == 401
    assert house.case(f"alert-to-incident:a1@{SINCE:%Y-%m-%dT%H:%M:%SZ}") is None


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"version": "3", "alerts": []}', b'{"version": "4"}']
)
def test_a_broken_body_starts_nothing(house: Installation, body: bytes) -> None:
    """400 with the place of what is wrong."""
    before = len(house.cases(definition="alert-to-incident"))

    status, problem = house.request("POST", "/hooks/alertmanager", body, token="intake")

    assert status == 400, problem
    assert problem["detail"]
    assert len(house.cases(definition="alert-to-incident")) == before


def test_an_alert_that_resolves_closes_its_case(house: Installation) -> None:
    """Fired twice and resolved twice it is one case with one ticket, and it ends."""
    firing, over = notification("c3", SINCE), notification("c3", SINCE, over=True)
    case = f"alert-to-incident:c3@{SINCE:%Y-%m-%dT%H:%M:%SZ}"

    results = [house.request("POST", "/hooks/alertmanager", firing, token="intake") for _ in (1, 2)]
    until("the page to the person on call", lambda: house.open_item(case, "acknowledge"))
    house.request("POST", "/hooks/alertmanager", over, token="intake")
    view = until("the end", lambda: (v := house.case(case)) and v.get("ended") and v)
    again = house.request("POST", "/hooks/alertmanager", over, token="intake")

    assert [body["alerts"][0]["result"] for _, body in results] == ["started", "unchanged"]
    assert view["status"] == "closed"
    assert again[1]["alerts"][0]["result"] == "unchanged"
    assert [item["state"] for item in view["items"]] == ["withdrawn"]
