"""httpbin.org, as far as tests of workflow engines use it."""

from __future__ import annotations

import base64
import hashlib
import re

import httpx

from tests.foreign.stub.echo import said

_HOST = re.compile(r"httpb(in|un)|postman-echo")
NONCE = "7c1f0a6d2b"


def answer(request: httpx.Request) -> httpx.Response | None:
    """Its answer, or None where another host is asked."""
    if not _HOST.search(request.url.host):
        return None
    parts = [part for part in request.url.path.split("/") if part]
    match parts:
        case [("get" | "post" | "put" | "patch" | "delete") as verb]:
            fits = verb.upper() == request.method
            return httpx.Response(200, json=said(request)) if fits else httpx.Response(405)
        case ["anything", *_] | []:
            return httpx.Response(200, json=said(request))
        case ["status", code]:
            return httpx.Response(int(code.split(",")[0]), json={})
        case [("basic-auth" | "hidden-basic-auth"), user, password]:
            return _basic(request, user, password)
        case ["bearer"]:
            return _bearer(request)
        case ["digest-auth", _, user, password, *_]:
            return _digest(request, user, password)
        case ["redirect-to"]:
            return _to(request.url.params.get("url", "/get"), request.url.params.get("status_code"))
        case [("redirect" | "relative-redirect" | "absolute-redirect"), times]:
            left = int(times) - 1
            return _to(f"/redirect/{left}" if left > 0 else "/get", None)
        case ["headers"]:
            return httpx.Response(200, json={"headers": said(request)["headers"]})
        case ["ip"]:
            return httpx.Response(200, json={"origin": "192.0.2.1"})
        case ["uuid"]:
            return httpx.Response(200, json={"uuid": "9a0b5f8e-1c55-4c1e-8f5e-000000000001"})
        case ["user-agent"]:
            return httpx.Response(200, json={"user-agent": request.headers.get("user-agent")})
        case ["json"]:
            return httpx.Response(200, json={"slideshow": {"title": "Sample", "slides": []}})
        case ["xml"]:
            return httpx.Response(200, text="<a/>", headers={"content-type": "application/xml"})
        case ["html"]:
            return httpx.Response(200, html="<p>text</p>")
        case ["base64", value]:
            return httpx.Response(200, text=base64.b64decode(value).decode("utf-8", "replace"))
        case [("delay" | "drip" | "gzip" | "deflate" | "cookies" | "cache"), *_]:
            return httpx.Response(200, json=said(request))
        case _:
            return httpx.Response(404, text="Not Found")


def _to(place: str, status: str | None) -> httpx.Response:
    return httpx.Response(int(status or 302), headers={"location": place})


def _basic(request: httpx.Request, user: str, password: str) -> httpx.Response:
    wanted = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    if request.headers.get("authorization") != wanted:
        return httpx.Response(401, headers={"www-authenticate": 'Basic realm="Fake Realm"'})
    return httpx.Response(200, json={"authenticated": True, "user": user})


def _bearer(request: httpx.Request) -> httpx.Response:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme != "Bearer" or not token:
        return httpx.Response(401, headers={"www-authenticate": "Bearer"})
    return httpx.Response(200, json={"authenticated": True, "token": token})


def _digest(request: httpx.Request, user: str, password: str) -> httpx.Response:
    header = request.headers.get("authorization", "")
    given = dict(re.findall(r'(\w+)="?([^",]+)"?', header)) if header.startswith("Digest ") else {}
    first = _md5(f"{user}:realm:{password}")
    second = _md5(f"{request.method}:{given.get('uri', '')}")
    middle = [NONCE, given.get("nc", ""), given.get("cnonce", ""), "auth"]
    if not given or given.get("response") != _md5(":".join([first, *middle, second])):
        return challenge()
    return httpx.Response(200, json={"authenticated": True, "user": user})


def challenge() -> httpx.Response:
    """What asks for a digest login."""
    wanted = f'Digest realm="realm", nonce="{NONCE}", qop="auth", algorithm=MD5'
    return httpx.Response(401, headers={"www-authenticate": wanted})


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
