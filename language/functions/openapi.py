"""The standard's call of an operation that an OpenAPI document describes.

Arguments as in the Open Workflow Specification DSL 1.0.3, `call: openapi`. A plan holds, besides
them, the operation as it was found when the definition was published (`language.openapi`).
"""

from __future__ import annotations

from language.functions.descriptor import Function
from language.functions.http import AUTHENTICATION
from language.functions.schemas import (
    ANYTHING,
    FLAG,
    JSON_OBJECT,
    Schema,
    choice,
    record,
    text,
)

_ADDRESS: Schema = {"type": "string", "format": "uri-template", "x-literal": True}
_DOCUMENT = record(
    {
        "name": text(),
        "endpoint": {
            "anyOf": [
                _ADDRESS,
                record({"uri": _ADDRESS, "authentication": AUTHENTICATION}, ["uri"]),
            ],
            "description": "file or address of the document",
            "x-literal": True,
        },
    },
    ["endpoint"],
    description="the document that describes the operation",
)

OPENAPI = Function(
    name="openapi",
    kind="acts",
    doc="Calls an operation that an OpenAPI document describes.",
    arguments=record(
        {
            "document": _DOCUMENT,
            "operationId": {
                "type": "string",
                "minLength": 1,
                "x-literal": True,
                "description": "the operation",
            },
            "parameters": JSON_OBJECT,
            "authentication": AUTHENTICATION,
            "output": choice("raw", "content", "response"),
            "redirect": FLAG,
        },
        ["document", "operationId"],
    ),
    result=ANYTHING,
    summary="operationId",
    portable=True,
)

FUNCTIONS = (OPENAPI,)
