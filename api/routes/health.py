"""Whether this process lives, whether it can serve, and what its problems mean."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from api.ports import Health
from api.problems import KINDS, Problem

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def is_alive() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz", responses={503: {"description": "Cases cannot be served now."}})
async def is_ready(request: Request) -> Response:
    """The workflow server and the records can be reached."""
    health: Health = request.app.state.health
    problems = list(await health.problems())
    if problems:
        return JSONResponse({"status": "not ready", "problems": problems}, 503)
    return JSONResponse({"status": "ready"})


@router.get("/problems/{code}")
async def explain_problem(code: str) -> dict[str, str | int]:
    """What a problem's `type` means, and what to do about it."""
    kind = KINDS.get(code)
    if kind is None:
        raise Problem("not-found", f'There is no kind of problem "{code}".')
    return {"code": code, "title": kind.title, "status": kind.status, "advice": kind.advice}
