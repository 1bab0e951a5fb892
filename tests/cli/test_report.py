"""`caseway report` as people and programs see it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.main import run
from tests.cases.records.samples import row, using, writing_all


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Records of one case that closed in March 2026."""
    data = tmp_path / "data"
    data.mkdir()
    monkeypatch.setenv("CASEWAY_DATA", str(data))
    monkeypatch.setenv("CASEWAY_RECORDS", f"sqlite:///{data / 'records.db'}")
    ended = {"phase": "closed", "endedAs": "completed", "endedAt": "2026-03-02T11:00:00Z"}
    line = {
        "n": 4, "at": "2026-03-02T10:30:00Z", "kind": "clock", "text": "met", "clock": "resolution",
        "ended": "met", "elapsed": 5400,
    }  # fmt: skip
    told = {
        "case": "desk:1", "row": row("desk:1", 1, **ended), "items": [], "audit": [line],
        "messages": [], "closed": {"as": "completed", "at": ended["endedAt"]},
    }  # fmt: skip
    using(data / "records.db", writing_all(told))
    return data


def test_figures_of_a_month_with_their_corrections(
    installation: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The records heard of the case today, so that March has it as a correction."""
    assert run(["report", "resolution-time", "cases-closed", "--period", "2026-03"]) == 0

    assert capsys.readouterr().out.splitlines() == [
        "2026-03-01 00:00 to 2026-04-01 00:00 UTC, closed",
        "FIGURE           VALUE  OF",
        "resolution-time  -      0   corrected 1 h 30 (3 late); mean -, p90 -",
        "cases-closed     0      0   corrected 1 (3 late)",
    ]


def test_a_report_is_compared_with_an_earlier_one(
    installation: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only where both count the same cases."""
    period = ["--period", "2026-03"]
    assert run(["report", "cases-closed", *period, "--json"]) == 0
    march = tmp_path / "march.json"
    march.write_text(capsys.readouterr().out)
    assert run(["report", "cases-closed", *period, "--compare", str(march), "--json"]) == 0
    same = json.loads(capsys.readouterr().out)["figures"][0]
    assert run(["report", "cases-closed", *period, "--compare", str(march), "--group", "x"]) == 0

    assert (same["comparable"], same["change"]) == (True, 0)
    assert "not comparable" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["happiness", "--period", "2026-03"], 1, "There is no figure 'happiness'"),
        (["--period", "march"], 2, "no day, month or year"),
        (["--period", "2026-03", "--timezone", "Mars/Base"], 2, "is no time zone"),
    ],
)
def test_what_cannot_be_reported_is_said(
    installation: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    status: int,
    said: str,
) -> None:
    """In a sentence, with what is possible."""
    assert run(["report", *arguments]) == status
    assert said in capsys.readouterr().err
