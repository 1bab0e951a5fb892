"""Evaluates what a case has left to the activity, because it names secrets."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from activities.masking import Mask, leaves
from activities.ports import Json, Secrets
from activities.request import Request
from integrations.errors import NotAuthorized, Refused
from language.expressions import ExpressionError, Program, evaluate_one, parse
from language.functions import CATALOG
from service.forms import check

SYSTEM = "secrets"


class NoSecrets:
    """A worker without any secrets."""

    async def read(self, name: str) -> Json:
        """See `Secrets.read`."""
        raise NotAuthorized(
            SYSTEM, f'there is no secret "{name}"', status=403, standard="authorization"
        )


async def reveal(name: str, request: Request, secrets: Secrets) -> Request:
    """The request with all its arguments. Its mask knows the secrets, and what was made of them.

    Raises:
        NotAuthorized: status 403; a secret is missing.
        Refused: an expression has no value, or the value does not fit where it stands.
    """
    deferred = request.deferred or {}
    programs = [(place, parse(place["source"])) for place in deferred["places"]]
    # Only those that stand in the definition by name: no value of a case chooses a secret.
    names = dict.fromkeys(
        path.keys[0]
        for _, program in programs
        for path in program.paths
        if path.root == "$secrets" and path.keys
    )
    known: dict[str, Json] = {}
    for each in names:
        known[each] = await secrets.read(each)
    request.mask.add(known)
    arguments: Any = copy.deepcopy(dict(request.arguments))
    for place, program in programs:
        found = _evaluated(program, place, deferred, known, request.mask)
        arguments = _put(arguments, place["at"], found)
    _check(name, request, arguments)
    return replace(request, arguments=arguments)


def _evaluated(
    program: Program,
    place: Mapping[str, Any],
    deferred: Mapping[str, Any],
    known: Mapping[str, Json],
    mask: Mask,
) -> Json:
    given = {**deferred["variables"], "secrets": known}
    try:
        found = evaluate_one(program, deferred["value"], given)
    except ExpressionError as error:
        raise Refused(
            SYSTEM,
            f"${{ {place['source']} }} (line {place['line']}): {mask.text(str(error))}",
            status=400,
            standard="expression",
        ) from None
    # What would be the same with other secrets tells nothing of them.
    other = {**given, "secrets": _scrambled(known)}
    try:
        harmless = dict.fromkeys(leaves(evaluate_one(program, deferred["value"], other)))
    except ExpressionError:
        harmless = {}
    mask.add([leaf for leaf in leaves(found) if leaf not in harmless])
    return found


def _scrambled(value: Json) -> Json:
    if isinstance(value, str):
        return "\ue000" * (len(value) + 1)
    if isinstance(value, dict):
        return {name: _scrambled(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_scrambled(each) for each in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value + 1
    return value


def _put(target: Json, path: list[str | int], value: Json) -> Json:
    if not path:
        return value
    target[path[0]] = _put(target[path[0]], path[1:], value)
    return target


def _check(name: str, request: Request, arguments: Mapping[str, Json]) -> None:
    """The arguments that secrets are a part of; all others were checked in the case."""
    properties = CATALOG[name].arguments["properties"]
    touched = dict.fromkeys(str(each["at"][0]) for each in (request.deferred or {})["places"])
    problems = [
        f"/{each}{problem.pointer}: {request.mask.text(problem.message)}"
        for each in touched
        if each in properties
        for problem in check(properties[each], arguments[each], ours=True)
    ]
    if problems:
        raise Refused(SYSTEM, "; ".join(problems), status=400, standard="validation")
