"""`caseway explain schedule`: the next times, and why a day is moved or left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.main import run
from tests.cases.schedules.stage import definition


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A definition with schedules, beside an organization with one calendar."""
    monkeypatch.setenv("CASEWAY_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    organization = tmp_path / "definitions" / "organization"
    (organization / "calendars").mkdir(parents=True)
    (organization / "people.yaml").write_text("people: { lin: { name: Lin } }\n")
    (organization / "roles.yaml").write_text(
        "roles: { lead: { title: { en: Lead }, people: [lin] } }\n"
    )
    (organization / "calendars" / "office.yaml").write_text(
        "calendar: { timezone: Asia/Taipei, week: { mon-fri: ['09:00-18:00'] },"
        " holidays: { extra: ['2026-04-03', '2026-04-06'] } }\n"
    )
    schedules: dict[str, Any] = {
        "monthly": {"rule": "first-friday", "at": "08:30", "holiday": "next"},
        "weekly": {"rule": "every-monday", "holiday": "skip"},
    }
    document = definition(
        "report",
        schedule={"after": {"hours": 2}},
        schedules=schedules,
        metadata={"calendar": "office"},
    )
    folder = tmp_path / "definitions" / "report"
    folder.mkdir()
    (folder / "process.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
    return folder


def test_it_says_what_is_moved_and_what_is_left_out(
    report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the time zone of the calendar, from a date that is given."""
    assert run(["explain", "schedule", str(report), "--from", "2026-04-01", "--count", "2"]) == 0

    assert capsys.readouterr().out.splitlines() == [
        "after: 2 hours after the case before",
        "monthly: first-friday at 08:30 (Asia/Taipei)",
        "  Tue 2026-04-07 08:30 +0800 2026-04-03 is not worked in office: moved to 2026-04-07, a working day",
        "  Fri 2026-05-01 08:30 +0800",
        "weekly: every-monday at 09:00 (Asia/Taipei)",
        "  not started                2026-04-06 is not worked in office: left out",
        "  Mon 2026-04-13 09:00 +0800",
        "  Mon 2026-04-20 09:00 +0800",
    ]


def test_json_has_times_in_utc(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One document; a time without a start has the reason."""
    arguments = ["--name", "weekly", "--from", "2026-04-01", "--count", "1", "--json"]
    assert run(["explain", "schedule", str(report / "process.yaml"), *arguments]) == 0

    document = json.loads(capsys.readouterr().out)
    (weekly,) = document["schedules"]
    assert weekly["times"] == [
        {"at": None, "meant": "2026-04-06", "why": "2026-04-06 is not worked in office: left out"},
        {"at": "2026-04-13T01:00:00Z", "meant": "2026-04-13", "why": ""},
    ]


def test_of_a_published_definition_by_its_name(
    report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is in force, without its files."""
    assert run(["publish", str(report.parent)]) == 0
    capsys.readouterr()

    assert run(["explain", "schedule", "report", "--name", "monthly", "--count", "1"]) == 0
    assert capsys.readouterr().out.startswith("monthly: first-friday at 08:30 (Asia/Taipei)\n")


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["nothing"], 1, "is published"),
        (["{report}", "--name", "yearly"], 1, 'has no schedule "yearly"'),
        (["{report}", "--from", "spring"], 2, "is not a date such as 2026-03-02"),
    ],
)
def test_what_cannot_be_explained(
    report: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    status: int,
    says: str,
) -> None:
    """A name that is not there, or a date that is none."""
    given = [each.format(report=report) for each in arguments]

    assert run(["explain", "schedule", *given]) == status
    assert says in capsys.readouterr().err


def test_findings_are_shown_first(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of a definition that cannot be published, nothing is foretold."""
    file = report / "process.yaml"
    file.write_text(file.read_text().replace("first-friday", "first-fryday"))

    assert run(["explain", "schedule", str(report)]) == 1
    assert "CW407" in capsys.readouterr().out
