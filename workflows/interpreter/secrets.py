"""Arguments of a call in which secrets stand: they are not evaluated here.

A case is replayed from its history, and everything it evaluates is in there. So an expression that
names `$secrets` travels as it is, with the values that it reads, to the activity of the call.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from language.expressions import parse
from language.plan import Expression, ListTemplate, Literal, MapTemplate, Template

if TYPE_CHECKING:
    from workflows.interpreter.scope import Point

SECRETS = "secrets"
HIDDEN = "***"
"""What stands in the arguments where a value will be that only the activity knows."""


def evaluate_but_secrets(
    point: Point, template: Template, value: Any
) -> tuple[Any, dict[str, Any] | None]:
    """The value of a template, and what is left to the activity.

    What is left is {value, variables, places}: each of `places` is {at, source, line} with the keys
    and indices that lead to it; all of them see the same `.` and the same variables. None where
    nothing names `$secrets`.

    Raises:
        CaseError: type `expression`, as `Point.evaluate`.
    """
    places: list[dict[str, Any]] = []
    hidden = _walked(template, (), places)
    arguments = point.evaluate(hidden, value)
    if not places:
        return arguments, None
    names = dict.fromkeys(
        name for each in places for name in parse(each["source"]).variables if name != SECRETS
    )
    variables = {name: point.variable(name) for name in names}
    return arguments, {"value": value, "variables": variables, "places": places}


def hides(deferred: Mapping[str, Any] | None, *path: str | int) -> bool:
    """Whether a value below this path, or around it, is left to the activity."""
    for each in (deferred or {}).get("places", ()):
        if all(left == right for left, right in zip(each["at"], path, strict=False)):
            return True
    return False


def _walked(
    template: Template, path: tuple[str | int, ...], places: list[dict[str, Any]]
) -> Template:
    match template:
        case Expression(source, line) if SECRETS in parse(source).variables:
            places.append({"at": list(path), "source": source, "line": line})
            return Literal(HIDDEN)
        case MapTemplate(entries):
            return MapTemplate(
                tuple((name, _walked(each, (*path, name), places)) for name, each in entries)
            )
        case ListTemplate(items):
            return ListTemplate(
                tuple(_walked(each, (*path, index), places) for index, each in enumerate(items))
            )
        case _:
            return template
