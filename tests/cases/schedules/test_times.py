"""The times that we tell are those of the server: asked for years ahead, clocks changed included."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Any

import pytest
from temporalio.api.workflowservice.v1 import ListScheduleMatchingTimesRequest
from temporalio.client import Client

from cases.schedules.temporal import as_schedule, schedule_id
from cases.schedules.upcoming import upcoming
from cases.schedules.wanted import Wanted
from service.schedules.declared import Declared, declared
from tests.conftest import Namespace

pytestmark = pytest.mark.server

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ORGANIZATION: dict[str, Any] = {
    "calendars": {"office": {"timezone": "Europe/Berlin", "week": {"mon-fri": ["09:00-17:00"]}}}
}
ZONES = ("UTC", "Europe/Berlin", "Asia/Taipei", "America/New_York", "Australia/Lord_Howe")
EXPRESSIONS = (
    "30 2 * * *",
    "0 9 13 * 5",
    "0 9 * * 7",
    "0 9 * * 0,6",
    "15 8-17/3 * JAN,jul mon-FRI",
    "0 0 1 1 *",
    "5/25 4 * * *",
    "0 12 29 2 *",
    "0 9 */10 * 1",
    "@weekly",
    "0 0 31 * *",
    "0 3 1-7 * 2",
)


def of(entry: dict[str, Any]) -> Declared:
    """Give the schedule that an entry of metadata declares."""
    (found,) = declared("report", None, {"times": entry}, None, ORGANIZATION)
    return found


async def _on_server(
    client: Client, each: Declared, name: str, first: datetime, last: datetime
) -> list[datetime]:
    identity = schedule_id(name, each.name)
    schedule = as_schedule(Wanted(each, "Report"), NOW)
    schedule.state.paused = True
    await client.create_schedule(identity, schedule)
    request = ListScheduleMatchingTimesRequest(namespace=client.namespace, schedule_id=identity)
    request.start_time.FromDatetime(first)
    request.end_time.FromDatetime(last)
    answer = await client.workflow_service.list_schedule_matching_times(request)
    return [each.ToDatetime(UTC) for each in answer.start_time if each.ToDatetime(UTC) > first]


def _told(each: Declared, first: datetime, last: datetime) -> list[datetime]:
    found = (one.at for one in upcoming(each, ORGANIZATION, first, 1000) if one.at is not None)
    return list(takewhile(lambda at: at <= last, found))


@pytest.mark.parametrize("zone", ZONES)
def test_cron_times_are_those_of_the_server(namespace: Namespace, zone: str):
    """Either day where both are given, names, steps, leap days, and nights of the clocks."""

    async def story() -> None:
        client = await Client.connect(namespace.address, namespace=namespace.name)
        for number, expression in enumerate(EXPRESSIONS):
            each = of({"cron": expression, "timezone": zone})
            last = NOW + timedelta(days=500)
            served = await _on_server(client, each, f"r{number}", NOW, last)
            assert _told(each, NOW, last)[: len(served)] == served, expression
            assert served or expression == "0 12 29 2 *"

    asyncio.run(story())


@pytest.mark.parametrize("zone", ZONES)
def test_a_rule_is_asked_every_day_also_where_no_clock_shows_its_time(
    namespace: Namespace, zone: str
):
    """Days of 23 and 25 hours have one start as well, at the time that `instant` says."""

    async def story() -> None:
        client = await Client.connect(namespace.address, namespace=namespace.name)
        for number, at in enumerate(("02:30", "02:00", "09:00", "00:00")):
            each = of({"rule": "every-day", "at": at, "timezone": zone})
            last = NOW + timedelta(days=400)
            served = await _on_server(client, each, f"r{number}", NOW, last)
            assert _told(each, NOW, last) == served, at

    asyncio.run(story())


def test_intervals_are_counted_as_the_server_counts_them(namespace: Namespace):
    """From the beginning of 1970, wherever the server was started."""

    async def story() -> None:
        client = await Client.connect(namespace.address, namespace=namespace.name)
        for number, every in enumerate(({"hours": 7}, "P1D", {"minutes": 90}, {"seconds": 3601})):
            each = of({"every": every})
            last = NOW + timedelta(days=20)
            served = await _on_server(client, each, f"r{number}", NOW, last)
            assert _told(each, NOW, last)[: len(served)] == served
            assert len(served) > 15

    asyncio.run(story())


def test_a_day_off_is_left_out_and_said():
    """A cron expression with `holiday: skip` lists what its calendar leaves out."""
    each = of({"cron": "0 9 * * *", "holiday": "skip", "calendar": "office"})
    found = upcoming(each, ORGANIZATION, datetime(2026, 3, 6, 12, tzinfo=UTC), 1)

    assert [one.meant for one in found] == [
        "2026-03-07 09:00",
        "2026-03-08 09:00",
        "2026-03-09 09:00",
    ]
    assert found[0].why == "2026-03-07 is not worked in office: left out"
    assert found[2].at == datetime(2026, 3, 9, 8, tzinfo=UTC)
