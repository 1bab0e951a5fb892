"""Every kind of error that the API answers with, and the answer itself (RFC 9457).

`type` is the address of a page that says the same as `KINDS` here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: HTTP status, title, and what a caller can do."""

    status: int
    title: str
    advice: str


KINDS: Mapping[str, Kind] = {
    "broken-body": Kind(
        400, "The body cannot be read", "Send one JSON document with content type application/json."
    ),
    "bad-cursor": Kind(
        400, "The cursor does not fit this list", "Start again without a cursor, same filters."
    ),
    "not-authorized": Kind(
        401, "A valid token is needed", "Send the header Authorization: Bearer TOKEN."
    ),
    "not-allowed": Kind(403, "This token may not do that", "Use a token with the needed scope."),
    "not-found": Kind(404, "There is nothing at this address", "Compare it with /openapi.json."),
    "definition-not-found": Kind(
        404, "No such definition is published", "GET /definitions lists the published ones."
    ),
    "case-not-found": Kind(404, "There is no such case", "GET /cases lists the cases."),
    "schedule-not-found": Kind(
        404, "There is no such schedule", "GET /schedules lists the schedules."
    ),
    "item-not-found": Kind(
        404, "The case has no such work item", "GET /cases/{case} shows its work items."
    ),
    "method-not-allowed": Kind(
        405, "This address does not take that method", "Compare it with /openapi.json."
    ),
    "case-ended": Kind(409, "The case has ended", "Start a new case, or look at its record."),
    "refused": Kind(409, "The case said no", "The detail gives its reason."),
    "version-conflict": Kind(
        409, "This version is published with other content", "Raise document.version."
    ),
    "too-large": Kind(413, "The body is too large", "Send less, or refer to a file."),
    "wrong-media-type": Kind(
        415, "This content type is not taken", "Send the content type that the detail names."
    ),
    "definition-invalid": Kind(
        422, "The definition has findings", "Correct what the findings point at."
    ),
    "input-invalid": Kind(
        422, "The input does not fit the definition", "Correct what the pointers name."
    ),
    "request-invalid": Kind(
        422, "The request does not fit", "Correct what the pointers name; see /openapi.json."
    ),
    "key-reused": Kind(
        422,
        "The idempotency key was used for another request",
        "Use a new key for each request, and the same key only to repeat one.",
    ),
    "internal": Kind(
        500, "Something went wrong on our side", "Try again; give the request id to the operator."
    ),
    "case-unreadable": Kind(
        500,
        "The case cannot be read now",
        "Nothing is lost; give the request id to the operator.",
    ),
    "server-unavailable": Kind(
        503, "The workflow server does not answer", "Try again later; nothing was lost."
    ),
    "records-unavailable": Kind(503, "The records cannot be used", "Try again later."),
    "worker-silent": Kind(
        504, "No worker answered in time", "Repeat it with the same Idempotency-Key: it is safe."
    ),
}


class Problem(Exception):
    """An error on its way to the caller. `members` are added to the body as they are.

    `errors` are `{pointer, detail}`, the pointer into the request's body or the named input.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        members: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.members = dict(members or {})
        self.headers = dict(headers or {})

    def response(self, instance: str, request_id: str) -> JSONResponse:
        """The answer, with the address and the id of the request that went wrong."""
        kind = KINDS[self.code]
        body: dict[str, Any] = {
            "type": f"/problems/{self.code}",
            "title": kind.title,
            "status": kind.status,
            "detail": self.detail,
            "instance": instance,
            "code": self.code,
            "requestId": request_id,
        }
        if self.errors:
            body["errors"] = [dict(each) for each in self.errors]
        body.update(self.members)
        return JSONResponse(body, kind.status, dict(self.headers), MEDIA_TYPE)


SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri-reference"},
        "code": {"type": "string", "enum": sorted(KINDS)},
        "requestId": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {
                    "pointer": {"type": "string", "format": "json-pointer"},
                    "detail": {"type": "string"},
                },
            },
        },
        "findings": {"type": "array", "items": {"type": "object"}},
    },
}
"""The shape of every problem, for the OpenAPI document."""
