"""Whether an event is one that a filter of the standard names (`with`), and what it correlates by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from language.expressions import ExpressionError, evaluate_one, parse
from language.plan import EventFilter, Expression, ListTemplate, Literal, MapTemplate, Template
from service.cloud_events import data_of, envelope

Evaluate = Callable[[Expression, Any], Any]
"""The value of an expression; `.` is the second argument. May raise `Unevaluable`."""

_PATTERN_SIGNS = "^$*+?[](){}|\\"
"""A text that has one of these may be meant as a regular expression."""

_MATCH = parse("test($pattern)")


class Unevaluable(Exception):
    """An expression failed on this event, so the event does not fit; the text says why."""


def seen(event: Mapping[str, Any]) -> dict[str, Any]:
    """The event as filters see it: all attributes, with the data decoded."""
    shown = envelope(event)
    shown["data"] = data_of(event)
    shown.pop("data_base64", None)
    return shown


def fits(wanted: EventFilter, event: Mapping[str, Any], evaluate: Evaluate) -> bool:
    """Whether every attribute that `with` names is as it says; `event` as `seen` gives it.

    A literal must be equal, of objects the fields that it names; a text that is a regular
    expression must match as a whole. In an expression `.` is the value of the attribute (or the
    field) at whose place it stands: true or false decides, any other value must be equal.
    """
    match wanted.attributes:
        case MapTemplate(entries):
            return all(_fits(each, event.get(name), evaluate) for name, each in entries)
        case Literal(value):
            return all(_equal(each, event.get(name)) for name, each in value.items())


def _fits(wanted: Template, actual: Any, evaluate: Evaluate) -> bool:
    match wanted:
        case Literal(value):
            return _equal(value, actual)
        case Expression():
            given = evaluate(wanted, actual)
            if isinstance(given, bool) and not (isinstance(actual, bool) and is_constant(wanted)):
                return given
            return _same(given, actual)
        case MapTemplate(entries):
            return isinstance(actual, Mapping) and all(
                _fits(each, actual.get(name), evaluate) for name, each in entries
            )
        case ListTemplate(items):
            return (
                isinstance(actual, list)
                and len(actual) == len(items)
                and all(
                    _fits(each, value, evaluate) for each, value in zip(items, actual, strict=True)
                )
            )


def _equal(wanted: Any, actual: Any) -> bool:
    if isinstance(wanted, Mapping):
        return isinstance(actual, Mapping) and all(
            _equal(each, actual.get(name)) for name, each in wanted.items()
        )
    if isinstance(wanted, str) and isinstance(actual, str):
        return wanted == actual or (is_pattern(wanted) and _matches(wanted, actual))
    return _same(wanted, actual)


def _same(left: Any, right: Any) -> bool:
    """Equality of JSON: true is not 1."""
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def is_pattern(text: str) -> bool:
    """Whether a text can be meant as a regular expression: it has signs that only one has."""
    return any(sign in text for sign in _PATTERN_SIGNS)


def _matches(pattern: str, actual: str) -> bool:
    try:
        return bool(evaluate_one(_MATCH, actual, {"pattern": f"\\A(?:{pattern})\\z"}))
    except ExpressionError:
        # A text with such signs that is no regular expression is just a text.
        return False


def is_constant(expression: Expression) -> bool:
    """Whether an expression certainly reads nothing of the event: only variables by name."""
    source = expression.source.strip()
    return source.startswith("$") and all(
        path.root != "." for path in parse(expression.source).paths
    )


def type_of(wanted: EventFilter) -> str | None:
    """The one type of event that a filter can fit, or None where it may be any."""
    attributes = wanted.attributes
    if isinstance(attributes, Literal):
        found = attributes.value.get("type")
    else:
        given = attributes.get("type")
        found = given.value if isinstance(given, Literal) else None
    return found if isinstance(found, str) and not is_pattern(found) else None


def correlated(
    wanted: EventFilter, event: Mapping[str, Any], expected: Mapping[str, Any], evaluate: Evaluate
) -> dict[str, Any] | None:
    """The values that an event has for a filter's correlations, or None where one does not agree.

    An event without a value (null) for a correlation is not a part of any.
    """
    values: dict[str, Any] = {}
    for name, source, _ in wanted.correlate:
        value = evaluate(source, event)
        if value is None or (name in expected and not _same(expected[name], value)):
            return None
        values[name] = value
    return values


def evaluated(expression: Expression, value: Any, variables: Mapping[str, Any]) -> Any:
    """The value of an expression whose variables are known.

    Raises:
        Unevaluable: it fails on this value.
    """
    try:
        return evaluate_one(parse(expression.source), value, variables)
    except ExpressionError as error:
        raise Unevaluable(f"${{ {expression.source} }}: {error}") from error
