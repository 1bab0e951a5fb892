"""`caseway schedules` on a real server: list, pause, resume, trigger."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.cases.schedules.stage import definition, staged, until
from tests.cli.on_stage import Shell
from tests.conftest import Namespace

pytestmark = pytest.mark.server


def test_an_operator_looks_pauses_and_starts_by_hand(namespace: Namespace, tmp_path: Path) -> None:
    """Every act says what it did; the list says why something does not start."""

    async def story() -> None:
        shell = Shell(namespace, tmp_path)
        async with staged(namespace, tmp_path) as stage, stage.worker():
            empty = await shell.caseway("schedules")
            assert (empty.status, empty.out) == (0, "")
            assert "Nothing starts cases by itself." in empty.err

            yearly = {"rule": "day-15", "months": [1], "at": "03:00", "timezone": "UTC"}
            await stage.publish(
                definition("report", schedules={"yearly": yearly}),
                definition("sweep", schedule={"cron": "0 3 * * *"}),
            )
            await stage.apply()
            await until(stage.schedules.list, lambda found: len(found) == 2)

            paused = await shell.caseway(
                "schedules", "pause", "report", "yearly", "--reason", "audit", "--by", "lin"
            )
            assert paused.out == "yearly of report is paused.\n"
            head, report, sweep = (await shell.caseway("schedules")).out.splitlines()
            assert head.split()[:4] == ["DEFINITION", "SCHEDULE", "WHEN", "NEXT"]
            assert "day-15 of months 1 at 03:00 (UTC)" in report
            assert report.endswith("paused: audit (paused by lin)")
            assert "cron 0 3 * * * (UTC)" in sweep
            assert "03:00:00" in sweep

            resumed = await shell.caseway(
                "schedules", "resume", "report", "yearly", "--reason", "done", "--json"
            )
            assert resumed.json["paused"] is False
            assert [each[4:] for each in resumed.json["next"]] == ["-01-15T03:00:00Z"] * 3

            started = await shell.caseway("schedules", "trigger", "report", "yearly")
            assert started.out.startswith("yearly of report starts a case now; next 2")
            (case,) = await until(lambda: stage.started("report"), lambda found: len(found) == 1)
            assert await stage.client.get_workflow_handle(case).result() == {"done": True}
            listed = (await shell.caseway("schedules", "--json")).json["schedules"]
            assert listed[0]["last"]["case"] == case

            unknown = await shell.caseway("schedules", "trigger", "report", "monthly")
            assert unknown.status == 1
            assert 'has no schedule "monthly"' in unknown.err
            assert "report yearly" in unknown.err

    asyncio.run(story())
