"""What starts cases by itself, over HTTP: looked at, paused, resumed, started by hand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.idempotency import Answer, IdempotencyKey, carry_out_once
from api.ports import Listed, Schedules
from api.raw_paths import segment
from api.security import Admin, Agent

router = APIRouter(tags=["schedules"])


class LastStart(BaseModel):
    """For when the last case was meant, and its id."""

    at: str
    case: str


class ScheduleLine(BaseModel):
    """A schedule of a definition. `next` are its next times in UTC, none while it is paused.

    `missed` counts times for which it was too late, `skipped` those at which the case before ran.
    """

    definition: str
    name: str
    schedule: dict[str, Any]
    paused: bool
    note: str
    next: list[str]
    last: LastStart | None
    missed: int
    skipped: int


class ScheduleList(BaseModel):
    """All schedules, by definition and name."""

    schedules: list[ScheduleLine]


class ScheduleReason(BaseModel):
    """Why; it stands beside the schedule."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=500)


@router.get("/schedules", openapi_extra={"x-eventually-consistent": True})
async def list_schedules(request: Request, _: Agent) -> ScheduleList:
    """What starts cases by itself: when next, which case it was last, whether it is paused."""
    found = await _schedules(request).list()
    return ScheduleList(schedules=[_line(each) for each in found])


@router.get("/schedules/{definition}/{name}")
async def show_schedule(request: Request, definition: str, name: str, _: Agent) -> ScheduleLine:
    """One schedule."""
    return _line(await _schedules(request).show(segment(definition), segment(name)))


@router.post("/schedules/{definition}/{name}/pause", response_model=ScheduleLine)
async def pause_schedule(
    request: Request,
    definition: str,
    name: str,
    why: ScheduleReason,
    caller: Admin,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Let it start nothing until it is resumed."""
    by = caller.person or caller.label

    async def act(_: str) -> Answer:
        return await _answer(
            lambda: _schedules(request).pause(
                segment(definition), segment(name), by=by, reason=why.reason
            )
        )

    return await carry_out_once(request, caller, idempotency_key, act)


@router.post("/schedules/{definition}/{name}/resume", response_model=ScheduleLine)
async def resume_schedule(
    request: Request,
    definition: str,
    name: str,
    why: ScheduleReason,
    caller: Admin,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Let it start cases again; what was missed meanwhile stays missed."""
    by = caller.person or caller.label

    async def act(_: str) -> Answer:
        return await _answer(
            lambda: _schedules(request).resume(
                segment(definition), segment(name), by=by, reason=why.reason
            )
        )

    return await carry_out_once(request, caller, idempotency_key, act)


@router.post("/schedules/{definition}/{name}/trigger", response_model=ScheduleLine)
async def trigger_schedule(
    request: Request,
    definition: str,
    name: str,
    caller: Admin,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Start a case of it now, whatever day it is; its overlap rule counts."""

    async def act(_: str) -> Answer:
        return await _answer(
            lambda: _schedules(request).trigger(segment(definition), segment(name))
        )

    return await carry_out_once(request, caller, idempotency_key, act)


async def _answer(act: Callable[[], Awaitable[Listed]]) -> Answer:
    return Answer(200, _line(await act()).model_dump(mode="json"))


def _line(found: Listed) -> ScheduleLine:
    return ScheduleLine.model_validate(found.to_json())


def _schedules(request: Request) -> Schedules:
    schedules: Schedules = request.app.state.schedules
    return schedules
