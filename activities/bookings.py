"""`conflict.check`, `calendar.book`, `calendar.release`: planned work and what is in its way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from activities.ports import Json, OrganizationStore, Records
from activities.request import Request
from integrations.errors import Conflict, NotFound, Refused
from service.booking_acts import Plan
from service.bookings import all_described

SYSTEM = "calendar"


class Bookings:
    """Bookings in the records, judged by the organization in force."""

    def __init__(
        self, records: Records, organization: OrganizationStore, now: Callable[[], datetime]
    ) -> None:
        self._records = records
        self._organization = organization
        self._now = now

    async def check(self, request: Request) -> Mapping[str, Json]:
        """`conflict.check`: {free, conflicts}."""
        plan = await self._plan(request)
        others = await self._records.bookings_between(
            plan.wanted.begin, plan.wanted.end, without=request.case_id
        )
        return plan.check(others)

    async def book(self, request: Request) -> Mapping[str, Json]:
        """`calendar.book`: {id, window, booked, conflicts}.

        `run`, `booking` and `number` are the case's own: they say which booking this is, so that it
        is made once and never after a newer one.

        Raises:
            Conflict: something is in the way, and the task does not ask to be told.
            Refused: who overrides may not.
        """
        given = request.arguments
        plan = await self._plan(request)
        made = await self._records.book(
            request.case_id,
            given["run"],
            given["booking"],
            given["number"],
            plan.wanted.begin,
            plan.wanted.end,
            lambda others: plan.booking(given["booking"], others),
        )
        if plan.refused is not None:
            raise Refused(SYSTEM, str(plan.refused))
        if made is None and given.get("onConflict") != "report":
            raise Conflict(SYSTEM, all_described(plan.found))
        return plan.result(made)

    async def release(self, request: Request) -> Mapping[str, Json]:
        """`calendar.release`: {released}; a booking of the case itself."""
        given = request.arguments
        booking = given.get("booking")
        if booking is None:
            return {"released": False}
        if not await self._records.release_booking(request.case_id, given["run"], booking):
            raise NotFound(SYSTEM, f"the case has no booking {booking}")
        return {"released": True}

    async def _plan(self, request: Request) -> Plan:
        organization = await self._organization.current()
        return Plan.read(organization, request.case_id, request.arguments, self._now())
