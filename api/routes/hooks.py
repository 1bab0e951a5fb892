"""Webhooks: other systems tell us, and are answered only when it cannot be lost any more."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import structlog
from fastapi import APIRouter, Request

from api.problems import Problem
from api.raw_paths import segment
from api.security import Credentials, recognize
from cases.errors import DefinitionNotFound
from intake.alerts import Alerts, BrokenPayload

router = APIRouter(tags=["hooks"])

log = structlog.get_logger()

_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}


@router.post("/hooks/alertmanager", openapi_extra=_BODY)
async def take_alerts(request: Request, credentials: Credentials) -> dict[str, Any]:
    """Take a notification of Alertmanager (version 4); the same one again changes nothing."""
    return await _take(request, credentials.credentials if credentials else None)


@router.post("/hooks/alertmanager/{token}", openapi_extra=_BODY)
async def take_alerts_with_token(request: Request, token: str) -> dict[str, Any]:
    """The same, for systems that cannot send a header."""
    return await _take(request, segment(token))


async def _take(request: Request, token: str | None) -> dict[str, Any]:
    recognize(request.app.state.tokens, token, "intake")
    alerts: Alerts = request.app.state.alerts
    try:
        payload = json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise Problem("broken-body", "The body is not JSON.") from error
    try:
        taken = await alerts.take(payload)
    except BrokenPayload as error:
        raise Problem(
            "broken-body",
            "The body is not a notification of Alertmanager, version 4.",
            errors=[{"pointer": error.pointer, "detail": error.detail}],
        ) from error
    except DefinitionNotFound as error:
        # 4xx would tell the sender to drop the alert; what is missing here may come.
        log.warning("alerts wait for a definition", definition=error.name)
        raise Problem("server-unavailable", str(error), headers={"Retry-After": "30"}) from error
    return {"alerts": [asdict(each) for each in taken]}
