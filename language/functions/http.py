"""The standard's HTTP call.

Arguments as in the Open Workflow Specification DSL 1.0.3, `call: http`.
"""

from __future__ import annotations

from language.functions.descriptor import Function
from language.functions.schemas import (
    ANYTHING,
    FLAG,
    Schema,
    choice,
    list_of,
    map_of,
    named,
    record,
    text,
)

_SECRET = record({"use": named("secret", literal=True)}, ["use"])
_LOGIN: Schema = {
    "anyOf": [
        record({"username": text(), "password": text()}, ["username", "password"]),
        _SECRET,
    ]
}
_TOKEN = record({"token": text(), "type": text()}, ["token", "type"])
_OAUTH2_FIELDS: dict[str, Schema] = {
    "authority": text(),
    "grant": choice(
        "authorization_code",
        "client_credentials",
        "password",
        "refresh_token",
        "urn:ietf:params:oauth:grant-type:token-exchange",
    ),
    "client": record(
        {
            "id": text(),
            "secret": text(),
            "assertion": text(),
            "authentication": choice(
                "client_secret_basic",
                "client_secret_post",
                "client_secret_jwt",
                "private_key_jwt",
                "none",
            ),
        }
    ),
    "request": record(
        {"encoding": choice("application/x-www-form-urlencoded", "application/json")}, closed=False
    ),
    "issuers": list_of(text()),
    "scopes": list_of(text()),
    "audiences": list_of(text()),
    "username": text(),
    "password": text(),
    "subject": _TOKEN,
    "actor": _TOKEN,
}
_ENDPOINTS = record({name: text() for name in ("token", "revocation", "introspection")})

AUTHENTICATION_POLICY: Schema = record(
    {
        "basic": _LOGIN,
        "bearer": {"anyOf": [record({"token": text()}, ["token"]), _SECRET]},
        "digest": _LOGIN,
        "oauth2": {
            "anyOf": [
                record({**_OAUTH2_FIELDS, "endpoints": _ENDPOINTS}, ["authority", "grant"]),
                _SECRET,
            ]
        },
        "oidc": {"anyOf": [record(_OAUTH2_FIELDS, ["authority", "grant"]), _SECRET]},
    },
    minProperties=1,
    maxProperties=1,
)
AUTHENTICATION: Schema = {
    "anyOf": [
        record({"use": named("authentication", literal=True)}, ["use"]),
        AUTHENTICATION_POLICY,
    ]
}
ENDPOINT: Schema = {
    "anyOf": [
        {"type": "string", "format": "uri-template"},
        record(
            {"uri": {"type": "string", "format": "uri-template"}, "authentication": AUTHENTICATION},
            ["uri"],
        ),
    ],
    "description": "the address to call",
}
_WRITTEN_TEXT: Schema = {"x-written": {"type": "string"}}
"""The standard wants texts; what an expression gives is written as text."""
_SCALAR: Schema = {"type": ["string", "number", "boolean", "null"], **_WRITTEN_TEXT}

HTTP = Function(
    name="http",
    kind="acts",
    doc="Calls an HTTP address.",
    arguments=record(
        {
            "method": text("get, post, put, patch, delete, head or options"),
            "endpoint": ENDPOINT,
            "headers": map_of(_SCALAR),
            "body": ANYTHING,
            "query": map_of(_WRITTEN_TEXT),
            "output": choice("raw", "content", "response"),
            "redirect": FLAG,
        },
        ["method", "endpoint"],
    ),
    result=ANYTHING,
    summary="method",
    portable=True,
)

FUNCTIONS = (HTTP,)
