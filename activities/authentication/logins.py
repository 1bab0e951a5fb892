"""How a request logs in, by the standard's policies: basic, bearer, digest, oauth2, oidc."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import httpx

from activities.authentication.policy import SYSTEM, Policy, read_policy, secrets_of
from activities.authentication.tokens import Token, Tokens
from activities.masking import Mask
from activities.ports import Json
from integrations.errors import NotAuthorized


class Login:
    """A login that is the same for every request."""

    def __init__(self, auth: httpx.Auth | None) -> None:
        self._auth = auth

    async def auth(self) -> httpx.Auth | None:
        """What is added to a request."""
        return self._auth

    def renew(self) -> bool:
        """A system has said 401. Whether another try could log in with something new."""
        return False


class TokenLogin(Login):
    """A login with a token that is fetched, and fetched again once."""

    def __init__(self, policy: Policy, tokens: Tokens, mask: Mask) -> None:
        super().__init__(None)
        self._policy = policy
        self._tokens = tokens
        self._mask = mask
        self._token: Token | None = None
        self._renewed = False

    async def auth(self) -> httpx.Auth | None:
        """A token that lives; see `Tokens.token` for the errors."""
        self._token = await self._tokens.token(self._policy)
        self._mask.add([self._token.value, self._token.refresh])
        return Bearer(self._token.value)

    def renew(self) -> bool:
        """Drop a token that was withdrawn before its time, once."""
        if self._renewed or self._token is None:
            return False
        self._renewed = True
        self._tokens.drop(self._policy, self._token)
        return True


class Bearer(httpx.Auth):
    """A token in the header."""

    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Any:
        """Add the header."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


def login(policy: Mapping[str, Json] | None, tokens: Tokens, mask: Mask) -> Login:
    """The login that a policy describes; what must not be shown of it goes into the mask.

    Raises:
        NotAuthorized: the policy cannot log anybody in.
    """
    if not policy:
        return Login(None)
    kind = next(iter(policy))
    given = policy[kind]
    if not isinstance(given, Mapping):
        raise NotAuthorized(SYSTEM, f"the policy {kind} has no fields")
    if kind in ("basic", "digest") and "username" in given and "password" in given:
        user, password = str(given["username"]), str(given["password"])
        mask.add([password, base64.b64encode(f"{user}:{password}".encode()).decode()])
        auth = httpx.DigestAuth if kind == "digest" else httpx.BasicAuth
        return Login(auth(user, password))
    if kind == "bearer" and "token" in given:
        mask.add(str(given["token"]))
        return Login(Bearer(str(given["token"])))
    if kind in ("oauth2", "oidc") and "authority" in given:
        read = read_policy(kind, given)
        mask.add(secrets_of(read))
        return TokenLogin(read, tokens, mask)
    if "use" in given:
        raise NotAuthorized(
            SYSTEM, f"{kind}: which secret is used must stand in the definition, not in data"
        )
    raise NotAuthorized(SYSTEM, f"nobody can log in with {kind} from {', '.join(given)}")
