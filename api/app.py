"""The HTTP door: everything that people's programs, other systems and links come in by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI

from api import errors
from api.body_limit import BodyLimit
from api.ports import (
    Cases,
    Definitions,
    Health,
    Links,
    Organization,
    Publisher,
    Requests,
    Schedules,
)
from api.problems import MEDIA_TYPE, SCHEMA
from api.raw_paths import RawPaths
from api.request_ids import RequestIds
from api.routes import cases, definitions, docs, events, health, hooks, links, schedules, work_items
from api.tokens import Tokens
from intake.alerts import Alerts

VERSION = "1.0.0"
BODY_LIMIT_BYTES = 1_000_000

ROUTERS = (
    cases.router, work_items.router, definitions.router, events.router, hooks.router, links.router, schedules.router, docs.router,
    health.router,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    """Everything behind the door."""

    cases: Cases
    events: Publisher
    definitions: Definitions
    organization: Organization
    requests: Requests
    links: Links
    alerts: Alerts
    schedules: Schedules
    tokens: Tokens
    health: Health


def create_app(rooms: Rooms, *, body_limit_bytes: int = BODY_LIMIT_BYTES) -> FastAPI:
    """The application; it holds no state of its own."""
    app = FastAPI(
        title="Caseway",
        version=VERSION,
        description="Service processes: cases, work items, definitions.",
        # The interactive pages load scripts from another site.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses={
            "4XX": {
                "description": "A problem, RFC 9457",
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
        },
    )
    for name in Rooms.__dataclass_fields__:
        setattr(app.state, name, getattr(rooms, name))
    for router in ROUTERS:
        app.include_router(router)
    errors.install(app)
    # The last one added is the outermost.
    app.add_middleware(BodyLimit, limit_bytes=body_limit_bytes)
    app.add_middleware(RawPaths)
    app.add_middleware(RequestIds)
    _describe_problems(app)
    return app


def _describe_problems(app: FastAPI) -> None:
    """Put our shape of errors into the OpenAPI document, in place of FastAPI's own."""
    made_by_fastapi = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = made_by_fastapi()
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            schemas["Problem"] = dict(SCHEMA)
            schemas.pop("HTTPValidationError", None)
            schemas.pop("ValidationError", None)
            for operations in document["paths"].values():
                for operation in operations.values():
                    operation["responses"].pop("422", None)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
