"""Schedules on a real server: what is published is what starts, at its times, once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import (
    ScheduleBackfill,
    ScheduleOverlapPolicy,
    WorkflowExecutionStatus,
    WorkflowFailureError,
)

from cases.errors import Refused
from cases.schedules.temporal import schedule_id
from service.instants import write_instant
from tests.cases.schedules.stage import Stage, definition, staged, until
from tests.conftest import Namespace
from workflows.schedules import MEANT_FOR

pytestmark = pytest.mark.server

WAITS = [{"wait": {"listen": {"to": {"one": {"with": {"type": "go"}}}}}}]


def test_an_interval_starts_cases_with_a_key_of_the_time(namespace: Namespace, tmp_path: Path):
    """Each second one case, of the newest version, with attributes, memo and plan, recorded as any."""

    async def story() -> None:
        async with staged(namespace, tmp_path) as stage, stage.worker():
            await stage.publish(definition("ping", schedule={"every": {"seconds": 1}}))
            report = await stage.apply()
            assert report["created"] == [schedule_id("ping", "every")]
            ids = await until(lambda: stage.started("ping"), lambda found: len(found) >= 2)
            await stage.schedules.pause("ping", "every", by="test", reason="enough")
            handle = stage.client.get_workflow_handle(ids[0])
            assert await handle.result() == {"done": True}
            row = await stage.recorded(ids[0])
            there = await handle.describe()

        times = [datetime.fromisoformat(each.removeprefix("ping:every-")) for each in ids]
        assert all(later > earlier for earlier, later in pairwise(times))
        assert row["key"] == ids[0].removeprefix("ping:")
        assert (row["version"], row["endedAs"]) == ("1.0.0", "completed")
        assert (await there.memo())["by"] == "schedule every"
        names = {each.key.name for each in there.typed_search_attributes}
        assert {"CasewayDefinition", "CasewayVersion", "CasewayKey"} <= names

    asyncio.run(story())


def test_a_time_that_is_done_again_starts_nothing_twice(namespace: Namespace, tmp_path: Path):
    """Backfilling a stretch that ran leaves the cases that there are; one that did not is made up."""

    async def story() -> None:
        async with staged(namespace, tmp_path) as stage, stage.worker():
            await stage.publish(definition("nightly", schedule={"cron": "0 3 * * *"}))
            await stage.apply()
            handle = stage.client.get_schedule_handle(schedule_id("nightly", "cron"))
            day = datetime(2026, 3, 2, 3, tzinfo=UTC)
            again = ScheduleBackfill(
                start_at=day - timedelta(minutes=1),
                end_at=day + timedelta(days=1, minutes=1),
                overlap=ScheduleOverlapPolicy.ALLOW_ALL,
            )
            await handle.backfill(again)
            first = await until(lambda: stage.started("nightly"), lambda found: len(found) == 2)
            for each in first:
                await stage.recorded(each)
            runs = [await stage.records.begun(each) for each in first]
            await handle.backfill(again)
            await until(lambda: stage.started("nightly"), lambda found: len(found) == 4)
            results = [
                await stage.client.get_workflow_handle(each).result(follow_runs=False)
                for each in first
            ]

            assert first == [
                "nightly:cron-2026-03-02T03:00:00Z",
                "nightly:cron-2026-03-03T03:00:00Z",
            ]
            assert [each["started"] for each in results] == [False, False]
            assert [each["why"] for each in results] == ["this time has had its case before"] * 2
            assert [await stage.records.begun(each) for each in first] == runs

    asyncio.run(story())


def test_the_newest_version_runs(namespace: Namespace, tmp_path: Path):
    """A schedule names no version: what was published since its last start is what runs."""

    async def story() -> None:
        async with staged(namespace, tmp_path) as stage, stage.worker():
            schedule = {"cron": "0 3 * * *"}
            await stage.publish(definition("nightly", schedule=schedule))
            await stage.apply()
            second = definition(
                "nightly", "1.1.0", schedule=schedule, do=[{"done": {"set": {"second": True}}}]
            )
            await stage.publish(second)
            await stage.schedules.trigger("nightly", "cron")
            (case,) = await until(lambda: stage.started("nightly"), lambda found: len(found) == 1)
            assert await stage.client.get_workflow_handle(case).result() == {"second": True}

    asyncio.run(story())


def test_a_paused_rule_tells_its_own_days(namespace: Namespace, tmp_path: Path):
    """Temporal wakes it every day and a calendar decides: what is shown are the days of the rule."""

    async def story() -> None:
        async with staged(namespace, tmp_path) as stage, stage.worker():
            monthly = {"rule": "day-15", "at": "03:00", "timezone": "UTC"}
            await stage.publish(definition("report", schedules={"monthly": monthly}))
            await stage.apply()

            paused = await stage.schedules.pause("report", "monthly", by="lin", reason="audit")

            assert paused.next
            assert {datetime.fromisoformat(each).day for each in paused.next} == {15}

    asyncio.run(story())


def test_schedules_follow_what_is_published(namespace: Namespace, tmp_path: Path):
    """Made, changed, kept with an operator's pause, and removed; a second pass changes nothing."""

    async def story() -> None:
        async with staged(namespace, tmp_path) as stage, stage.worker():
            daily = {"rule": "every-day", "at": "03:00", "timezone": "Asia/Taipei"}
            hourly = {"every": {"hours": 1}}
            await stage.publish(
                definition("report", schedules={"daily": daily, "hourly": hourly}),
                definition("plain"),
            )
            ids = [schedule_id("report", "daily"), schedule_id("report", "hourly")]
            assert (await stage.apply())["created"] == ids
            assert (await stage.apply())["kept"] == ids
            await stage.schedules.pause("report", "daily", by="lin", reason="audit")

            await stage.publish(
                definition("report", "1.1.0", schedules={"daily": {**daily, "at": "04:00"}})
            )
            report = await stage.apply()

            assert report["updated"] == ids[:1]
            assert report["deleted"] == ids[1:]
            (daily_now,) = await stage.schedules.list()
            assert daily_now.paused
            assert daily_now.note == "audit (paused by lin)"
            assert daily_now.says["at"] == "04:00"
            resumed = await stage.schedules.resume("report", "daily", by="lin", reason="done")
            assert not resumed.paused
            assert datetime.fromisoformat(resumed.next[0]).hour == 20

            await stage.publish(definition("report", "1.2.0"))
            assert (await stage.apply())["deleted"] == ids[:1]

    asyncio.run(story())


def test_many_publish_at_once(namespace: Namespace, tmp_path: Path):
    """One reconciler serves all who ask, and what was published last is what is there."""

    async def story() -> None:
        async with staged(namespace, tmp_path) as stage, stage.worker():
            for number in range(3):
                schedule = {"cron": f"{number} 3 * * *"}
                await stage.publish(definition("nightly", f"1.{number}.0", schedule=schedule))
                await asyncio.gather(*(stage.apply() for _ in range(3)))
            (nightly,) = await stage.schedules.list()
            assert nightly.says["text"] == "2 3 * * *"

    asyncio.run(story())


def test_what_cannot_be_is_said_and_the_rest_is_made(namespace: Namespace, tmp_path: Path):
    """An input that the definition refuses would fail every case: the schedule is not made."""

    async def story() -> None:
        async with staged(namespace, tmp_path) as stage, stage.worker():
            # Validation understands no `anyOf`: only the schema's own check sees it.
            schema = {"type": "object", "anyOf": [{"required": ["kpi"]}]}
            bad = definition(
                "report",
                schedules={"daily": {"cron": "0 3 * * *", "timezone": "UTC"}},
                input={"schema": {"document": schema}},
            )
            await stage.publish(bad, definition("nightly", schedule={"cron": "0 3 * * *"}))
            report = await stage.apply()

        assert report["created"] == [schedule_id("nightly", "cron")]
        (problem,) = report["unusable"]
        assert (problem["definition"], problem["name"]) == ("report", "daily")
        assert "its input does not fit the definition" in problem["why"]

    asyncio.run(story())


def _due(hour: int, minute: int, **more: Any) -> dict[str, Any]:
    return {"rule": "business-days", "at": f"{hour:02}:{minute:02}", "calendar": "always", **more}


def test_a_day_that_is_none_leaves_no_case(namespace: Namespace, tmp_path: Path):
    """The first activity asks the calendar; the workflow ends with the reason and without a record."""

    async def story() -> None:
        async with staged(namespace, tmp_path) as stage, stage.worker():
            await stage.publish(
                definition(
                    "report",
                    schedules={"dayOff": _due(3, 0, calendar="none"), "workday": _due(3, 0)},
                )
            )
            await stage.apply()
            day = datetime(2026, 3, 2, 3, tzinfo=UTC)
            for name in ("dayOff", "workday"):
                handle = stage.client.get_schedule_handle(schedule_id("report", name))
                await handle.backfill(
                    ScheduleBackfill(
                        start_at=day - timedelta(seconds=1), end_at=day + timedelta(seconds=1)
                    )
                )
            off, on = await until(lambda: stage.started("report"), lambda found: len(found) == 2)
            skipped = await stage.client.get_workflow_handle(off).result()
            assert await stage.client.get_workflow_handle(on).result() == {"done": True}
            await stage.recorded(on)
            assert await stage.records.case(off) is None
            (line,) = [
                each for each in await stage.records.history(on) if each["kind"] == "scheduled"
            ]
            there = await stage.client.get_workflow_handle(off).describe()

        assert off == "report:dayOff-2026-03-02T03:00:00Z"
        assert skipped["started"] is False
        assert skipped["why"] == "2026-03-02 is not business-days"
        assert skipped["calendar"] == "none"
        assert len(skipped["digest"]) == 64
        assert "2026-03-02 is business-days (calendar always)" in line["text"]
        assert "CasewayDefinition" not in {each.key.name for each in there.typed_search_attributes}

    asyncio.run(story())


def test_a_hand_starts_it_on_any_day(namespace: Namespace, tmp_path: Path):
    """An operator who triggers it wants the case now, whatever the calendar says."""

    async def story() -> None:
        async with staged(namespace, tmp_path) as stage, stage.worker():
            hour = (datetime.now(UTC).hour + 12) % 24
            await stage.publish(
                definition("report", schedules={"dayOff": _due(hour, 0, calendar="none")})
            )
            await stage.apply()
            await stage.schedules.trigger("report", "dayOff")
            (case,) = await until(lambda: stage.started("report"), lambda found: len(found) == 1)
            assert await stage.client.get_workflow_handle(case).result() == {"done": True}

    asyncio.run(story())


def test_a_hand_is_told_when_the_case_before_still_runs(namespace: Namespace, tmp_path: Path):
    """The overlap rule counts for it as well: it is refused, and not silently ignored."""

    async def story() -> None:
        async with staged(namespace, tmp_path) as stage, stage.worker():
            schedules = {"often": {"every": {"hours": 1}, "overlap": "skip"}}
            await stage.publish(definition("report", schedules=schedules, do=WAITS))
            await stage.apply()
            await stage.schedules.trigger("report", "often")
            (case,) = await until(lambda: stage.started("report"), lambda found: len(found) == 1)
            with pytest.raises(Refused, match=f"{case}, still runs"):
                await stage.schedules.trigger("report", "often")

    asyncio.run(story())


def test_without_its_calendar_a_start_fails_and_says_so(namespace: Namespace, tmp_path: Path):
    """Starting anyway would start a monthly report every day."""

    async def story() -> None:
        async with staged(namespace, tmp_path) as stage, stage.worker():
            await stage.publish(definition("report", schedules={"daily": _due(3, 0)}))
            await stage.apply()
            stage.bundles.put_organization({"calendars": {}})
            await _backfill(stage, "daily", datetime(2026, 3, 2, 3, tzinfo=UTC))
            (case,) = await until(lambda: stage.started("report"), lambda found: len(found) == 1)
            with pytest.raises(WorkflowFailureError) as failure:
                await stage.client.get_workflow_handle(case).result()
            assert 'no calendar "always"' in str(failure.value.cause)
            assert await stage.records.case(case) is None

    asyncio.run(story())


@pytest.mark.parametrize(("overlap", "running"), [("allow", 3), ("skip", 1), ("buffer-one", 1)])
def test_overlap(namespace: Namespace, tmp_path: Path, overlap: str, running: int):
    """Three starts while the first case runs: all, none, or one when it has ended."""

    async def story() -> None:
        async with staged(namespace, tmp_path) as stage, stage.worker():
            schedules = {"often": {"every": {"hours": 1}, "overlap": overlap}}
            await stage.publish(definition("report", schedules=schedules, do=WAITS))
            await stage.apply()
            for number in range(3):
                await _backfill(stage, "often", datetime(2026, 3, 2, number, tzinfo=UTC))
                await until(
                    lambda: _running(stage, "report"),
                    lambda found, n=number: len(found) >= min(n + 1, running),
                )
            await asyncio.sleep(1)
            first = await _running(stage, "report")
            assert len(first) == running
            if overlap == "buffer-one":
                await stage.client.get_workflow_handle(first[0]).signal("go")
                second = await until(
                    lambda: _running(stage, "report"), lambda found: found not in (first, [])
                )
                assert second == ["report:often-2026-03-02T01:00:00Z"]
                await stage.client.get_workflow_handle(second[0]).signal("go")
                await asyncio.sleep(1)
                assert await _running(stage, "report") == []

    asyncio.run(story())


async def _backfill(stage: Stage, name: str, at: datetime) -> None:
    await stage.client.get_schedule_handle(schedule_id("report", name)).backfill(
        ScheduleBackfill(start_at=at - timedelta(seconds=1), end_at=at + timedelta(seconds=1))
    )


async def _running(stage: Stage, definition: str) -> list[str]:
    found = []
    for each in await stage.started(definition):
        there = await stage.client.get_workflow_handle(each).describe()
        if there.status == WorkflowExecutionStatus.RUNNING:
            found.append(each)
    return found


def test_jitter_moves_the_start_and_not_the_time_that_it_is_meant_for(
    namespace: Namespace, tmp_path: Path
):
    """Keys stay those of the plan; else a rule would take its own starts for those of a hand."""

    async def story() -> None:
        async with staged(namespace, tmp_path) as stage, stage.worker():
            often = {"every": {"seconds": 4}, "jitter": {"seconds": 3}}
            await stage.publish(definition("report", schedules={"often": often}))
            await stage.apply()
            cases = await until(lambda: stage.started("report"), lambda found: len(found) >= 3)
            await stage.schedules.pause("report", "often", by="test", reason="enough")
            late = []
            for case in cases:
                there = await stage.client.get_workflow_handle(case).describe()
                meant = there.typed_search_attributes.get(MEANT_FOR)
                assert meant is not None
                assert case == f"report:often-{write_instant(meant)}"
                assert meant.timestamp() % 4 == 0
                late.append((there.start_time - meant).total_seconds())
            assert any(each > 0.3 for each in late), late

    asyncio.run(story())
