"""How a call logs in: policies by name, and policies that a secret holds as a whole."""

from __future__ import annotations

import json

from language.building.templates import template
from language.draft import Draft
from language.expressions import parse
from language.plan import Expression, ListTemplate, Literal, MapTemplate, Template

PLACES = {"http": ("endpoint", "authentication"), "openapi": ("authentication",)}
"""Function -> where in its arguments the policy stands. These functions take secrets."""

_TAKEN = {
    "basic": " | {username, password}",
    "digest": " | {username, password}",
    "bearer": ' | if type == "string" then {token: .} else {token} end',
}
"""What a policy takes of its secret, which may serve others as well. A token may be all of it."""


def with_authentication(draft: Draft, function: str, arguments: Template) -> Template:
    """Arguments in which the policy itself stands, whichever way it was named.

    `use: name` becomes what `use.authentications` says. `basic: {use: secret}` becomes an
    expression that names the secret, so that no data of a case can ever choose one.
    """
    return _changed(draft, arguments, PLACES[function])


def names_secrets(value: Template) -> bool:
    """Whether any expression of a template names `$secrets`."""
    match value:
        case Expression(source):
            return "secrets" in parse(source).variables
        case MapTemplate(fields):
            return any(names_secrets(each) for _, each in fields)
        case ListTemplate(items):
            return any(names_secrets(each) for each in items)
        case _:
            return False


def entries(value: Template | None) -> dict[str, Template]:
    """The keys of a template that is an object, each with its template."""
    match value:
        case MapTemplate(fields):
            return dict(fields)
        case Literal(dict() as written):
            return {key: Literal(part) for key, part in written.items()}
        case _:
            return {}


def _changed(draft: Draft, value: Template, path: tuple[str, ...]) -> Template:
    if not path:
        return _policy(draft, value)
    inside = entries(value)
    if path[0] not in inside:
        return value
    changed = _changed(draft, inside[path[0]], path[1:])
    if changed is inside[path[0]]:
        return value
    return MapTemplate(tuple({**inside, path[0]: changed}.items()))


def _policy(draft: Draft, policy: Template) -> Template:
    named = entries(policy).get("use")
    if isinstance(named, Literal):
        known = draft.part("use", "authentications").get(str(named.value))
        if known is None:
            return policy
        policy = template(known)
    kinds = entries(policy)
    for kind, given in kinds.items():
        secret = entries(given).get("use")
        if isinstance(secret, Literal) and isinstance(secret.value, str):
            source = f"$secrets[{json.dumps(secret.value, ensure_ascii=False)}]"
            source += _TAKEN.get(kind, "")
            return MapTemplate(tuple({**kinds, kind: Expression(source)}.items()))
    return policy
