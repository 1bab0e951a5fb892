"""Who is calling: bearer tokens in, callers out; everything without one is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.problems import Problem
from api.tokens import Caller, Scope, Tokens

bearer = HTTPBearer(auto_error=False, description="A token that `caseway up` showed once.")

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="caseway"'}

Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]


def requires(*scopes: Scope) -> Callable[..., Awaitable[Caller]]:
    """A dependency that lets callers with one of the scopes in, and `admin` always."""

    async def caller(request: Request, credentials: Credentials) -> Caller:
        return recognize(
            request.app.state.tokens, credentials.credentials if credentials else None, *scopes
        )

    return caller


def recognize(tokens: Tokens, token: str | None, *scopes: Scope) -> Caller:
    """The caller with this token.

    Raises:
        Problem: 401 without a valid token, 403 where its scope is not one of `scopes`.
    """
    caller = tokens.caller(token) if token else None
    if caller is None:
        raise Problem(
            "not-authorized",
            "The token is not valid." if token else "The request has no token.",
            headers=_CHALLENGE,
        )
    if not caller.may(*scopes):
        raise Problem(
            "not-allowed",
            f'The scope of this token is "{caller.scope}"; '
            f"this needs {' or '.join(dict.fromkeys((*scopes, 'admin')))}.",
        )
    return caller


def acting_person(caller: Caller, by: str | None) -> str:
    """The person an act of `caller` counts for.

    Raises:
        Problem: 403 where the token belongs to somebody else, 422 where nobody is named.
    """
    if caller.person is not None:
        if by not in (None, caller.person):
            raise Problem("not-allowed", f'This token acts as "{caller.person}" only.')
        return caller.person
    if not by:
        raise Problem(
            "request-invalid",
            "The act needs a person.",
            errors=[{"pointer": "/by", "detail": "by is missing: the id of the person who acts"}],
        )
    return by


Admin = Annotated[Caller, Depends(requires())]
Agent = Annotated[Caller, Depends(requires("agent"))]
Starter = Annotated[Caller, Depends(requires("agent", "intake"))]
