"""Work items over HTTP: the worklist, and what people do with an item."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.idempotency import Answer, IdempotencyKey, carry_out_once
from api.ports import Cases
from api.problems import Problem
from api.raw_paths import segment
from api.security import Agent, acting_person
from api.tokens import Caller

router = APIRouter(tags=["work items"])

_PERSON = Field(
    None, max_length=255, description="Id of the person who acts; the token's own without it."
)


_REASON = Field(
    None, max_length=2000, description="Why an overseer acts in place of those it is for."
)


class WorkItemPage(BaseModel):
    """Part of the worklist; `next` is the cursor of the next part, null at the end."""

    items: list[dict[str, Any]]
    next: str | None


class Act(BaseModel):
    """Who acts."""

    model_config = ConfigDict(extra="forbid")

    by: str | None = _PERSON
    reason: str | None = _REASON


class Reassignment(BaseModel):
    """Who gets the item, and why: `to` is a Who, such as {"person": "wu"} or {"group": "network"}."""

    model_config = ConfigDict(extra="forbid")

    to: dict[str, Any] | list[dict[str, Any]]
    reason: str = Field(min_length=1, max_length=2000)
    by: str | None = _PERSON


class Delegation(BaseModel):
    """Who does the item for the one who has it; to that person, it is taken back."""

    model_config = ConfigDict(extra="forbid")

    to: str = Field(min_length=1, max_length=255, description="Id of a person.")
    by: str | None = _PERSON
    reason: str | None = _REASON


class Draft(BaseModel):
    """What was filled in so far."""

    model_config = ConfigDict(extra="forbid")

    values: dict[str, Any]
    by: str | None = _PERSON


class ItemAnswer(BaseModel):
    """An answer: one of the item's outcomes, and what its form asks for."""

    model_config = ConfigDict(extra="forbid")

    outcome: str = Field(min_length=1, max_length=255)
    values: dict[str, Any] = Field(default_factory=dict)
    by: str | None = _PERSON
    reason: str | None = _REASON
    onBehalfOf: str | None = Field(None, max_length=255)  # noqa: N815  the name in JSON
    effort: str | dict[str, Any] | None = Field(
        None, description='How long it took: PT30M, or { "minutes": 30 }.'
    )


@router.get("/work-items", openapi_extra={"x-eventually-consistent": True})
async def list_work_items(
    request: Request,
    caller: Agent,
    person: str | None = None,
    group: str | None = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> WorkItemPage:
    """Open work items of a person (those of the person's groups included) or of a group."""
    if person is None and group is None:
        person = caller.person
    page = await _cases(request).worklist(person=person, group=group, cursor=cursor, limit=limit)
    return WorkItemPage(items=[dict(each) for each in page.items], next=page.cursor)


@router.get("/cases/{case}/work-items/{item}")
async def show_work_item(request: Request, case: str, item: str, _: Agent) -> dict[str, Any]:
    """A work item with its form, outcomes, draft and history."""
    view = await _cases(request).show(segment(case))
    return dict(find_item(view, segment(case), segment(item)))


@router.post("/cases/{case}/work-items/{item}/claim")
async def claim_work_item(
    request: Request,
    case: str,
    item: str,
    act: Act,
    caller: Agent,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Take an item out of its pool. Claiming one's own again changes nothing."""
    by = acting_person(caller, act.by)
    cases = _cases(request)
    return await _once(
        request,
        caller,
        idempotency_key,
        lambda request_id: cases.claim(
            segment(case), segment(item), by=by, reason=act.reason, request_id=request_id
        ),
    )


@router.post("/cases/{case}/work-items/{item}/release")
async def release_work_item(
    request: Request,
    case: str,
    item: str,
    act: Act,
    caller: Agent,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Give a claimed item back to its pool."""
    by = acting_person(caller, act.by)
    cases = _cases(request)
    return await _once(
        request,
        caller,
        idempotency_key,
        lambda request_id: cases.release(
            segment(case), segment(item), by=by, reason=act.reason, request_id=request_id
        ),
    )


@router.post("/cases/{case}/work-items/{item}/reassign")
async def reassign_work_item(
    request: Request,
    case: str,
    item: str,
    wanted: Reassignment,
    caller: Agent,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Give an item to others; it keeps its draft and due time, and both sides are told."""
    by = acting_person(caller, wanted.by)
    cases = _cases(request)
    return await _once(
        request,
        caller,
        idempotency_key,
        lambda request_id: cases.reassign(
            segment(case),
            segment(item),
            wanted.to,
            by=by,
            reason=wanted.reason,
            request_id=request_id,
        ),
    )


@router.post("/cases/{case}/work-items/{item}/delegate")
async def delegate_work_item(
    request: Request,
    case: str,
    item: str,
    wanted: Delegation,
    caller: Agent,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Let another person do an item; who has it stays accountable, and both are told."""
    by = acting_person(caller, wanted.by)
    cases = _cases(request)
    return await _once(
        request,
        caller,
        idempotency_key,
        lambda request_id: cases.delegate(
            segment(case),
            segment(item),
            wanted.to,
            by=by,
            reason=wanted.reason,
            request_id=request_id,
        ),
    )


@router.put("/cases/{case}/work-items/{item}/draft")
async def save_draft(
    request: Request,
    case: str,
    item: str,
    draft: Draft,
    caller: Agent,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Keep what was filled in so far; it is checked when it is sent as an answer."""
    by = acting_person(caller, draft.by)
    cases = _cases(request)
    return await _once(
        request,
        caller,
        idempotency_key,
        lambda request_id: cases.draft(
            segment(case), segment(item), draft.values, by=by, request_id=request_id
        ),
    )


@router.post("/cases/{case}/work-items/{item}/answer")
async def answer_work_item(
    request: Request,
    case: str,
    item: str,
    answer: ItemAnswer,
    caller: Agent,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Answer an item. Only the first answer counts; the same one again is confirmed again."""
    by = acting_person(caller, answer.by)
    cases = _cases(request)
    return await _once(
        request,
        caller,
        idempotency_key,
        lambda request_id: cases.answer(
            segment(case),
            segment(item),
            answer.outcome,
            answer.values,
            by=by,
            on_behalf_of=answer.onBehalfOf,
            reason=answer.reason,
            effort=answer.effort,
            via="api",
            request_id=request_id,
        ),
    )


def find_item(view: Mapping[str, Any], case: str, item: str) -> Mapping[str, Any]:
    """The work item of a case's view.

    Raises:
        Problem: 404 where the case has none of that id.
    """
    for each in view.get("items", []):
        if each["id"] == item:
            found: Mapping[str, Any] = each
            return found
    raise Problem("item-not-found", f'The case "{case}" has no work item "{item}".')


async def _once(
    request: Request,
    caller: Caller,
    key: str | None,
    act: Callable[[str], Awaitable[Mapping[str, Any]]],
) -> Response:
    async def answer(request_id: str) -> Answer:
        return Answer(200, dict(await act(request_id)))

    return await carry_out_once(request, caller, key, answer)


def _cases(request: Request) -> Cases:
    cases: Cases = request.app.state.cases
    return cases
