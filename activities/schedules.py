"""Schedules, as seen from activities: made equal to what is published, decided, a chain moved on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from activities.ports import Json, OrganizationStore, Records, Schedules
from activities.request import Request
from service.instants import read_instant
from service.schedules.decision import Start, case_of, decide_start, starts_before
from service.schedules.declared import Declared

PUNCTUAL = timedelta(minutes=1)
"""A start that is no later has not waited for the case before it."""


class ScheduleActs:
    """What the reconciler and scheduled cases ask for."""

    def __init__(
        self, schedules: Schedules, organization: OrganizationStore, records: Records
    ) -> None:
        self._schedules = schedules
        self._organization = organization
        self._records = records

    async def apply(self, request: Mapping[str, Json]) -> Json:
        """`schedules.apply`: create, update and delete what differs; {created, updated, ...}."""
        del request
        return (await self._schedules.apply()).to_json()

    async def decide(self, request: Mapping[str, Json]) -> Json:
        """`schedule.decide`: {schedule, at, case, run, began} -> {due, why, calendar, digest}."""
        kept = await self._records.begun(request["case"])
        if kept is not None and kept[0] != request["run"]:
            return Start(False, "this time has had its case before").to_json()
        each = Declared.from_json(request["schedule"])
        organization = await self._organization.current()
        at = read_instant(request["at"])
        found = decide_start(each, organization, at)
        late = read_instant(request["began"]) - at > PUNCTUAL
        if found.due and late and each.kind == "rule" and each.overlap == "buffer-one":
            before = await self._waited(each, organization, at)
            if before is not None:
                return Start(False, f"{before} was waiting already, and one waits").to_json()
        return found.to_json()

    async def _waited(
        self, each: Declared, organization: Mapping[str, Json], at: datetime
    ) -> str | None:
        """The case before that had not begun yet when this one was meant to start."""
        for earlier in starts_before(each, organization, at):
            case = case_of(each, earlier)
            begun = await self._records.begun(case)
            if begun is not None:
                return case if begun[1] > at else None
        return None

    async def follow(self, request: Request) -> Mapping[str, Json]:
        """`schedule.follow`: the case has closed, the next one is to start; {state, at}."""
        given = request.arguments
        return await self._schedules.follow(
            given["definition"],
            request.case_id,
            read_instant(given["scheduled"]),
            read_instant(given["closed"]),
            given["as"],
        )
