"""What the tests of expressions share: one line from source and input to all outputs."""

from __future__ import annotations

from typing import Any

from language.expressions import Budget, ExpressionError, evaluate, parse


def outputs(source: str, value: Any = None, **variables: Any) -> list[Any]:
    """All outputs of a source for an input."""
    return evaluate(parse(source), value, variables)


def failure(source: str, value: Any = None, budget: Budget | None = None) -> ExpressionError:
    """The error of a source that must fail."""
    try:
        given = evaluate(parse(source), value, {}, budget or Budget())
    except ExpressionError as error:
        return error
    raise AssertionError(f"{source} gave {given}")


def same(left: Any, right: Any) -> bool:
    """Whether two values are the same JSON, numbers within the last digits of a double."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, int | float) and isinstance(right, int | float):
        return left == right or abs(left - right) <= 1e-12 * max(abs(left), abs(right))
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return type(left) is type(right) and bool(left == right)
