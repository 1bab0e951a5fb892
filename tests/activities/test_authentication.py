"""Logins against real servers: tokens that are counted, digest, discovery, redirects."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activities.http import Http
from activities.masking import Mask
from activities.request import Request
from integrations.errors import IntegrationError, NotAuthorized, RateLimited, Refused, Unavailable
from outgoing.client import open_client
from outgoing.rules import Rules
from tests.outgoing.servers import LOCAL, Asked, Said, Server, serving

SECRET = "cl1ent-Secret"
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = MONDAY

    def __call__(self) -> datetime:
        return self.at


class Caller:
    """The activity with its cache, as one worker has it."""

    def __init__(self, http: Http, clock: Clock) -> None:
        self.http = http
        self.clock = clock
        self.mask = Mask()

    async def get(self, uri: str, policy: Any = None, **more: Any) -> Any:
        """Call an address; what comes back is cleaned like the wrapper does it."""
        endpoint = {"uri": uri} | ({"authentication": policy} if policy else {})
        arguments = {"method": "get", "endpoint": endpoint, **more}
        self.mask = Mask()
        request = Request("run:/do/0#1", arguments, {}, "/do/0", "", 1, None, self.mask)
        return self.mask.clean(await self.http.call(request))


def play(scene: Callable[..., Awaitable[None]], *answers: Callable[[Asked], Said]) -> list[Server]:
    """Run a scene with a caller and servers that answer so."""

    async def run() -> list[Server]:
        clock = Clock()
        async with (
            serving(*answers) as servers,
            open_client(Rules.of(networks=[LOCAL]), 5) as client,
        ):
            await scene(Caller(Http(client, clock), clock), *servers)
            return list(servers)

    return asyncio.run(run())


def json_of(document: Any, status: int = 200) -> Said:
    """Answer with JSON."""
    return Said(status, json.dumps(document).encode(), {"Content-Type": "application/json"})


class Authority:
    """A token endpoint; the n-th token is `token-n`."""

    def __init__(self, **answer: Any) -> None:
        self.answer = {"token_type": "Bearer", "expires_in": 600, **answer}
        self.given = 0

    def __call__(self, asked: Asked) -> Said:
        self.given += 1
        return json_of({"access_token": f"token-{self.given}", **self.answer})


def api(*accepted: str) -> Callable[[Asked], Said]:
    """A system that accepts these tokens, and says which one it got."""

    def answer(asked: Asked) -> Said:
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        good = not accepted or token in accepted
        return json_of({"got": token}) if good else Said(401, b"who are you?")

    return answer


def oauth2(authority: Server, **more: Any) -> dict[str, Any]:
    """Write a policy."""
    client = {"id": "caseway", "secret": SECRET}
    return {
        "oauth2": {
            "authority": f"{authority.url}/realm",
            "grant": "client_credentials",
            "client": client,
            **more,
        }
    }


# --- tokens -------------------------------------------------------------------------------------


def test_a_token_is_fetched_once_and_again_before_it_ends() -> None:
    """Two calls are one token; shortly before its end comes the next one. Nobody ever sees it."""

    async def scene(caller: Caller, system: Server, authority: Server) -> None:
        policy = oauth2(authority, scopes=["api", "more"], audiences=["runtime"])
        for _ in range(2):
            assert await caller.get(system.url, policy) == {"got": "***"}
        assert len(authority.asked) == 1
        caller.clock.at += timedelta(seconds=569)
        await caller.get(system.url, policy)
        assert len(authority.asked) == 1
        caller.clock.at += timedelta(seconds=2)
        await caller.get(system.url, policy)
        assert len(authority.asked) == 2

    system, authority = play(scene, api(), Authority())
    sent = [asked.headers["authorization"] for asked in system.asked]
    assert sent == ["Bearer token-1"] * 3 + ["Bearer token-2"]
    [asked, _] = authority.asked
    assert (asked.method, asked.target) == ("POST", "/realm/oauth2/token")
    assert asked.form == {
        "grant_type": "client_credentials", "client_id": "caseway", "client_secret": SECRET,
        "scope": "api more", "audience": "runtime",
    }  # fmt: skip


def test_calls_at_one_time_wait_for_one_token() -> None:
    """A hundred cases that begin together do not ask a hundred times."""

    async def scene(caller: Caller, system: Server, authority: Server) -> None:
        await asyncio.gather(*[caller.get(system.url, oauth2(authority)) for _ in range(20)])

    _, authority = play(scene, api(), Authority())
    assert len(authority.asked) == 1


def test_policies_do_not_share_tokens() -> None:
    """Another client, secret or scope is another token."""

    async def scene(caller: Caller, system: Server, authority: Server) -> None:
        for more in ({}, {"scopes": ["a"]}, {"client": {"id": "other", "secret": SECRET}}):
            await caller.get(system.url, oauth2(authority, **more))

    _, authority = play(scene, api(), Authority())
    assert len(authority.asked) == 3


def test_a_withdrawn_token_is_fetched_again_once() -> None:
    """After a 401 there is one more try with a new token, and no third one."""

    async def scene(caller: Caller, system: Server, authority: Server) -> None:
        assert await caller.get(system.url, oauth2(authority)) == {"got": "***"}

    system, authority = play(scene, api("token-2"), Authority())
    assert (len(system.asked), len(authority.asked)) == (2, 2)

    async def never(caller: Caller, system: Server, authority: Server) -> None:
        with pytest.raises(NotAuthorized) as error:
            await caller.get(system.url, oauth2(authority))
        assert error.value.status == 401

    system, authority = play(never, api("none"), Authority())
    assert (len(system.asked), len(authority.asked)) == (2, 2)


def test_a_refresh_token_is_used_and_may_end_as_well() -> None:
    """The grant itself is tried where refreshing is refused."""
    refused = {"invalid": True}

    def answer(asked: Asked) -> Said:
        grants.append(asked.form["grant_type"])
        if asked.form["grant_type"] == "refresh_token" and refused["invalid"]:
            return json_of({"error": "invalid_grant"}, 400)
        return json_of(
            {"access_token": f"t{len(grants)}", "expires_in": 100, "refresh_token": "again"}
        )

    async def scene(caller: Caller, system: Server, authority: Server) -> None:
        policy = oauth2(authority, grant="password", username="amy", password="p4ssword")
        await caller.get(system.url, policy)
        caller.clock.at += timedelta(seconds=200)
        await caller.get(system.url, policy)
        refused["invalid"] = False
        caller.clock.at += timedelta(seconds=200)
        await caller.get(system.url, policy)

    grants: list[str] = []
    _, authority = play(scene, api(), answer)
    assert grants == ["password", "refresh_token", "password", "refresh_token"]
    assert authority.asked[0].form["username"] == "amy"
    assert authority.asked[1].form["refresh_token"] == "again"


@pytest.mark.parametrize(
    ("client", "check"),
    [
        ({"authentication": "client_secret_post"}, "post"),
        ({"authentication": "client_secret_basic"}, "basic"),
        ({"authentication": "client_secret_jwt"}, "signed"),
        ({"authentication": "client_secret_jwt", "assertion": "a.b.c"}, "given"),
        ({"authentication": "private_key_jwt", "assertion": "a.b.c"}, "given"),
        ({"authentication": "none"}, "none"),
    ],
)
def test_a_client_says_who_it_is(client: dict[str, str], check: str) -> None:
    """In each of the standard's ways; only where it should is the secret sent."""

    async def scene(caller: Caller, system: Server, authority: Server) -> None:
        given = {"id": "case way", "secret": SECRET, **client}
        await caller.get(system.url, oauth2(authority, client=given))

    _, authority = play(scene, api(), Authority())
    [asked] = authority.asked
    form = asked.form
    match check:
        case "post":
            assert (form["client_id"], form["client_secret"]) == ("case way", SECRET)
        case "basic":
            pair = base64.b64decode(asked.headers["authorization"].removeprefix("Basic ")).decode()
            assert pair == f"case%20way:{SECRET}"
            assert "client_secret" not in form
        case "signed":
            head, claims, signature = form["client_assertion"].split(".")
            wanted = hmac.new(SECRET.encode(), f"{head}.{claims}".encode(), hashlib.sha256).digest()
            assert base64.urlsafe_b64decode(signature + "=") == wanted
            said = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
            assert (said["iss"], said["sub"]) == ("case way", "case way")
            assert said["aud"] == f"{authority.url}/realm/oauth2/token"
            assert said["exp"] > said["iat"] == int(MONDAY.timestamp())
            assert SECRET not in asked.body.decode()
        case "given":
            assert form["client_assertion"] == "a.b.c"
            assert form["client_assertion_type"].endswith("jwt-bearer")
        case _:
            assert form["client_id"] == "case way"
            assert "client_secret" not in form
    assert "authorization" not in asked.headers or check == "basic"


def test_a_request_for_a_token_may_be_json() -> None:
    """As `request.encoding` says."""

    async def scene(caller: Caller, system: Server, authority: Server) -> None:
        policy = oauth2(
            authority,
            endpoints={"token": "protocol/token"},
            request={"encoding": "application/json"},
        )
        await caller.get(system.url, policy)

    _, authority = play(scene, api(), Authority())
    [asked] = authority.asked
    assert asked.target == "/realm/protocol/token"
    assert asked.headers["content-type"] == "application/json"
    assert json.loads(asked.body)["grant_type"] == "client_credentials"


def test_a_token_can_be_exchanged() -> None:
    """RFC 8693: on behalf of whom, and who acts."""

    async def scene(caller: Caller, system: Server, authority: Server) -> None:
        policy = oauth2(
            authority,
            grant="urn:ietf:params:oauth:grant-type:token-exchange",
            subject={"token": "of-amy", "type": "access_token"},
            actor={"token": "of-us", "type": "urn:ietf:params:oauth:token-type:jwt"},
        )
        await caller.get(system.url, policy)

    _, authority = play(scene, api(), Authority())
    form = authority.asked[0].form
    assert form["subject_token"] == "of-amy"
    assert form["subject_token_type"] == "urn:ietf:params:oauth:token-type:access_token"
    assert form["actor_token_type"] == "urn:ietf:params:oauth:token-type:jwt"


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (json_of({"error": "invalid_client", "error_description": f"not {SECRET}"}, 401), NotAuthorized),
        (json_of({"access_token": None}), NotAuthorized), (Said(200, b"<html>"), NotAuthorized),
        (json_of({"access_token": "t", "token_type": "DPoP"}), NotAuthorized),
        (Said(302, headers={"Location": "/elsewhere"}), NotAuthorized),
        (Said(429), RateLimited), (Said(503), Unavailable),
    ],
)  # fmt: skip
def test_an_authority_that_gives_no_token_says_why(
    said: Said, kind: type[IntegrationError]
) -> None:
    """Whether to try again follows; nothing of what we sent is quoted, and nothing is cached."""

    async def scene(caller: Caller, system: Server, authority: Server) -> None:
        for _ in range(2):
            with pytest.raises(kind) as error:
                await caller.get(system.url, oauth2(authority))
            assert SECRET not in str(error.value)
            assert authority.url in str(error.value)

    system, authority = play(scene, api(), lambda _: said)
    assert system.asked == []
    assert len(authority.asked) == 2


@pytest.mark.parametrize(
    ("issuer", "accepted"), [("https://login.example", True), ("https://evil.example", False)]
)
def test_a_token_of_another_issuer_is_not_used(issuer: str, *, accepted: bool) -> None:
    """A token that says who issued it must say one of `issuers`."""
    claims = base64.urlsafe_b64encode(json.dumps({"iss": issuer}).encode()).decode().rstrip("=")

    async def scene(caller: Caller, system: Server, authority: Server) -> None:
        call = caller.get(system.url, oauth2(authority, issuers=["https://login.example/"]))
        if accepted:
            await call
        else:
            with pytest.raises(NotAuthorized, match=r"evil\.example"):
                await call

    play(scene, api(), Authority(access_token=f"h.{claims}.s"))


# --- OpenID Connect -----------------------------------------------------------------------------


def discovering(issuer: Callable[[str], str] = lambda url: url) -> Callable[[Asked], Said]:
    """An authority with a discovery document."""

    def answer(asked: Asked) -> Said:
        url = f"http://{asked.headers['host']}/realm"
        if asked.path == "/realm/.well-known/openid-configuration":
            return json_of({"issuer": issuer(url), "token_endpoint": f"{url}/the/token"})
        if asked.path == "/realm/the/token":
            return json_of({"access_token": "found", "expires_in": 60})
        return Said(404)

    return answer


def oidc(authority: str, **more: Any) -> dict[str, Any]:
    """Write a policy."""
    client = {"id": "caseway", "secret": SECRET}
    return {
        "oidc": {"authority": authority, "grant": "client_credentials", "client": client, **more}
    }


@pytest.mark.parametrize("suffix", ["", "/", "/.well-known/openid-configuration"])
def test_an_authority_is_asked_where_its_endpoint_is(suffix: str) -> None:
    """Named by itself or by its document; the document is kept for a while."""

    async def scene(caller: Caller, system: Server, authority: Server) -> None:
        policy = oidc(f"{authority.url}/realm{suffix}")
        for _ in range(2):
            await caller.get(system.url, policy)
            caller.clock.at += timedelta(minutes=2)

    _, authority = play(scene, api("found"), discovering())
    paths = [asked.path for asked in authority.asked]
    assert paths == [
        "/realm/.well-known/openid-configuration",
        "/realm/the/token",
        "/realm/the/token",
    ]


def test_a_token_endpoint_may_stand_for_its_authority() -> None:
    """As other runtimes have it; only where there is no document."""

    async def scene(caller: Caller, system: Server, authority: Server) -> None:
        await caller.get(system.url, oidc(f"{authority.url}/realm/the/token"))

    play(scene, api("found"), discovering())


def test_a_document_of_another_issuer_is_not_believed() -> None:
    """Unless `issuers` names it."""
    other = "https://common.example/v2"

    async def scene(caller: Caller, system: Server, authority: Server) -> None:
        with pytest.raises(NotAuthorized, match=r"common\.example"):
            await caller.get(system.url, oidc(f"{authority.url}/realm"))
        assert len(authority.asked) == 1
        await caller.get(system.url, oidc(f"{authority.url}/realm", issuers=[other]))

    play(scene, api("found"), discovering(lambda _: other))


# --- digest -------------------------------------------------------------------------------------


class DigestServer:
    """RFC 7616 with one user, `amy` and the secret."""

    def __init__(self, algorithm: str, qop: str = "auth") -> None:
        self.algorithm = algorithm
        self.qop = qop

    def __call__(self, asked: Asked) -> Said:
        given = asked.headers.get("authorization", "")
        if not given.startswith("Digest "):
            challenge = f'Digest realm="r", nonce="n0nce", opaque="o", qop="{self.qop}", algorithm={self.algorithm}'
            return Said(401, headers={"WWW-Authenticate": challenge})
        fields = dict(
            part.strip().split("=", 1) for part in given.removeprefix("Digest ").split(",")
        )
        said = {name: value.strip('"') for name, value in fields.items()}
        make = hashlib.sha256 if self.algorithm == "SHA-256" else hashlib.md5
        one = make(f"amy:r:{SECRET}".encode()).hexdigest()
        two = make(f"{asked.method}:{asked.target}".encode()).hexdigest()
        wanted = make(f"{one}:n0nce:{said['nc']}:{said['cnonce']}:auth:{two}".encode()).hexdigest()
        good = said["response"] == wanted and said["uri"] == asked.target
        return Said(200, b"welcome") if good else Said(403)


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_digest_answers_the_challenge(algorithm: str) -> None:
    """The password never goes over the wire."""

    async def scene(caller: Caller, system: Server) -> None:
        policy = {"digest": {"username": "amy", "password": SECRET}}
        assert await caller.get(f"{system.url}/dir/index.html?a=b", policy) == "welcome"
        policy = {"digest": {"username": "amy", "password": "wrong-word"}}
        with pytest.raises(NotAuthorized):
            await caller.get(system.url, policy)

    [system] = play(scene, DigestServer(algorithm))
    assert SECRET not in str(system.asked)


def test_a_digest_that_is_not_known_is_said() -> None:
    """An administrator must act; nothing is tried again."""

    async def scene(caller: Caller, system: Server) -> None:
        with pytest.raises(NotAuthorized):
            await caller.get(system.url, {"digest": {"username": "amy", "password": SECRET}})

    play(scene, DigestServer("MD5", qop="auth-int"))


# --- redirects ----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_what_logs_in_stays_with_the_first_server(status: int) -> None:
    """Another port is another server: no login, no key, no cookie goes there, nor back again."""

    async def scene(caller: Caller, first: Server, second: Server) -> None:
        targets["first"] = f"{second.url}/over"
        targets["second"] = f"{first.url}/back"
        headers = {"X-Api-Key": "k3y-k3y", "Cookie": "a=b", "X-Kind": "plain"}
        result = await caller.get(
            f"{first.url}/start",
            {"bearer": {"token": SECRET}},
            headers=headers,
            redirect=True,
        )
        assert result == "done"

    def first(asked: Asked) -> Said:
        if asked.path == "/start":
            return Said(status, headers={"Location": targets["first"]})
        return Said(200, b"done")

    def second(asked: Asked) -> Said:
        return Said(status, headers={"Location": targets["second"]})

    targets: dict[str, str] = {}
    at_first, at_second = play(scene, first, second)
    assert at_first.asked[0].headers["authorization"] == f"Bearer {SECRET}"
    for asked in (at_second.asked[0], at_first.asked[1]):
        assert asked.headers["x-kind"] == "plain"
        assert not {"authorization", "x-api-key", "cookie"} & set(asked.headers)


def test_a_redirect_on_the_same_server_keeps_the_login() -> None:
    """Also its cookie."""

    async def scene(caller: Caller, system: Server) -> None:
        await caller.get(
            f"{system.url}/a",
            {"bearer": {"token": SECRET}},
            headers={"Cookie": "a=b"},
            redirect=True,
        )

    [system] = play(
        scene, lambda asked: Said(302, headers={"Location": "/b"}) if asked.path == "/a" else Said()
    )
    assert system.asked[1].headers["authorization"] == f"Bearer {SECRET}"
    assert system.asked[1].headers["cookie"] == "a=b"


def test_a_body_with_a_secret_is_not_sent_to_another_server() -> None:
    """The call fails instead."""

    async def scene(caller: Caller, first: Server, second: Server) -> None:
        target.append(second.url)
        with pytest.raises(Refused, match="holds a secret"):
            await caller.get(
                first.url, {"bearer": {"token": SECRET}}, method="post",
                body={"again": SECRET}, redirect=True,
            )  # fmt: skip

    target: list[str] = []
    _, second = play(scene, lambda _: Said(307, headers={"Location": target[0]}), lambda _: Said())
    assert second.asked == []


def test_redirects_are_judged_and_end() -> None:
    """To an address that is not allowed, and in a circle."""

    async def scene(caller: Caller, system: Server) -> None:
        with pytest.raises(Refused, match="credentials"):
            await caller.get(f"{system.url}/out", redirect=True)
        with pytest.raises(Refused, match="redirects"):
            await caller.get(f"{system.url}/circle", redirect=True)
        with pytest.raises(Refused) as error:
            await caller.get(f"{system.url}/circle")
        assert error.value.status == 302

    def answer(asked: Asked) -> Said:
        to = "http://169.254.169.254/latest" if asked.path == "/out" else "/circle"
        return Said(302, headers={"Location": to})

    [system] = play(scene, answer)
    assert len(system.asked) <= 14


def test_cookies_of_an_answer_are_forgotten() -> None:
    """What a system gives one case never goes along with the call of another one."""

    async def scene(caller: Caller, system: Server) -> None:
        for _ in range(2):
            await caller.get(system.url)

    [system] = play(scene, lambda _: Said(headers={"Set-Cookie": "session=amy; Path=/"}))
    assert [("cookie" in asked.headers) for asked in system.asked] == [False, False]
