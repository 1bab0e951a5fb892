"""What `caseway publish` says of schedules: made now, waiting for a worker, or no server there."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
import yaml

from cli import applying
from cli.main import run
from tests.cases.schedules.stage import definition, staged
from tests.conftest import Namespace, free_port


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a definition with a schedule, for an installation whose server is not there."""
    monkeypatch.setenv("CASEWAY_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{free_port()}")
    folder = tmp_path / "report"
    folder.mkdir()
    document = definition("report", schedules={"daily": {"cron": "0 3 * * *", "timezone": "UTC"}})
    (folder / "process.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
    return folder


def test_without_a_server_publishing_succeeds_and_says_what_is_left(
    report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The definition is published; its schedule is made when a worker starts, and that is said."""
    assert run(["publish", str(report)]) == 0

    shown = capsys.readouterr()
    assert shown.out == "Published report@1.0.0.\n"
    assert "The schedules are not changed yet: No Temporal server answers" in shown.err
    assert "as soon as a worker starts" in shown.err


def test_json_says_it_too(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Programs read the state, people the sentences."""
    assert run(["publish", str(report), "--json"]) == 0

    schedules = json.loads(capsys.readouterr().out)["schedules"]
    assert schedules["state"] == "unreachable"
    assert schedules["lines"]


@pytest.mark.server
def test_a_line_for_each_schedule_that_changed(
    namespace: Namespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rule in words and its next times, in the time zone of whoever publishes."""

    async def story() -> None:
        async with staged(namespace, tmp_path) as stage:
            daily = {"rule": "day-15", "at": "03:00", "timezone": "UTC", "months": [1]}
            await stage.publish(definition("report", schedules={"yearly": daily}))
            with monkeypatch.context() as impatient:
                impatient.setattr(applying, "WAIT_SECONDS", 1)
                waiting = await applying.apply_with(stage.client, stage.bundles)
            assert waiting.state == "waiting"
            assert "caseway worker" in waiting.lines[0]
            monkeypatch.setattr(applying, "WAIT_SECONDS", 60)
            async with stage.worker():
                await stage.apply()
                changed = {"yearly": {**daily, "at": "04:00"}}
                await stage.publish(definition("report", "1.1.0", schedules=changed))
                applied = await applying.apply_with(stage.client, stage.bundles)
                assert applied.state == "applied"
                (line,) = applied.lines
                assert line.startswith(
                    "Schedule yearly of report: day-15 of months 1 at 04:00 (UTC); next 2"
                )
                assert line.count("-01-15 ") == 3
                await stage.publish(definition("report", "1.2.0"))
                removed = await applying.apply_with(stage.client, stage.bundles)
                assert removed.lines == ("Schedule yearly of report is removed.",)

    asyncio.run(story())
