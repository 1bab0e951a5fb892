"""What the status of an HTTP answer means for a case: which kind of error, in which words.

RFC 9110. Live calls and rehearsals answer alike because both ask here.
"""

from __future__ import annotations

from collections.abc import Mapping

LONGEST_QUOTE = 300
"""Characters of an answer's body that an error quotes."""

_KINDS: Mapping[int, str] = {
    401: "NotAuthorized", 403: "NotAuthorized", 407: "NotAuthorized", 404: "NotFound",
    410: "NotFound", 409: "Conflict", 412: "Conflict", 408: "Unavailable", 425: "Unavailable",
    429: "RateLimited", 501: "Refused", 505: "Refused",
}  # fmt: skip


def is_error(status: int, *, redirect: bool) -> bool:
    """Whether the standard calls it an error; with `redirect`, statuses of 3xx are none."""
    return not 200 <= status < (400 if redirect else 300)


def kind_of(status: int) -> str:
    """Name of the kind of error (`integrations.errors`) that a status means."""
    return _KINDS.get(status, "Unavailable" if status >= 500 else "Refused")


def answered(method: str, address: str, status: int, body: str) -> str:
    """The sentence of the error."""
    said = " ".join(body[:LONGEST_QUOTE].split())
    return f"{method} {address} answered {status}" + (f": {said}" if said else "")


def shown(address: str) -> str:
    """An address for people: without login, query and fragment, where secrets stand."""
    bare, _, query = address.partition("#")[0].partition("?")
    scheme, separator, rest = bare.rpartition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{separator}{host.rpartition('@')[2]}{slash}{path}" + ("?..." if query else "")
