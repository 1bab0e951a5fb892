"""The commands on cases, each as a process of its own beside a running installation."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.house.installation import Installation, until

pytestmark = pytest.mark.server

ALERT = {"alert": {"fingerprint": "cli1", "name": "Down", "startsAt": "2026-03-02T09:00:00Z"}}
CASE = "alert-to-incident:cli1@2026-03-02T09:00:00Z"


def run(house: Installation, *arguments: str) -> tuple[int, Any, str]:
    """Run one command; returns its status, the JSON on its output, and what it said besides."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "cli.main", *arguments, "--json"],
        env=house.environment,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    return done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr


def test_a_case_from_start_to_cancel(house: Installation) -> None:
    """Started twice it is one case; it is listed and shown; cancelled it ends, and takes no more."""
    first = run(house, "start", "alert-to-incident", "--input", json.dumps(ALERT))
    again = run(house, "start", "alert-to-incident", "--input", json.dumps(ALERT))
    until("the page to the person on call", lambda: house.open_item(CASE, "acknowledge"))
    shown = run(house, "show", CASE)
    listed = until(
        "the case in the list",
        lambda: run(house, "list", "--definition", "alert-to-incident", "--phase", "open")[1][
            "cases"
        ],
    )
    cancelled = run(house, "cancel", CASE, "--reason", "a try", "--by", "chen")
    until("its end", lambda: (house.case(CASE) or {}).get("ended"))
    late = run(house, "event", CASE, "alert.resolved")

    assert [first[0], again[0]] == [0, 0]
    assert [first[1]["started"], again[1]["started"]] == [True, False]
    assert shown[1]["row"]["ticket"]
    assert CASE in [each["case"] for each in listed]
    assert cancelled[0] == 0
    assert late[0] == 1
    assert "has ended" in late[2]


def test_bad_input_starts_nothing(house: Installation) -> None:
    """What is wrong is said with its place; exit 1."""
    status, _, said = run(
        house, "start", "alert-to-incident", "--input", '{"alert": {}}', "--key", "x"
    )

    assert status == 1
    assert "/alert" in said
    assert house.case("alert-to-incident:x") is None


def test_an_unknown_definition_is_named_with_a_near_one(house: Installation) -> None:
    """A slip of the fingers costs no search."""
    status, _, said = run(house, "start", "alert-to-incidnet", "--input", "{}")

    assert status == 1
    assert 'Did you mean "alert-to-incident"?' in said


def test_records_are_made_again_equal(house: Installation) -> None:
    """What the records say of open cases is what the cases tell."""
    alert = {"alert": {**ALERT["alert"], "fingerprint": "cli2"}}
    run(house, "start", "alert-to-incident", "--input", json.dumps(alert))
    case = CASE.replace("cli1", "cli2")
    until("the page to the person on call", lambda: house.open_item(case, "acknowledge"))
    until("its row", lambda: [each for each in house.cases() if each["case"] == case])

    looked = until(
        "equal records", lambda: run(house, "records", "rebuild", "--only-look")[0] == 0, 30
    )
    written = run(house, "records", "rebuild")

    assert looked
    assert written[0] == 0
    assert written[1]["cases"] >= 1
