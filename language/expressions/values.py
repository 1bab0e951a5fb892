"""JSON values: kinds, order, equality, and how errors show them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cmp_to_key
from typing import Any

from language.expressions.budget import Meter
from language.expressions.errors import Raised
from language.expressions.numbers import as_float, is_nan, number_text, quote

MAX_NESTING = 10_000
"""How deep a value may nest before it cannot be compared, written or read."""

_NAMES: dict[type, str] = {
    type(None): "null", bool: "boolean", int: "number", float: "number",
    str: "string", list: "array", dict: "object",
}  # fmt: skip
_SHOWN = 29


def truthy(value: Any) -> bool:
    """Whether a condition takes the value as true: everything but null and false."""
    return value is not None and value is not False


def kind_name(value: Any) -> str:
    """null, boolean, number, string, array or object."""
    name = _NAMES.get(value.__class__)
    return name if name is not None else "number"


def is_number(value: Any) -> bool:
    """Whether the value is a number; true and false are not."""
    kind = value.__class__
    return kind is int or kind is float or (kind is not bool and isinstance(value, int | float))


def rank(value: Any) -> int:
    """Where a value's kind stands in the order of all values."""
    if value is None:
        return 0
    if value is False:
        return 1
    if value is True:
        return 2
    kind = value.__class__
    if kind is str:
        return 4
    if kind is list:
        return 5
    if kind is dict:
        return 6
    return 3


def equal(left: Any, right: Any, meter: Meter) -> bool:
    """Whether two values are the same JSON; 1 and 1.0 are."""
    kind = left.__class__
    if kind is not list and kind is not dict:
        if kind is bool or right.__class__ is bool:
            return left is right
        return bool(left == right) or _same_double(left, right)
    if kind is not right.__class__:
        return False
    stack = [(left, right, 1)]
    steps = 0
    while stack:
        a, b, depth = stack.pop()
        kind = a.__class__
        if kind is list:
            if b.__class__ is not list or len(a) != len(b):
                return False
            if depth > MAX_NESTING:
                raise Raised("Equality check too deep")
            steps += len(a)
            if steps > 1000:
                meter.charge(steps)
                steps = 0
            stack.extend((x, y, depth + 1) for x, y in zip(a, b, strict=True))
        elif kind is dict:
            if b.__class__ is not dict or len(a) != len(b):
                return False
            if depth > MAX_NESTING:
                raise Raised("Equality check too deep")
            steps += len(a)
            if steps > 1000:
                meter.charge(steps)
                steps = 0
            for key, x in a.items():
                if key not in b:
                    return False
                stack.append((x, b[key], depth + 1))
        elif bool in (a.__class__, b.__class__):
            if a is not b:
                return False
        elif a != b and not _same_double(a, b):
            return False
    meter.charge(steps)
    return True


def _same_double(left: Any, right: Any) -> bool:
    """Whether a computed double is the one nearest to an integer that was written out."""
    if isinstance(left, float) is isinstance(right, float):
        return False
    return is_number(left) and is_number(right) and as_float(left) == as_float(right)


def compare(left: Any, right: Any, meter: Meter) -> int:
    """-1, 0 or 1: null < false < true < numbers < strings < arrays < objects."""
    stack: list[tuple[Any, Any, int]] = [(left, right, 1)]
    while stack:
        a, b, depth = stack.pop()
        ra, rb = rank(a), rank(b)
        if ra != rb:
            return -1 if ra < rb else 1
        if ra < 3:
            continue
        if ra == 3:
            if is_nan(a):
                return -1
            if a != b and not _same_double(a, b):
                return -1 if a < b else 1
        elif ra == 4:
            if a != b:
                return -1 if a < b else 1
        elif depth > MAX_NESTING:
            raise Raised("Comparison too deep")
        elif ra == 5:
            meter.charge(min(len(a), len(b)) + 1)
            # The lengths decide last: pushed first, popped after all elements were equal.
            if len(a) != len(b):
                stack.append((len(a), len(b), depth))
            pairs = [(x, y, depth + 1) for x, y in zip(a, b, strict=False)]
            pairs.reverse()
            stack.extend(pairs)
        else:
            meter.charge(len(a) + len(b) + 1)
            keys_a, keys_b = sorted(a), sorted(b)
            if keys_a != keys_b:
                return -1 if keys_a < keys_b else 1
            stack.extend((a[key], b[key], depth + 1) for key in reversed(keys_a))
    return 0


def sort_key(values: list[Any], meter: Meter) -> Callable[[Any], Any] | None:
    """The key for Python's sort that gives jq's order; None where the plain order is the same."""
    size = len(values)
    meter.charge(size * max(1, size.bit_length() // 2))
    kinds = {value.__class__ for value in values}
    if kinds <= {str}:
        return None
    if kinds <= {int, float} and not any(is_nan(value) for value in values):
        return None
    return cmp_to_key(lambda a, b: compare(a, b, meter))


def shown(value: Any) -> str:
    """A value's JSON, cut to about thirty bytes, as error messages show it."""
    text = _brief(value)
    data = text.encode("utf-8", "replace")
    if len(data) <= _SHOWN:
        return text
    closing = {str: '"', list: "]", dict: "}"}.get(value.__class__, "")
    kept = data[: _SHOWN - 3 - len(closing)].decode("utf-8", "ignore")
    return f"{kept}...{closing}"


def described(value: Any) -> str:
    """`number (5)`: kind and JSON of a value, for error messages."""
    return f"{kind_name(value)} ({shown(value)})"


def _brief(value: Any) -> str:
    """JSON of a value, at least as far as its first thirty bytes."""
    pieces: list[str] = []
    size = 0
    stack: list[Any] = [(value,)]
    while stack and size <= _SHOWN:
        item = stack.pop()
        if item.__class__ is str:
            piece = item
        else:
            inner = item[0]
            kind = inner.__class__
            if kind is list:
                stack.append("]")
                head = inner[:_SHOWN]
                for index in range(len(head) - 1, -1, -1):
                    stack.append((head[index],))
                    if index:
                        stack.append(",")
                piece = "["
            elif kind is dict:
                stack.append("}")
                keys = list(inner)[:_SHOWN]
                for index in range(len(keys) - 1, -1, -1):
                    stack.append((inner[keys[index]],))
                    stack.append(quote(keys[index]) + ":")
                    if index:
                        stack.append(",")
                piece = "{"
            elif kind is str:
                piece = quote(inner[: _SHOWN + 1]) if len(inner) > _SHOWN else quote(inner)
            elif inner is None:
                piece = "null"
            elif kind is bool:
                piece = "true" if inner else "false"
            else:
                piece = number_text(inner)
        pieces.append(piece)
        size += len(piece)
    return "".join(pieces)


def number_or_raise(value: Any, what: str) -> float:
    """The double of a number; raises `<described> <what>` for anything else."""
    if not is_number(value):
        raise Raised(f"{described(value)} {what}")
    return as_float(value)
