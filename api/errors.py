"""Every error that can reach the HTTP door, as a problem. Nothing else decides a status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import singledispatch
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.problems import Problem
from cases import errors as case_errors

RETRY_AFTER_SECONDS = "5"

log = structlog.get_logger()


@singledispatch
def problem_of(error: Exception) -> Problem:
    """The problem that an error is. Errors nobody foresaw tell the caller nothing of themselves."""
    return Problem("internal", "The request could not be carried out.")


@problem_of.register
def _(error: Problem) -> Problem:
    return error


@problem_of.register
def _(error: case_errors.DefinitionNotFound) -> Problem:
    return Problem("definition-not-found", str(error), members={"known": list(error.known)})


@problem_of.register
def _(error: case_errors.DefinitionInvalid) -> Problem:
    return findings_problem(str(error), [finding.to_json() for finding in error.findings])


@problem_of.register
def _(error: case_errors.InputInvalid) -> Problem:
    errors = [{"pointer": each.pointer, "detail": each.message} for each in error.problems]
    return Problem("input-invalid", str(error), errors=errors)


@problem_of.register
def _(error: case_errors.BundleConflict) -> Problem:
    return Problem("version-conflict", str(error))


@problem_of.register
def _(error: case_errors.CaseNotFound) -> Problem:
    return Problem("case-not-found", str(error))


@problem_of.register
def _(error: case_errors.ScheduleNotFound) -> Problem:
    return Problem("schedule-not-found", str(error))


@problem_of.register
def _(error: case_errors.CaseEnded) -> Problem:
    return Problem("case-ended", str(error))


@problem_of.register
def _(error: case_errors.Refused) -> Problem:
    errors = [
        {"pointer": f"/values{each.pointer}", "detail": each.message} for each in error.problems
    ]
    return Problem("refused", str(error), errors=errors)


@problem_of.register
def _(error: case_errors.KeyReused) -> Problem:
    return Problem("key-reused", str(error))


@problem_of.register
def _(error: case_errors.WorkerSilent) -> Problem:
    return Problem("worker-silent", str(error), headers={"Retry-After": RETRY_AFTER_SECONDS})


@problem_of.register
def _(error: case_errors.CaseUnreadable) -> Problem:
    return Problem(
        "case-unreadable",
        f'The case "{error.case}" is there, but it cannot be shown at the moment.',
    )


@problem_of.register
def _(error: case_errors.ServerUnavailable) -> Problem:
    return Problem(
        "server-unavailable",
        "The workflow server does not answer.",
        headers={"Retry-After": RETRY_AFTER_SECONDS},
    )


@problem_of.register
def _(error: case_errors.RecordsUnavailable) -> Problem:
    return Problem(
        "records-unavailable",
        "The records cannot be used.",
        headers={"Retry-After": RETRY_AFTER_SECONDS},
    )


@problem_of.register
def _(error: HTTPException) -> Problem:
    headers = dict(error.headers or {})
    match error.status_code:
        case 404:
            return Problem("not-found", "There is nothing at this address.", headers=headers)
        case 405:
            return Problem(
                "method-not-allowed", "This address does not take that method.", headers=headers
            )
        case 400:
            return Problem("broken-body", "The body cannot be read.", headers=headers)
        case _:
            return Problem("internal", "The request could not be carried out.", headers=headers)


@problem_of.register
def _(error: RequestValidationError) -> Problem:
    errors: Sequence[Mapping[str, Any]] = error.errors()
    for each in errors:
        if each["type"] == "json_invalid":
            reason = each.get("ctx", {}).get("error", "not JSON")
            return Problem("broken-body", f"The body is not JSON: {reason}.")
    found = [{"pointer": _pointer(each["loc"]), "detail": _sentence(each)} for each in errors]
    return Problem("request-invalid", "The request does not fit.", errors=found)


def findings_problem(detail: str, findings: Sequence[Mapping[str, Any]]) -> Problem:
    """422 with the findings of a definition, in the form of `validate --format json`."""
    return Problem(
        "definition-invalid", detail, members={"findings": [dict(each) for each in findings]}
    )


def install(app: FastAPI) -> None:
    """Let the app answer every error with its problem."""

    async def answer(request: Request, error: Exception) -> Response:
        problem = problem_of(error)
        if problem.code == "internal":
            log.error("request failed", error=type(error).__name__, exc_info=error)
        elif isinstance(error, case_errors.CaseError):
            log.info("request refused", code=problem.code, reason=str(error))
        return problem.response(request.url.path, request_id_of(request))

    for kind in (
        Problem, case_errors.CaseError, HTTPException, RequestValidationError, Exception,
    ):  # fmt: skip
        app.add_exception_handler(kind, answer)


def request_id_of(request: Request) -> str:
    """The id that `RequestIds` gave the request."""
    return str(getattr(request.state, "request_id", ""))


def _pointer(place: Sequence[str | int]) -> str:
    """JSON pointer into the body; for other parts `/query/limit` and the like."""
    parts = place[1:] if place and place[0] == "body" else place
    return "".join(f"/{escaped(part)}" for part in parts)


def escaped(part: str | int) -> str:
    """One part of a JSON pointer."""
    return str(part).replace("~", "~0").replace("/", "~1")


def _sentence(error: Mapping[str, Any]) -> str:
    name = str(error["loc"][-1])
    match error["type"]:
        case "missing":
            return f"{name} is missing"
        case "extra_forbidden":
            return f"{name} is not known here"
        case "model_attributes_type" | "model_type" | "dict_type":
            if tuple(error["loc"]) == ("body",):
                return "the body must be a JSON object, sent as application/json"
            return f"{name} must be an object"
        case _:
            message = str(error["msg"])
            return message[:1].lower() + message[1:]
