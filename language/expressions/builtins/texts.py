"""Functions of texts: case, prefixes, trimming, code points."""

from __future__ import annotations

import math
from typing import Any

from language.expressions.budget import Meter
from language.expressions.builtins.calling import Native, on_values
from language.expressions.errors import Raised
from language.expressions.numbers import as_float, is_nan
from language.expressions.values import described, is_number

# jq trims what Unicode calls White_Space, which is not what Python's strip() removes.
_SPACES = (
    "\t\n\x0b\x0c\r \x85\xa0\u1680"
    + "".join(map(chr, range(0x2000, 0x200B)))
    + ("\u2028\u2029\u202f\u205f\u3000")
)
_UPPER = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}
_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def _both(meter: Meter, value: Any, other: Any, name: str) -> None:
    if value.__class__ is not str or other.__class__ is not str:
        raise Raised(f"{name}() requires string inputs")
    meter.charge(min(len(value), len(other)) >> 4)


def _starts(meter: Meter, value: Any, prefix: Any) -> bool:
    _both(meter, value, prefix, "startswith")
    return bool(value.startswith(prefix))


def _ends(meter: Meter, value: Any, suffix: Any) -> bool:
    _both(meter, value, suffix, "endswith")
    return bool(value.endswith(suffix))


def _strip_start(meter: Meter, value: Any, prefix: Any) -> Any:
    _both(meter, value, prefix, "startswith")
    meter.charge(len(value) >> 4)
    return value.removeprefix(prefix)


def _strip_end(meter: Meter, value: Any, suffix: Any) -> Any:
    _both(meter, value, suffix, "endswith")
    meter.charge(len(value) >> 4)
    return value.removesuffix(suffix)


def _strip_both(meter: Meter, value: Any, part: Any) -> Any:
    return _strip_end(meter, _strip_start(meter, value, part), part)


def _text(meter: Meter, value: Any) -> str:
    if value.__class__ is not str:
        raise Raised("trim input must be a string")
    meter.charge(len(value) >> 4)
    return value


def _upper(meter: Meter, value: Any) -> str:
    return _cased(meter, value, _UPPER)


def _lower(meter: Meter, value: Any) -> str:
    return _cased(meter, value, _LOWER)


def _cased(meter: Meter, value: Any, table: dict[int, int]) -> str:
    if value.__class__ is not str:
        raise Raised("explode input must be a string")
    meter.charge(len(value) >> 3)
    return value.translate(table)


def _explode(meter: Meter, value: Any) -> list[int]:
    if value.__class__ is not str:
        raise Raised("explode input must be a string")
    meter.charge(len(value))
    return [ord(char) for char in value]


def _implode(meter: Meter, value: Any) -> str:
    if value.__class__ is not list:
        raise Raised("implode input must be an array")
    meter.charge(len(value))
    chars = []
    for item in value:
        if not is_number(item) or is_nan(item):
            raise Raised(
                f"{described(item)} can't be imploded, unicode codepoint needs to be numeric"
            )
        number = as_float(item)
        code = int(number) if math.isfinite(number) else -1
        valid = 0 <= code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF
        chars.append(chr(code) if valid else "\ufffd")
    return "".join(chars)


TEXTS: dict[tuple[str, int], Native] = {
    ("startswith", 1): on_values(_starts),
    ("endswith", 1): on_values(_ends),
    ("ltrimstr", 1): on_values(_strip_start, first_outermost=True),
    ("rtrimstr", 1): on_values(_strip_end, first_outermost=True),
    ("trimstr", 1): on_values(_strip_both, first_outermost=True),
    ("trim", 0): on_values(lambda meter, value: _text(meter, value).strip(_SPACES)),
    ("ltrim", 0): on_values(lambda meter, value: _text(meter, value).lstrip(_SPACES)),
    ("rtrim", 0): on_values(lambda meter, value: _text(meter, value).rstrip(_SPACES)),
    ("ascii_upcase", 0): on_values(_upper),
    ("ascii_downcase", 0): on_values(_lower),
    ("explode", 0): on_values(_explode),
    ("implode", 0): on_values(_implode),
}
