"""Arithmetic and comparison of values, with jq's meaning for every pair of kinds."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from language.expressions.budget import Meter
from language.expressions.errors import Raised
from language.expressions.numbers import EXACT, as_float, is_nan, plain, whole
from language.expressions.values import compare, described, equal, is_number

Operator = Callable[[Any, Any, Meter], Any]


def _cannot(left: Any, right: Any, done: str) -> Raised:
    return Raised(f"{described(left)} and {described(right)} cannot be {done}")


def add(left: Any, right: Any, meter: Meter) -> Any:
    """`left + right`: numbers, texts, arrays, objects; null adds nothing."""
    kind = left.__class__
    if kind is int and right.__class__ is int:
        total = left + right
        if -EXACT <= total <= EXACT and -EXACT <= left <= EXACT:
            return total
    if kind is str and right.__class__ is str:
        meter.charge((len(left) + len(right)) >> 4)
        return left + right
    if left is None:
        return right
    if right is None:
        return left
    if kind is list and right.__class__ is list:
        meter.charge((len(left) + len(right)) >> 2)
        return left + right
    if kind is dict and right.__class__ is dict:
        meter.charge((len(left) + len(right)) >> 2)
        return {**left, **right}
    if is_number(left) and is_number(right):
        return plain(as_float(left) + as_float(right))
    raise _cannot(left, right, "added")


def subtract(left: Any, right: Any, meter: Meter) -> Any:
    """`left - right`: numbers; arrays lose every element that the right one has."""
    if left.__class__ is int and right.__class__ is int:
        rest = left - right
        if -EXACT <= rest <= EXACT and -EXACT <= left <= EXACT:
            return rest
    if is_number(left) and is_number(right):
        return plain(as_float(left) - as_float(right))
    if left.__class__ is list and right.__class__ is list:
        meter.charge(len(left))
        kept = []
        for item in left:
            meter.charge(len(right))
            if not any(equal(item, other, meter) for other in right):
                kept.append(item)
        return kept
    raise _cannot(left, right, "subtracted")


def multiply(left: Any, right: Any, meter: Meter) -> Any:
    """`left * right`: numbers; a text repeated; two objects merged in depth."""
    if left.__class__ is int and right.__class__ is int:
        product = left * right
        if -EXACT <= product <= EXACT:
            return product
    if is_number(left):
        if is_number(right):
            return plain(as_float(left) * as_float(right))
        if right.__class__ is str:
            return _repeat(right, left, meter)
    elif left.__class__ is str and is_number(right):
        return _repeat(left, right, meter)
    elif left.__class__ is dict and right.__class__ is dict:
        return _merge(left, right, meter)
    raise _cannot(left, right, "multiplied")


def _repeat(text: str, times: int | float, meter: Meter) -> str | None:
    count = as_float(times)
    if math.isnan(count) or count < 0:
        return None
    if count * len(text) >= 1 << 31:
        raise Raised("Repeat string result too long")
    meter.charge(int(count * len(text)) >> 4)
    return text * int(count)


def _merge(left: dict[str, Any], right: dict[str, Any], meter: Meter) -> dict[str, Any]:
    result = dict(left)
    work = [(result, right)]
    while work:
        target, source = work.pop()
        meter.charge(len(target) + len(source))
        for key, value in source.items():
            if value.__class__ is dict and target.get(key).__class__ is dict:
                inner = dict(target[key])
                target[key] = inner
                work.append((inner, value))
            else:
                target[key] = value
    return result


def divide(left: Any, right: Any, meter: Meter) -> Any:
    """`left / right`: numbers; a text split at every occurrence of another."""
    if is_number(left) and is_number(right):
        if right == 0:
            raise _cannot(left, right, "divided because the divisor is zero")
        return plain(as_float(left) / as_float(right))
    if left.__class__ is str and right.__class__ is str:
        return split(left, right, meter)
    raise _cannot(left, right, "divided")


def split(text: str, separator: str, meter: Meter) -> list[str]:
    """The pieces of a text between the separators; its characters for an empty separator."""
    meter.charge(len(text) >> 4)
    if not text:
        return []
    pieces = list(text) if not separator else text.split(separator)
    meter.charge(len(pieces))
    return pieces


def remainder(left: Any, right: Any, meter: Meter) -> Any:
    """`left % right` of the whole parts, with the sign of the left."""
    if is_number(left) and is_number(right):
        if is_nan(left) or is_nan(right):
            return math.nan
        divisor = abs(whole(right))
        if divisor == 0:
            raise _cannot(left, right, "divided (remainder) because the divisor is zero")
        dividend = whole(left)
        rest = abs(dividend) % min(divisor, (1 << 63) - 1)
        return plain(float(-rest if dividend < 0 else rest)) if rest else 0
    raise _cannot(left, right, "divided (remainder)")


def _equal(left: Any, right: Any, meter: Meter) -> bool:
    return equal(left, right, meter)


def _differ(left: Any, right: Any, meter: Meter) -> bool:
    return not equal(left, right, meter)


def _less(left: Any, right: Any, meter: Meter) -> bool:
    if left.__class__ is int and right.__class__ is int:
        return bool(left < right)
    return compare(left, right, meter) < 0


def _less_equal(left: Any, right: Any, meter: Meter) -> bool:
    if left.__class__ is int and right.__class__ is int:
        return bool(left <= right)
    return compare(left, right, meter) <= 0


def _greater(left: Any, right: Any, meter: Meter) -> bool:
    if left.__class__ is int and right.__class__ is int:
        return bool(left > right)
    return compare(left, right, meter) > 0


def _greater_equal(left: Any, right: Any, meter: Meter) -> bool:
    if left.__class__ is int and right.__class__ is int:
        return bool(left >= right)
    return compare(left, right, meter) >= 0


OPERATORS: dict[str, Operator] = {
    "+": add, "-": subtract, "*": multiply, "/": divide, "%": remainder,
    "==": _equal, "!=": _differ,
    "<": _less, "<=": _less_equal, ">": _greater, ">=": _greater_equal,
}  # fmt: skip
