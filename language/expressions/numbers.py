"""Numbers and quoted texts as jq writes them: doubles in arithmetic, exact where passed on."""

from __future__ import annotations

import math
from decimal import Decimal, InvalidOperation
from json.encoder import encode_basestring
from typing import Any

EXACT = (1 << 53) - 1
"""Integers up to here are the same as a double; computed ones beyond it stay doubles."""
MAX_FLOAT = 1.7976931348623157e308
_DIGITS = 5_000


class LiteralNumber(float):
    """A double that was written out in a way of its own, like 1.50 or 1E+1000; keeps the spelling."""

    __slots__ = ("spelling",)
    spelling: str

    def __new__(cls, value: float, spelling: str) -> LiteralNumber:
        """Give the double, with the spelling attached."""
        number = super().__new__(cls, value)
        number.spelling = spelling
        return number


def literal_number(text: str) -> int | float:
    """The number that `text` spells: an integer where it is written as one."""
    if len(text) < _DIGITS // 2 and text.lstrip("-").isdigit():
        return int(text)
    value = float(text)
    try:
        spelling = str(Decimal(text))
    except InvalidOperation:
        return value
    if math.isfinite(value) and spelling == _double_text(value):
        return value
    return LiteralNumber(value, spelling)


def as_float(value: int | float) -> float:
    """The double nearest to a number; huge integers become infinite."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def plain(value: float) -> int | float:
    """A computed double, as an integer where it has no fraction and is exact."""
    if value.is_integer() and -EXACT <= value <= EXACT and (value or math.copysign(1, value) > 0):
        return int(value)
    return value


def number_text(value: Any) -> str:
    """The JSON spelling of a number as jq writes it; nan is null, infinite the largest double."""
    if value.__class__ is int:
        return str(value) if -(10**400) < value < 10**400 else number_text(as_float(value))
    if isinstance(value, LiteralNumber):
        return value.spelling
    if is_nan(value):
        return "null"
    if value in (math.inf, -math.inf):
        return "1.7976931348623157e+308" if value > 0 else "-1.7976931348623157e+308"
    return _double_text(value)


def _double_text(value: float) -> str:
    """The shortest spelling of a finite double, in jq's choice between digits and exponent."""
    sign = "-" if math.copysign(1, value) < 0 else ""
    if value == 0:
        return sign + "0"
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    size = len(digits)
    if point <= -4 or point > size + 15:
        rest = f".{digits[1:]}" if size > 1 else ""
        return f"{sign}{digits[0]}{rest}e{'-' if point < 1 else '+'}{abs(point - 1):02d}"
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    if point >= size:
        # Below 2^53 such a double was written with a fraction, and keeps one.
        tail = ".0" if abs(value) <= EXACT else ""
        return f"{sign}{digits}{'0' * (point - size)}{tail}"
    return f"{sign}{digits[:point]}.{digits[point:]}"


def is_nan(value: int | float) -> bool:
    """Whether a number is nan; works for integers that no double holds."""
    return isinstance(value, float) and math.isnan(value)


def negate(value: int | float) -> int | float:
    """The number with its sign changed, exact; zero has none."""
    if value == 0:
        return abs(value) if value.__class__ is float else value
    if isinstance(value, LiteralNumber):
        spelling = value.spelling
        return LiteralNumber(
            -float(value), spelling[1:] if spelling.startswith("-") else "-" + spelling
        )
    return -value


def whole(value: int | float) -> int:
    """The integer that jq makes of a number, cut at 64 bits; nan is 0."""
    if value.__class__ is int and -EXACT <= value <= EXACT:
        return int(value)
    number = as_float(value)
    if math.isnan(number):
        return 0
    if number >= 9.223372036854775807e18:
        return (1 << 63) - 1
    if number <= -9.223372036854775808e18:
        return -(1 << 63)
    return int(number)


def quote(text: str) -> str:
    """A text in JSON's quotes, with the escapes that jq writes."""
    return encode_basestring(text).replace("\x7f", "\\u007f")
