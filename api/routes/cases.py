"""Cases over HTTP: start, list, show, tell, cancel."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.idempotency import Answer, IdempotencyKey, carry_out_once
from api.ports import Cases
from api.raw_paths import address_of, segment
from api.security import Admin, Agent, Starter
from cases.deciding import decide_all
from cases.errors import WorkerSilent
from cases.selecting import held_tasks

router = APIRouter(tags=["cases"])


class CaseStart(BaseModel):
    """What starts a case. Without a key the definition's own rule makes one from the input."""

    model_config = ConfigDict(extra="forbid")

    definition: str = Field(min_length=1, max_length=255)
    input: Any = None
    key: str | None = Field(None, min_length=1, max_length=255)
    version: str | None = Field(
        None, max_length=255, description="A version or a range; the newest one without it."
    )
    drill: bool = Field(
        default=False, description="It writes nothing outside and tells the drill list only."
    )


class CaseStarted(BaseModel):
    """Where the case is. `started` is false where it was there already."""

    case: str
    definition: str
    version: str | None
    started: bool
    address: str


class CaseFilters(BaseModel):
    """Which cases a list holds; all that is given must match."""

    model_config = ConfigDict(extra="forbid")

    definition: str | None = None
    key: str | None = None
    phase: str | None = None
    status: str | None = None
    priority: str | None = None
    type: str | None = None
    requester: str | None = Field(None, description="An address, or a person's id.")
    group: str | None = None
    owner: str | None = None
    person: str | None = Field(None, description="Who owns the case or has open work in it.")
    ticket: str | None = None
    matter: str | None = Field(
        None, description="Id of a root case; own: one line for each matter."
    )
    drill: str | None = Field(None, description="true: only drills; false: none of them.")
    cursor: str | None = None
    limit: int = Field(50, ge=1, le=200)


class CasePage(BaseModel):
    """Part of the list; `next` is the cursor of the next part, null at the end."""

    cases: list[dict[str, Any]]
    next: str | None


class CaseEvent(BaseModel):
    """A CloudEvent for the case; its id makes it repeatable."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(min_length=1, max_length=255)
    id: str | None = Field(None, min_length=1, max_length=255)
    source: str | None = Field(None, max_length=1000)
    time: AwareDatetime | None = None
    specversion: Literal["1.0"] | None = None
    subject: str | None = Field(None, min_length=1, max_length=1000)
    datacontenttype: str | None = Field(None, min_length=1, max_length=255)
    dataschema: str | None = Field(None, min_length=1, max_length=1000)
    data: Any = None


class EventTaken(BaseModel):
    """What became of the event: delivered, buffered, reopened or duplicate."""

    case: str
    event: str
    state: str


class CaseCancel(BaseModel):
    """Why the case ends early."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=2000)


class ClockRecalculation(BaseModel):
    """Why a deadline is counted anew; `target`: whether the clock's target is decided anew as well."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=2000)
    target: bool = False


class Recalculated(BaseModel):
    """The deadline before and after; `state` is accepted where the case has not got to it yet."""

    model_config = ConfigDict(extra="allow")

    clock: str
    state: Literal["recalculated", "accepted"]
    was: str | None = None
    deadline: str | None = None


class CaseSuspend(BaseModel):
    """Why the case stands still, and whether its clocks do."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=2000)
    pauseClocks: bool = False  # noqa: N815  the name in JSON


class CaseResume(BaseModel):
    """Why the case goes on."""

    model_config = ConfigDict(extra="forbid")

    reason: str | None = Field(None, min_length=1, max_length=2000)


class HeldDecision(BaseModel):
    """What becomes of a held task: it is tried again, skipped with a result, or fails."""

    model_config = ConfigDict(extra="forbid")

    act: Literal["retry", "skip", "fail"]
    task: str | None = Field(
        None, max_length=1000, description="Name or place of the task, where several are held."
    )
    value: Any = Field(None, description="The result of a skipped task.")
    reason: str | None = Field(None, min_length=1, max_length=2000)


class HeldTasks(BaseModel):
    """Which held tasks, and what becomes of all of them; with `dryRun` they are only listed."""

    model_config = ConfigDict(extra="forbid")

    definition: str | None = None
    status: str | None = None
    task: str | None = Field(None, max_length=1000)
    error: str | None = Field(None, description="In the error's title, type or text.")
    heldBefore: AwareDatetime | None = None  # noqa: N815  the name in JSON
    act: Literal["retry", "skip", "fail"]
    value: Any = Field(None, description="The result of a skipped task.")
    reason: str = Field(min_length=1, max_length=2000)
    dryRun: bool = False  # noqa: N815  the name in JSON


class DecidedTasks(BaseModel):
    """A line for each held task: {case, task, act, state, error, since, reason?}."""

    tasks: list[dict[str, Any]]


class StepMap(BaseModel):
    """What has another name in the new version: old name -> new name."""

    model_config = ConfigDict(extra="forbid")

    tasks: dict[str, str] = Field(default_factory=dict)
    clocks: dict[str, str] = Field(default_factory=dict)


class CaseMove(BaseModel):
    """The version to which the case moves, and why; with `dryRun` it is only looked at."""

    model_config = ConfigDict(extra="forbid")

    to: str = Field(min_length=1, max_length=255)
    map: StepMap = Field(default_factory=StepMap)
    reason: str = Field(min_length=1, max_length=2000)
    dryRun: bool = False  # noqa: N815  the name in JSON


@router.post("/cases", status_code=202, response_model=CaseStarted)
async def start_case(
    request: Request, start: CaseStart, caller: Starter, idempotency_key: IdempotencyKey = None
) -> Response:
    """Start a case, or join the one that has its key. `Location` is its address."""

    async def act(request_id: str) -> Answer:
        version: str | None = None
        try:
            begun = await _cases(request).start(
                start.definition,
                start.input,
                key=start.key,
                version=start.version,
                by=caller.person or caller.label,
                request_id=request_id,
                drill=start.drill,
            )
            case, version, fresh = begun.case, begun.version, begun.started
        except WorkerSilent as error:
            if not error.started:
                raise
            # The server has the case: it goes on as soon as a worker runs.
            case, fresh = error.case, not error.joined
        address = address_of(case)
        body = CaseStarted(
            case=case,
            definition=start.definition,
            version=version,
            started=fresh,
            address=address,
        )
        return Answer(202, body.model_dump(mode="json"), {"Location": address})

    return await carry_out_once(request, caller, idempotency_key, act)


@router.get("/cases", openapi_extra={"x-eventually-consistent": True})
async def list_cases(
    request: Request, wanted: Annotated[CaseFilters, Query()], _: Agent
) -> CasePage:
    """Cases that match all given filters, newest first."""
    filters = wanted.model_dump(exclude={"cursor", "limit"}, exclude_none=True)
    page = await _cases(request).list(filters, wanted.cursor, wanted.limit)
    return CasePage(cases=[dict(each) for each in page.items], next=page.cursor)


@router.get("/cases/{case}")
async def show_case(request: Request, case: str, _: Agent) -> dict[str, Any]:
    """Where a case stands: its data, open work items, clocks and what happened."""
    return dict(await _cases(request).show(segment(case)))


@router.post("/cases/{case}/events", status_code=202, response_model=EventTaken)
async def send_event(
    request: Request,
    case: str,
    event: CaseEvent,
    caller: Starter,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Tell a case that something happened; the same event id twice counts once."""

    async def act(request_id: str) -> Answer:
        document = event.model_dump(mode="json", exclude_none=True)
        document.setdefault("id", request_id)
        document.setdefault("source", f"api:{caller.label}")
        taken = await _cases(request).event(segment(case), document)
        body = EventTaken(case=segment(case), event=document["id"], state=taken.state)
        return Answer(202, body.model_dump(mode="json"))

    return await carry_out_once(request, caller, idempotency_key, act)


@router.post("/cases/{case}/cancel", status_code=202)
async def cancel_case(
    request: Request,
    case: str,
    cancel: CaseCancel,
    caller: Agent,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """End a case early. What it has begun is undone or withdrawn as its definition says."""

    async def act(request_id: str) -> Answer:
        by = caller.person or caller.label
        result = await _cases(request).cancel(
            segment(case), cancel.reason, by=by, request_id=request_id
        )
        return Answer(202, dict(result))

    return await carry_out_once(request, caller, idempotency_key, act)


@router.post("/cases/{case}/clocks/{clock}/recalculate", response_model=Recalculated)
async def recalculate_clock(
    request: Request,
    case: str,
    clock: str,
    wanted: ClockRecalculation,
    caller: Agent,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Count a running clock's deadline anew, in its calendar as it is now; both deadlines are kept.

    A running clock keeps the calendar that it was counted in first, so that an edited calendar moves
    no deadline by itself.
    """

    async def act(request_id: str) -> Answer:
        result = await _cases(request).recalculate(
            segment(case),
            segment(clock),
            by=caller.person or caller.label,
            reason=wanted.reason,
            decide=wanted.target,
            request_id=request_id,
        )
        return Answer(200, dict(result))

    return await carry_out_once(request, caller, idempotency_key, act)


@router.post("/cases/{case}/suspend")
async def suspend_case(
    request: Request,
    case: str,
    suspend: CaseSuspend,
    caller: Agent,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Let no task of a case begin. Answers and events are taken and kept, times run on."""

    async def act(request_id: str) -> Answer:
        result = await _cases(request).suspend(
            segment(case),
            suspend.reason,
            by=caller.person or caller.label,
            pause_clocks=suspend.pauseClocks,
            request_id=request_id,
        )
        return Answer(200, dict(result))

    return await carry_out_once(request, caller, idempotency_key, act)


@router.post("/cases/{case}/resume")
async def resume_case(
    request: Request,
    case: str,
    resume: CaseResume,
    caller: Agent,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Let a suspended case go on; what was due meanwhile happens now."""

    async def act(request_id: str) -> Answer:
        by = caller.person or caller.label
        result = await _cases(request).resume(
            segment(case), by=by, reason=resume.reason, request_id=request_id
        )
        return Answer(200, dict(result))

    return await carry_out_once(request, caller, idempotency_key, act)


@router.post("/cases/{case}/held")
async def decide_held_task(
    request: Request,
    case: str,
    decision: HeldDecision,
    caller: Admin,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Decide about a held task, when what kept it has been mended or cannot be."""

    async def act(request_id: str) -> Answer:
        result = await _cases(request).operate(
            segment(case),
            decision.task,
            decision.act,
            by=caller.person or caller.label,
            reason=decision.reason,
            value=decision.value,
            request_id=request_id,
        )
        return Answer(200, dict(result))

    return await carry_out_once(request, caller, idempotency_key, act)


@router.post("/held", response_model=DecidedTasks)
async def decide_held_tasks(
    request: Request,
    wanted: HeldTasks,
    caller: Admin,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Decide the same about all held tasks that match, when what kept them has been mended.

    Without a definition those of the cases in the phase `held`; of a definition also reactions.
    """

    async def act(request_id: str) -> Answer:
        del request_id
        cases = _cases(request)
        given = {"definition": wanted.definition, "status": wanted.status}
        filters = {name: value for name, value in given.items() if value is not None}
        if wanted.definition is None:
            filters["phase"] = "held"
        held = [
            each
            async for each in held_tasks(
                cases, (), filters, task=wanted.task, error=wanted.error, before=wanted.heldBefore
            )
        ]
        report = await decide_all(
            cases,
            held,
            wanted.act,
            by=caller.person or caller.label,
            reason=wanted.reason,
            value=wanted.value,
            dry_run=wanted.dryRun,
        )
        return Answer(200, {"tasks": [each.to_json() for each in report]})

    return await carry_out_once(request, caller, idempotency_key, act)


@router.post("/cases/{case}/migrate")
async def migrate_case(
    request: Request,
    case: str,
    move: CaseMove,
    caller: Admin,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Move a case to another version of its definition, as a whole or not at all.

    `state` is migrated, would-migrate (of a dry run), refused with all `obstacles`, same, or accepted
    where running actions were not over in time.
    """

    async def act(request_id: str) -> Answer:
        cases, name, step_map = _cases(request), segment(case), move.map.model_dump()
        if move.dryRun:
            found = await cases.look_at_move(name, move.to, step_map)
        else:
            by = caller.person or caller.label
            found = await cases.move(
                name, move.to, step_map, by=by, reason=move.reason, request_id=request_id
            )
        return Answer(200, found.to_json())

    return await carry_out_once(request, caller, idempotency_key, act)


def _cases(request: Request) -> Cases:
    cases: Cases = request.app.state.cases
    return cases
