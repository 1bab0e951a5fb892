"""`caseway register` as people and programs see it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cases.records.store import RecordStore
from cli.main import run
from service.register import new_entry, updated
from tests.cases.records.samples import MONDAY, using
from tests.service.test_register import figure


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A register with one entry that was measured, one that was not comparable, and one idea."""
    data = tmp_path / "data"
    data.mkdir()
    monkeypatch.setenv("CASEWAY_DATA", str(data))
    monkeypatch.setenv("CASEWAY_RECORDS", f"sqlite:///{data / 'records.db'}")

    async def fill(store: RecordStore) -> None:
        async def enter(name: str, result: Any, status: str, **more: Any) -> None:
            entry = new_entry({"title": name, **more}, f"i-{name}", "improvement:1", MONDAY)
            entry, _ = updated(entry, {"result": result, "status": status}, "k", "c", MONDAY)
            await store.add_improvement("improvement:1", "run-1", entry)

        known = {"baseline": figure(9000), "target": 7200, "owner": {"role": "support-manager"}}
        await enter("better", figure(7200), "done", **known)
        await enter("changed", figure(60, "d2"), "checking", **known)
        await enter("idea", None, "proposed", owner="chen")

    using(data / "records.db", fill)
    return data


def test_the_register_is_listed(installation: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Baseline, target and what was measured last stand side by side."""
    assert run(["register"]) == 0

    assert [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()] == [
        "ENTRY STATUS TITLE OWNER FIGURE BASELINE TARGET NOW",
        "i-better done better support-manager resolution-time 2 h 30 2 h 00 2 h 00 better, target reached",
        "i-changed checking changed support-manager resolution-time 2 h 30 2 h 00 0 h 01 not comparable",
        "i-idea proposed idea chen",
    ]


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (["--open"], ["i-changed", "i-idea"]),
        (["--status", "done", "--status", "proposed"], ["i-better", "i-idea"]),
        (["--status", "done", "--open"], []),
    ],
)
def test_a_program_gets_the_entries_that_it_asks_for(
    installation: Path, capsys: pytest.CaptureFixture[str], options: list[str], names: list[str]
) -> None:
    """With everything that is known of them."""
    assert run(["register", "--json", *options]) == 0

    entries = json.loads(capsys.readouterr().out)["entries"]
    assert [each["id"] for each in entries] == names
    assert all("baseline" in each and "acts" in each for each in entries)


def test_an_empty_register_is_said(installation: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And another word than the statuses is refused."""
    assert run(["register", "--status", "dropped"]) == 0
    assert "no such entry" in capsys.readouterr().err
    assert run(["register", "--status", "happy"]) == 2
