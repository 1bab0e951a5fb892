"""Published definitions over HTTP, and the check of a text that is not published."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from starlette.responses import PlainTextResponse, Response

from api.checking import DEFINITION, NotPartOfADefinition, check_files
from api.errors import escaped, findings_problem
from api.ports import Bundle, Definitions, Organization
from api.problems import Problem
from api.raw_paths import segment
from api.security import Agent, Starter
from cases.errors import DefinitionNotFound
from language.findings import has_errors

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


class DefinitionFiles(BaseModel):
    """A definition with what lies beside it, by the names of its folder."""

    model_config = ConfigDict(extra="forbid")

    files: dict[str, str] = Field(max_length=500)

    @field_validator("files")
    @classmethod
    def _has_a_definition(cls, files: dict[str, str]) -> dict[str, str]:
        if DEFINITION not in files:
            raise PydanticCustomError("no_definition", f"{DEFINITION} is missing")
        return files


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
        "requestBody": {
            "required": True,
            "content": {
                YAML: {"schema": {"type": "string"}},
                "application/json": {"schema": DefinitionFiles.model_json_schema()},
            },
        }
    },
)
async def check_definition(request: Request, _: Agent) -> Findings:
    """Check a definition: 422 with all findings if it could not be published.

    Send the text of process.yaml, or `{files: {name: text}}` with its forms and messages.
    """
    files = await _posted_files(request)
    organization: Organization = request.app.state.organization
    document = await organization.current()
    known = await _definitions(request).names()
    try:
        findings = await asyncio.to_thread(
            check_files, files, organization=document, known=[*known]
        )
    except NotPartOfADefinition as error:
        raise Problem(
            "request-invalid",
            "A file has a name that no definition has.",
            errors=[{"pointer": f"/files/{escaped(error.name)}", "detail": str(error)}],
        ) from error
    found = [each.to_json() for each in findings]
    if has_errors(findings):
        raise findings_problem("The definition could not be published as it is.", found)
    return Findings(findings=found)


async def _posted_files(request: Request) -> dict[str, str]:
    body = await request.body()
    media_type = request.headers.get("content-type", YAML).partition(";")[0].strip().lower()
    if media_type == "application/json":
        try:
            return DefinitionFiles.model_validate_json(body).files
        except ValidationError as error:
            raise RequestValidationError(
                [{**each, "loc": ("body", *each["loc"])} for each in error.errors()]
            ) from error
    if media_type not in _TEXT_TYPES:
        raise Problem("wrong-media-type", f"Send {YAML} or application/json.")
    try:
        return {DEFINITION: body.decode("utf-8")}
    except UnicodeDecodeError as error:
        raise Problem("broken-body", "The body is not UTF-8 text.") from error


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
