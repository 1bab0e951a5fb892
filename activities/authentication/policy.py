"""The standard's `oauth2` and `oidc` policies, read and checked for what a token needs.

Source: Open Workflow Specification DSL 1.0.3, authentication; RFC 6749, 7521, 7523, 8693.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from activities.ports import Json
from integrations.errors import NotAuthorized

SYSTEM = "http"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
JSON_BODY = "application/json"
FORM_BODY = "application/x-www-form-urlencoded"
TOKEN_PATH = "/oauth2/token"  # noqa: S105  # a path, as the standard gives it
_TOKEN_TYPE = "urn:ietf:params:oauth:token-type:"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks for a token."""

    id: str = ""
    secret: str = field(default="", repr=False)
    assertion: str = field(default="", repr=False)
    authentication: str = "client_secret_post"


@dataclass(frozen=True, slots=True)
class Policy:
    """How a token is got. `discovers` is OpenID Connect: the authority says where its endpoint is."""

    discovers: bool
    authority: str
    token_path: str
    grant: str
    client: Client
    encoding: str
    issuers: tuple[str, ...]
    scopes: tuple[str, ...]
    audiences: tuple[str, ...]
    fields: Mapping[str, str] = field(repr=False)
    """What the grant sends besides scope and audience."""
    key: str
    """Equal for equal policies; tells nothing about them."""


class _Impossible(Exception):
    """Why no server could give a token for a policy."""


def read_policy(kind: str, given: Mapping[str, Json]) -> Policy:
    """The policy as the standard means it, defaults filled in.

    Raises:
        NotAuthorized: it cannot give a token, whatever the server says.
    """
    try:
        return _read(kind, given)
    except _Impossible as error:
        raise NotAuthorized(SYSTEM, f"no token can be asked for by {kind}: {error}") from None


def _read(kind: str, given: Mapping[str, Json]) -> Policy:
    client = given.get("client") or {}
    policy = Policy(
        discovers=kind == "oidc",
        authority=str(given.get("authority") or ""),
        token_path=str((given.get("endpoints") or {}).get("token") or TOKEN_PATH),
        grant=str(given.get("grant") or ""),
        client=Client(
            id=_text(client.get("id")),
            secret=_text(client.get("secret")),
            assertion=_text(client.get("assertion")),
            authentication=_text(client.get("authentication")) or "client_secret_post",
        ),
        encoding=_text((given.get("request") or {}).get("encoding")) or FORM_BODY,
        issuers=tuple(map(str, given.get("issuers") or ())),
        scopes=tuple(map(str, given.get("scopes") or ())),
        audiences=tuple(map(str, given.get("audiences") or ())),
        fields=_fields(str(given.get("grant") or ""), given),
        key=hashlib.sha256(
            json.dumps([kind, given], sort_keys=True, separators=(",", ":")).encode()
        ).hexdigest(),
    )
    _check_client(policy.client)
    return policy


def secrets_of(policy: Policy) -> list[str]:
    """What of a policy must not be shown."""
    client = policy.client
    hidden = [client.secret, client.assertion]
    hidden += [value for name, value in policy.fields.items() if name in _HIDDEN_FIELDS]
    return [each for each in hidden if each]


_HIDDEN_FIELDS = ("password", "refresh_token", "subject_token", "actor_token")


def _fields(grant: str, given: Mapping[str, Json]) -> dict[str, str]:
    subject, actor = given.get("subject") or {}, given.get("actor") or {}
    match grant:
        case "client_credentials":
            return {}
        case "password":
            if given.get("username") is None or given.get("password") is None:
                raise _Impossible("the grant password needs username and password")
            return {"username": _text(given["username"]), "password": _text(given["password"])}
        case "refresh_token":
            if not subject.get("token"):
                raise _Impossible("the grant refresh_token needs the refresh token as subject")
            return {"refresh_token": _text(subject["token"])}
        case "urn:ietf:params:oauth:grant-type:token-exchange":
            if not subject.get("token"):
                raise _Impossible("a token exchange needs a subject")
            fields = {
                "subject_token": _text(subject["token"]),
                "subject_token_type": _token_type(_text(subject.get("type"))),
            }
            if actor.get("token"):
                fields["actor_token"] = _text(actor["token"])
                fields["actor_token_type"] = _token_type(_text(actor.get("type")))
            return fields
        case _:
            raise _Impossible(
                f"the grant {grant} needs a person" if grant else "the policy has no grant"
            )


def _check_client(client: Client) -> None:
    way = client.authentication
    if way != "none" and not client.id and (client.secret or client.assertion):
        raise _Impossible("client.id is missing")
    if way == "client_secret_basic" and not client.secret:
        raise _Impossible(f"{way} needs client.secret")
    if way == "client_secret_jwt" and not (client.secret or client.assertion):
        raise _Impossible(
            f"{way} needs client.secret, or a client.assertion that is signed with it"
        )
    if way == "private_key_jwt" and not client.assertion:
        raise _Impossible(f"{way} needs client.assertion, signed with the key")


def _token_type(name: str) -> str:
    """Short names such as `access_token` stand for the types that RFC 8693 registers."""
    return name if ":" in name else _TOKEN_TYPE + (name or "access_token")


def _text(value: Json) -> str:
    return "" if value is None else str(value)
