"""Published definitions over HTTP, and the check of a text that is not published."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.responses import PlainTextResponse, Response

from api.errors import findings_problem
from api.ports import Bundle, Definitions
from api.problems import Problem
from api.raw_paths import segment
from api.security import Agent, Starter
from cases.errors import DefinitionNotFound

router = APIRouter(tags=["definitions"])

YAML = "application/yaml"
_TEXT_TYPES = frozenset({YAML, "application/x-yaml", "text/yaml", "text/x-yaml", "text/plain"})


class DefinitionLine(BaseModel):
    """A published definition, newest version."""

    name: str
    version: str
    title: str
    owner: str | None


class DefinitionList(BaseModel):
    """All published definitions."""

    definitions: list[DefinitionLine]


class DefinitionDetail(DefinitionLine):
    """`input` is the JSON Schema that a start's input must fit; null takes anything."""

    digest: str
    input: Any = None


class Findings(BaseModel):
    """Nothing here keeps the definition from being published."""

    findings: list[dict[str, Any]]


@router.get("/definitions")
async def list_definitions(request: Request, _: Starter) -> DefinitionList:
    """All published definitions, by name."""
    definitions = _definitions(request)
    lines = []
    for name in await definitions.names():
        bundle = await definitions.newest(name)
        if bundle is not None:
            lines.append(DefinitionLine(**_line(bundle)))
    return DefinitionList(definitions=lines)


@router.get(
    "/definitions/{name}",
    response_model=DefinitionDetail,
    responses={200: {"content": {YAML: {"schema": {"type": "string"}}}}},
)
async def show_definition(
    request: Request, name: str, _: Starter, version: str | None = None
) -> Response | DefinitionDetail:
    """A published definition; its text for `Accept: application/yaml`."""
    definitions = _definitions(request)
    bundle = await definitions.newest(segment(name), version)
    if bundle is None:
        raise DefinitionNotFound(segment(name), version, list(await definitions.names()))
    if YAML in request.headers.get("accept", ""):
        return PlainTextResponse(
            bundle.source, media_type=YAML, headers={"ETag": f'"{bundle.digest}"'}
        )
    return DefinitionDetail(**_line(bundle), digest=bundle.digest, input=bundle.plan.input.schema)


@router.post(
    "/definitions/check",
    openapi_extra={
        "requestBody": {"required": True, "content": {YAML: {"schema": {"type": "string"}}}}
    },
)
async def check_definition(
    request: Request, _: Agent, file: Annotated[str, Query(max_length=255)] = "process.yaml"
) -> Findings:
    """Check a definition's text: 422 with all findings if it could not be published.

    `file` is the name that the findings carry.
    """
    media_type = request.headers.get("content-type", YAML).partition(";")[0].strip().lower()
    if media_type not in _TEXT_TYPES:
        raise Problem("wrong-media-type", f"Send the definition's text as {YAML}.")
    try:
        text = (await request.body()).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem("broken-body", "The body is not UTF-8 text.") from error
    findings = await asyncio.to_thread(_definitions(request).check, text, file)
    found = [dict(each) for each in findings]
    if any(each["severity"] == "error" for each in found):
        raise findings_problem(f"{file} could not be published as it is.", found)
    return Findings(findings=found)


def _line(bundle: Bundle) -> dict[str, Any]:
    return {
        "name": bundle.name,
        "version": bundle.version,
        "title": bundle.plan.title,
        "owner": bundle.plan.rules.owner,
    }


def _definitions(request: Request) -> Definitions:
    definitions: Definitions = request.app.state.definitions
    return definitions
