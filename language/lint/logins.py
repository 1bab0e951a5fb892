"""Logins of calls: what can be seen at once to give no token."""

from __future__ import annotations

from collections.abc import Iterator

from language.draft import EMPTY, Draft
from language.source import Node

_NEEDS_PERSON = "authorization_code"
_GRANTS = {
    "password": ("username", "password"),
    "refresh_token": ("subject",),
    "urn:ietf:params:oauth:grant-type:token-exchange": ("subject",),
}
"""What a grant needs beside the client."""

_CLIENTS = {
    "client_secret_basic": ("secret",),
    "client_secret_post": ("secret",),
    "client_secret_jwt": ("secret", "assertion"),
    "private_key_jwt": ("assertion",),
}
"""What a way to say who asks needs: one of these."""


def check(draft: Draft) -> None:
    """Check every policy of `oauth2` and `oidc`, named or inline."""
    for policy in _policies(draft):
        for kind in ("oauth2", "oidc"):
            given = policy.get(kind)
            if given is not None and given.get("use") is None:
                _check(draft, kind, given)


def _policies(draft: Draft) -> Iterator[Node]:
    for _, policy in draft.part("use", "authentications").entries or ():
        yield policy
    for task in draft.tasks:
        arguments = task.node.get("with") or EMPTY
        for place in (arguments, arguments.get("endpoint") or EMPTY):
            inline = place.get("authentication")
            if task.function and inline is not None:
                yield inline


def _check(draft: Draft, kind: str, given: Node) -> None:
    grant, client = given.get("grant"), given.get("client")
    if grant is not None and grant.text == _NEEDS_PERSON:
        draft.report.say(
            "CW113",
            grant,
            f'the grant "{_NEEDS_PERSON}" is not in this profile',
            "It needs a person at a browser; a case logs in with client_credentials or password.",
        )
        return
    missing = [
        name for name in _GRANTS.get((grant and grant.text) or "", ()) if given.get(name) is None
    ]
    if grant is not None and missing:
        draft.report.say(
            "CW504",
            grant,
            f'the grant "{grant.text}" of {kind} needs {" and ".join(missing)}',
            "Write it beside grant, from a secret where it is one.",
        )
    if client is None or client.entries is None:
        if grant is not None and grant.text == "client_credentials":
            draft.report.say(
                "CW504",
                grant,
                f'the grant "{grant.text}" of {kind} needs a client',
                "Write client: { id: ..., secret: ${ $secrets.NAME } }.",
            )
        return
    way = client.get("authentication")
    name = way.text if way is not None and way.text else "client_secret_post"
    needs = _CLIENTS.get(name, ())
    place = way or client
    if needs and not any(client.get(each) is not None for each in needs):
        draft.report.say(
            "CW504",
            place,
            f'"{name}" of {kind} needs client.{" or client.".join(needs)}',
            "Write it from a secret, or authentication: none for a client that has none.",
        )
    if name in _CLIENTS and client.get("id") is None:
        draft.report.say("CW504", client, f"the client of {kind} has no id", "Write client.id.")
