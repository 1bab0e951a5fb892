"""Identity providers: OpenID discovery, tokens, introspection."""

from __future__ import annotations

import base64
import json

import httpx

WELL_KNOWN = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server")
TOKEN_PATHS = ("/token", "/oauth/token", "/oauth2/token", "/connect/token")
KEYCLOAK = "/protocol/openid-connect"


def answer(request: httpx.Request) -> httpx.Response | None:
    """The provider's answer, or None where nobody asks a provider."""
    path = request.url.path
    for suffix in WELL_KNOWN:
        if path.endswith(tuple(token + suffix for token in TOKEN_PATHS)):
            # A token endpoint has no document below it.
            return httpx.Response(404)
        if path.endswith(suffix):
            return httpx.Response(200, json=_discovery(request.url, path.removesuffix(suffix)))
    if request.method == "POST" and path.endswith(TOKEN_PATHS):
        return httpx.Response(200, json=_token(request.url))
    if path.endswith(("/introspect", "/introspection")):
        return httpx.Response(200, json={"active": True})
    if path.endswith(("/revoke", "/revocation")):
        return httpx.Response(200, json={})
    if path.endswith(("/jwks", "/jwks.json", "/certs")):
        return httpx.Response(200, json={"keys": []})
    return None


def _issuer(url: httpx.URL, path: str) -> str:
    """The realm, whatever endpoint below it was named as the authority."""
    realm = path.partition(KEYCLOAK)[0].rstrip("/")
    for suffix in sorted(TOKEN_PATHS, key=len, reverse=True):
        if realm.endswith(suffix):
            realm = realm.removesuffix(suffix)
            break
    return str(url.copy_with(path=realm or "/", query=None)).rstrip("/")


def _discovery(url: httpx.URL, path: str) -> dict[str, object]:
    issuer = _issuer(url, path)
    ways = ["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt"]
    return {
        "issuer": issuer,
        "token_endpoint": f"{issuer}{KEYCLOAK}/token",
        "authorization_endpoint": f"{issuer}{KEYCLOAK}/auth",
        "introspection_endpoint": f"{issuer}{KEYCLOAK}/token/introspect",
        "revocation_endpoint": f"{issuer}{KEYCLOAK}/revoke",
        "jwks_uri": f"{issuer}{KEYCLOAK}/certs",
        "grant_types_supported": ["client_credentials", "password", "refresh_token"],
        "token_endpoint_auth_methods_supported": ways,
    }


def _token(url: httpx.URL) -> dict[str, object]:
    claims = {"iss": _issuer(url, url.path), "sub": "caseway", "exp": 4_102_444_800}
    parts = [_encoded({"alg": "none", "typ": "JWT"}), _encoded(claims), "signature"]
    return {"access_token": ".".join(parts), "token_type": "Bearer", "expires_in": 3600}


def _encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
