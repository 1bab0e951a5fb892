"""Tokens of OAuth 2 and OpenID Connect: fetched once, kept until shortly before they expire.

They live in this process only: never in a history, a record, a log or an error.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote

import httpx

from activities.authentication.policy import (
    JSON_BODY,
    JWT_BEARER,
    SYSTEM,
    Policy,
)
from activities.ports import Json
from integrations.errors import IntegrationError, NotAuthorized, RateLimited, Unavailable
from outgoing.body import ACCEPTED, TooLong, Unreadable, read_body
from outgoing.client import OutgoingClient
from outgoing.rules import NotAllowed
from service.http_status import shown

LONGEST = 1_000_000
"""Bytes of what an authority answers."""

MOST_TOKENS = 1_000
UNKNOWN_LIFE = timedelta(minutes=5)
"""Of a token whose answer does not say how long it lives."""

MARGIN = timedelta(seconds=30)
"""A token is not used so shortly before its end: a request takes its time."""

DISCOVERY_LIFE = timedelta(hours=1)
ASSERTION_LIFE = timedelta(minutes=5)
WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Token:
    """A token, until when it is used, and what a new one may be got with."""

    value: str = field(repr=False)
    until: datetime
    refresh: str = field(default="", repr=False)


class Tokens:
    """Fetches tokens; callers that want the same one at the same time wait for one request."""

    def __init__(self, client: OutgoingClient, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._kept: OrderedDict[str, Token] = OrderedDict()
        self._locks: dict[str, asyncio.Lock] = {}
        self._discovered: OrderedDict[str, tuple[str, datetime]] = OrderedDict()

    async def token(self, policy: Policy) -> Token:
        """A token that still lives.

        Raises:
            NotAuthorized: the authority refuses, or what it gives cannot be used.
            Unavailable, RateLimited: it does not answer now.
        """
        lock = self._locks.setdefault(policy.key, asyncio.Lock())
        async with lock:
            kept = self._kept.get(policy.key)
            try:
                if kept is None or kept.until <= self._now():
                    kept = await self._fetch(policy, kept)
                    self._kept[policy.key] = kept
            except IntegrationError:
                # Policies may come from data: those that give nothing must not pile up.
                self._kept.pop(policy.key, None)
                self._locks.pop(policy.key, None)
                raise
            self._kept.move_to_end(policy.key)
        while len(self._kept) > MOST_TOKENS:
            gone, _ = self._kept.popitem(last=False)
            self._locks.pop(gone, None)
        return kept

    def drop(self, policy: Policy, token: Token) -> None:
        """Forget a token that a system did not accept; a newer one stays."""
        kept = self._kept.get(policy.key)
        if kept is not None and kept.value == token.value:
            del self._kept[policy.key]

    async def _fetch(self, policy: Policy, kept: Token | None) -> Token:
        endpoint = await self._endpoint(policy)
        if kept is not None and kept.refresh:
            try:
                fields = {"grant_type": "refresh_token", "refresh_token": kept.refresh}
                return self._read(policy, endpoint, await self._ask(policy, endpoint, fields))
            except NotAuthorized:
                # Refresh tokens end as well; the grant itself may still be good.
                pass
        fields = {"grant_type": policy.grant, **policy.fields}
        return self._read(policy, endpoint, await self._ask(policy, endpoint, fields))

    async def _ask(
        self, policy: Policy, endpoint: str, fields: Mapping[str, str]
    ) -> Mapping[str, Json]:
        body = dict(fields)
        if policy.scopes:
            body["scope"] = " ".join(policy.scopes)
        if policy.audiences:
            body["audience"] = " ".join(policy.audiences)
        headers = {"Accept": JSON_BODY, "Accept-Encoding": ACCEPTED}
        self._authenticate(policy, endpoint, body, headers)
        content: dict[str, Json] = (
            {"json": body} if policy.encoding == JSON_BODY else {"data": body}
        )
        status, answer = await self._call("POST", endpoint, headers, content)
        if status in (408, 425) or status >= 500:
            raise Unavailable(SYSTEM, f"{shown(endpoint)} answered {status}", status=status)
        if status == 429:
            raise RateLimited(SYSTEM, f"{shown(endpoint)} answered {status}")
        if not 200 <= status < 300:
            # RFC 6749 5.2: a code without anything of ours in it. Descriptions may quote us.
            said = answer.get("error")
            code = f": {said[:80]}" if isinstance(said, str) else ""
            raise NotAuthorized(
                SYSTEM, f"{shown(endpoint)} gives no token, it answered {status}{code}"
            )
        return answer

    def _authenticate(
        self, policy: Policy, endpoint: str, body: dict[str, str], headers: dict[str, str]
    ) -> None:
        client = policy.client
        match client.authentication:
            case "client_secret_basic":
                # RFC 6749 2.3.1: both are encoded like a form's fields before they are joined.
                pair = f"{quote(client.id, safe='')}:{quote(client.secret, safe='')}"
                headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
            case "client_secret_jwt" | "private_key_jwt":
                body["client_id"] = client.id
                body["client_assertion_type"] = JWT_BEARER
                body["client_assertion"] = client.assertion or self._signed(
                    client.id, client.secret, endpoint
                )
            case _:
                if client.id:
                    body["client_id"] = client.id
                if client.secret and client.authentication != "none":
                    body["client_secret"] = client.secret

    def _signed(self, client: str, secret: str, endpoint: str) -> str:
        """RFC 7523: that we are who we say, signed with the secret."""
        now = int(self._now().timestamp())
        claims = {
            "iss": client, "sub": client, "aud": endpoint, "jti": secrets.token_urlsafe(16),
            "iat": now, "exp": now + int(ASSERTION_LIFE.total_seconds()),
        }  # fmt: skip
        head = {"alg": "HS256", "typ": "JWT"}
        signed = ".".join(_encoded(json.dumps(each).encode()) for each in (head, claims))
        signature = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
        return f"{signed}.{_encoded(signature)}"

    def _read(self, policy: Policy, endpoint: str, answer: Mapping[str, Json]) -> Token:
        value = answer.get("access_token")
        kind = str(answer.get("token_type") or "Bearer")
        if not isinstance(value, str) or not value or not value.isascii():
            raise NotAuthorized(SYSTEM, f"{shown(endpoint)} answered without an access token")
        if kind.lower() != "bearer":
            raise NotAuthorized(
                SYSTEM, f"{shown(endpoint)} gives a token of the type {kind[:40]}, not Bearer"
            )
        _check_issuer(policy, endpoint, value)
        life = answer.get("expires_in")
        if isinstance(life, str) and life.isascii() and life.isdigit():
            life = int(life[:10])
        if isinstance(life, int | float) and not isinstance(life, bool) and life >= 0:
            lives = timedelta(seconds=min(float(life), 10**9))
        else:
            lives = UNKNOWN_LIFE
        refresh = answer.get("refresh_token")
        return Token(
            value,
            self._now() + lives - min(MARGIN, lives / 10),
            refresh if isinstance(refresh, str) else "",
        )

    # --- where the authority is -----------------------------------------------------------------

    async def _endpoint(self, policy: Policy) -> str:
        if not policy.discovers:
            path = policy.token_path
            if "://" in path:
                return path
            return f"{policy.authority.rstrip('/')}/{path.lstrip('/')}"
        # What one policy accepts as an issuer another one may not.
        wanted = " ".join([policy.authority, *policy.issuers])
        found = self._discovered.get(wanted)
        if found is None or found[1] <= self._now():
            endpoint = await self._discover(policy)
            found = (endpoint, self._now() + DISCOVERY_LIFE)
            self._discovered[wanted] = found
            while len(self._discovered) > MOST_TOKENS:
                self._discovered.popitem(last=False)
        return found[0]

    async def _discover(self, policy: Policy) -> str:
        """OpenID Connect Discovery 1.0; the address may be the authority's or its document's."""
        base = policy.authority.removesuffix(WELL_KNOWN).rstrip("/")
        address = base + WELL_KNOWN
        headers = {"Accept": JSON_BODY, "Accept-Encoding": ACCEPTED}
        status, document = await self._call("GET", address, headers, {})
        if status in (404, 405) and address != policy.authority:
            # Other runtimes take the token endpoint itself for an authority.
            return policy.authority
        if status >= 500 or status in (408, 429):
            raise Unavailable(SYSTEM, f"{shown(address)} answered {status}", status=status)
        endpoint, issuer = document.get("token_endpoint"), document.get("issuer")
        if status != 200 or not isinstance(endpoint, str):
            raise NotAuthorized(
                SYSTEM, f"{shown(address)} names no token endpoint, it answered {status}"
            )
        allowed = policy.issuers or (base,)
        if not isinstance(issuer, str) or issuer.rstrip("/") not in _without_slashes(allowed):
            raise NotAuthorized(
                SYSTEM,
                f"{shown(address)} belongs to the issuer {str(issuer)[:200]};"
                f" allowed are {', '.join(allowed)} (`issuers` of the policy)",
            )
        return endpoint

    async def _call(
        self, method: str, address: str, headers: Mapping[str, str], content: Mapping[str, Json]
    ) -> tuple[int, Mapping[str, Json]]:
        """Status and JSON of an answer; another answer than an object is an empty one."""
        try:
            request = self._client.compose(method, httpx.URL(address), headers, **content)
            if request.url.scheme not in ("http", "https") or not request.url.host:
                raise NotAuthorized(SYSTEM, f"{shown(address)} is not the address of an authority")
            # Where credentials go is said by the definition, not by a redirect.
            answer = await self._client.send(
                request, auth=None, stream=True, follow_redirects=False
            )
            try:
                body = await read_body(answer, LONGEST)
            finally:
                await answer.aclose()
        except IntegrationError:
            raise
        except (NotAllowed, TooLong, Unreadable) as error:
            raise NotAuthorized(SYSTEM, f"{shown(address)}: {error}") from None
        except httpx.TimeoutException:
            raise Unavailable(
                SYSTEM, f"{shown(address)} did not answer in time", status=408, standard="timeout"
            ) from None
        except httpx.TransportError as error:
            raise Unavailable(
                SYSTEM, f"{shown(address)} cannot be reached: {type(error).__name__}"
            ) from None
        except (httpx.InvalidURL, ValueError):
            raise NotAuthorized(SYSTEM, f"{shown(address)} is not an address") from None
        try:
            document = json.loads(body)
        except (ValueError, RecursionError):
            document = None
        return answer.status_code, document if isinstance(document, dict) else {}


def _check_issuer(policy: Policy, endpoint: str, token: str) -> None:
    """A token that says who issued it must say one of the issuers; others cannot be asked."""
    if not policy.issuers:
        return
    parts = token.split(".")
    if len(parts) != 3:
        return
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return
    issuer = claims.get("iss") if isinstance(claims, dict) else None
    if isinstance(issuer, str) and issuer.rstrip("/") not in _without_slashes(policy.issuers):
        raise NotAuthorized(
            SYSTEM,
            f"the token of {shown(endpoint)} was issued by {issuer[:200]},"
            f" and allowed are {', '.join(policy.issuers)}",
        )


def _without_slashes(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(each.rstrip("/") for each in names)


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
