"""Functions of values of any kind: kind, size, keys, conversion, containment."""

from __future__ import annotations

import math
from typing import Any

from language.expressions import access
from language.expressions.budget import Meter, too_deep
from language.expressions.builtins.calling import Native, on_values
from language.expressions.errors import Raised
from language.expressions.formats import FORMATS, text
from language.expressions.numbers import as_float, is_nan, literal_number, negate
from language.expressions.operators import add, split, subtract
from language.expressions.serialize import from_json, to_json
from language.expressions.values import (
    MAX_NESTING,
    compare,
    described,
    equal,
    is_number,
    kind_name,
    rank,
)


def _length(meter: Meter, value: Any) -> Any:
    if value is None:
        return 0
    if value.__class__ in (list, dict, str):
        return len(value)
    if value.__class__ is bool:
        raise Raised(f"{described(value)} has no length")
    return absolute(meter, value)


def absolute(meter: Meter, value: Any) -> Any:
    """The number without its sign; texts and the like as they are, as jq has it."""
    if not is_number(value):
        if value is None or value.__class__ is bool:
            raise Raised(f"{described(value)} cannot be negated")
        return value
    if value < 0 or (value == 0 and math.copysign(1, value) < 0):
        return 0 if value == 0 else negate(value)
    return value


def _utf8_length(meter: Meter, value: Any) -> int:
    if value.__class__ is not str:
        raise Raised(f"{described(value)} only strings have UTF-8 byte length")
    meter.charge(len(value) >> 4)
    return len(value.encode("utf-8", "replace"))


def _keys_unsorted(meter: Meter, value: Any) -> list[Any]:
    if value.__class__ is dict:
        meter.charge(len(value))
        return list(value)
    if value.__class__ is list:
        meter.charge(len(value))
        return list(range(len(value)))
    raise Raised(f"{described(value)} has no keys")


def _keys(meter: Meter, value: Any) -> list[Any]:
    return sorted(_keys_unsorted(meter, value))


def _to_entries(meter: Meter, value: Any) -> list[Any]:
    keys = _keys_unsorted(meter, value)
    return [{"key": key, "value": value[key]} for key in keys]


def _to_number(meter: Meter, value: Any) -> Any:
    if is_number(value):
        return value
    if value.__class__ is str:
        meter.charge(len(value) >> 2)
        body = value[1:] if value[:1] in ("-", "+") else value
        lowered = body.lower()
        if lowered == "nan":
            return math.nan
        if lowered in ("infinity", "inf"):
            return -math.inf if value.startswith("-") else math.inf
        if body and body.isascii() and all(char in "0123456789.eE+-" for char in body):
            try:
                if body[0] in "0123456789.":
                    return literal_number(value.removeprefix("+"))
            except ValueError:
                pass
    raise Raised(f"{described(value)} cannot be parsed as a number")


def _to_boolean(meter: Meter, value: Any) -> bool:
    if value.__class__ is bool:
        return bool(value)
    if value == "true":
        return True
    if value == "false":
        return False
    raise Raised(f"{described(value)} cannot be parsed as a boolean")


def _to_string(meter: Meter, value: Any) -> str:
    return text(value, meter)


def _to_json(meter: Meter, value: Any) -> str:
    return to_json(value, meter)


def _from_json(meter: Meter, value: Any) -> Any:
    if value.__class__ is not str:
        raise Raised(f"{described(value)} only strings can be parsed")
    return from_json(value, meter)


def _contains(meter: Meter, value: Any, wanted: Any) -> bool:
    # true and false are kinds of their own here.
    if rank(value) != rank(wanted):
        raise Raised(
            f"{described(value)} and {described(wanted)} cannot have their containment checked"
        )
    return contained(value, wanted, meter, 0)


def contained(value: Any, wanted: Any, meter: Meter, depth: int) -> bool:
    """Whether `value` has all that `wanted` has, texts as parts of texts."""
    if depth * 3 > meter.depth:
        if _nests_deeper(wanted, MAX_NESTING - depth):
            raise Raised("Containment check too deep")
        raise too_deep()
    meter.charge(1)
    kind = value.__class__
    if kind is not wanted.__class__ and not (is_number(value) and is_number(wanted)):
        return False
    if kind is dict:
        for key, item in wanted.items():
            if key not in value or not contained(value[key], item, meter, depth + 1):
                return False
        return True
    if kind is list:
        for item in wanted:
            for other in value:
                if contained(other, item, meter, depth + 1):
                    break
            else:
                return False
        return True
    if kind is str:
        meter.charge(len(value) >> 4)
        return wanted in value
    return equal(value, wanted, meter)


def _nests_deeper(value: Any, limit: int) -> bool:
    stack = [(value, 1)]
    while stack:
        item, depth = stack.pop()
        if depth > limit + 1:
            return True
        if item.__class__ is list:
            stack.extend((inner, depth + 1) for inner in item)
        elif item.__class__ is dict:
            stack.extend((inner, depth + 1) for inner in item.values())
    return False


def _has(meter: Meter, value: Any, key: Any) -> bool:
    return access.has(value, key)


def total(items: Any, meter: Meter) -> Any:
    """The sum of all items by `+`, null for none."""
    result: Any = None
    gathered: list[Any] | None = None
    pieces: list[str] | None = None
    for item in items:
        meter.charge(1)
        kind = item.__class__
        # Long sums of texts or arrays are gathered, so that they cost what they give.
        if gathered is not None:
            if kind is list:
                meter.charge(len(item) >> 2)
                gathered.extend(item)
                continue
            result, gathered = gathered, None
        elif pieces is not None:
            if kind is str:
                meter.charge(len(item) >> 4)
                pieces.append(item)
                continue
            result, pieces = "".join(pieces), None
        if kind is list and (result is None or result.__class__ is list):
            gathered = [*(result or ()), *item]
        elif kind is str and (result is None or result.__class__ is str):
            pieces = [result or "", item]
        else:
            result = add(result, item, meter)
    if gathered is not None:
        return gathered
    return "".join(pieces) if pieces is not None else result


def _flatten(meter: Meter, value: Any, depth: Any) -> list[Any]:
    if compare(depth, 0, meter) < 0:
        raise Raised("flatten depth must not be negative")
    if value.__class__ is dict:
        value = list(value.values())
    elif value.__class__ is not list:
        raise Raised(f"Cannot iterate over {described(value)}")
    if not is_number(depth):
        # jq counts down where it meets a list, and only there finds out.
        for item in value:
            meter.charge(1)
            if item.__class__ is list:
                subtract(depth, 1, meter)
        return list(value)
    flat: list[Any] = []
    stack: list[tuple[Any, float]] = [(iter(value), as_float(depth))]
    while stack:
        items, left = stack[-1]
        for item in items:
            meter.charge(1)
            if item.__class__ is list and left > 0:
                stack.append((iter(item), left - 1))
                break
            flat.append(item)
        else:
            stack.pop()
    return flat


def _flatten_all(meter: Meter, value: Any) -> list[Any]:
    return _flatten(meter, value, 1e9)


def _transpose(meter: Meter, value: Any) -> list[Any]:
    if value.__class__ is dict:
        value = list(value.values())
    if value.__class__ is not list:
        raise Raised(f"Cannot iterate over {described(value)}")
    lengths = [as_float(_length(meter, row)) for row in value]
    widest = max((each for each in lengths if not math.isnan(each)), default=0.0)
    meter.charge(len(value))
    columns: list[Any] = []
    while len(columns) < widest:
        meter.charge(len(value))
        at = len(columns)
        columns.append([access.get(row, at, meter) for row in value])
    return columns


def _reverse(meter: Meter, value: Any) -> Any:
    if value is None:
        return []
    if value.__class__ is list:
        meter.charge(len(value) >> 2)
        return value[::-1]
    length = _length(meter, value)
    if length == 0:
        return []
    raise Raised(f"Cannot index {kind_name(value)} with {described(length - 1)}")


def _format(meter: Meter, value: Any, name: Any) -> str:
    form = FORMATS.get(name) if name.__class__ is str else None
    if form is None:
        shown_name = name if name.__class__ is str else described(name)
        raise Raised(f"{shown_name} is not a valid format")
    return form(value, meter)


def _join(meter: Meter, value: Any, separator: Any) -> Any:
    if value.__class__ is dict:
        value = list(value.values())
    if value.__class__ is not list:
        raise Raised(f"Cannot iterate over {described(value)}")
    meter.charge(len(value))
    result = ""
    pieces: list[str] = []
    for index, item in enumerate(value):
        if index and separator.__class__ is not str:
            result = "".join(pieces)
            joined = add(result, separator, meter)
            pieces = [joined]
        elif index:
            pieces.append(separator)
        if item is None:
            continue
        if item.__class__ is str:
            meter.charge((len(item) + 16) >> 4)
            pieces.append(item)
        elif item.__class__ is bool or is_number(item):
            pieces.append(to_json(item))
        else:
            add("".join(pieces), item, meter)
    return "".join(pieces)


def _split(meter: Meter, value: Any, separator: Any) -> list[str]:
    if value.__class__ is not str or separator.__class__ is not str:
        raise Raised("split input and separator must be strings")
    return split(value, separator, meter)


def _is_nan(meter: Meter, value: Any) -> bool:
    return is_number(value) and is_nan(value)


def number(value: Any) -> Any:
    """The value, if it is a number; else jq's error."""
    if not is_number(value):
        raise Raised(f"{described(value)} number required")
    return value


def _is_infinite(meter: Meter, value: Any) -> bool:
    return is_number(value) and math.isinf(as_float(value))


def _is_normal(meter: Meter, value: Any) -> bool:
    if not is_number(value):
        return False
    size = abs(as_float(value))
    return 2.2250738585072014e-308 <= size < math.inf


def _not(meter: Meter, value: Any) -> bool:
    return value is None or value is False


def _type(meter: Meter, value: Any) -> str:
    return kind_name(value)


def _to_array(meter: Meter, value: Any) -> Any:
    return value if value.__class__ is list else [value]


GENERAL: dict[tuple[str, int], Native] = {
    ("length", 0): on_values(_length),
    ("abs", 0): on_values(absolute),
    ("utf8bytelength", 0): on_values(_utf8_length),
    ("keys", 0): on_values(_keys),
    ("keys_unsorted", 0): on_values(_keys_unsorted),
    ("to_entries", 0): on_values(_to_entries),
    ("tonumber", 0): on_values(_to_number),
    ("toboolean", 0): on_values(_to_boolean),
    ("tostring", 0): on_values(_to_string),
    ("tojson", 0): on_values(_to_json),
    ("fromjson", 0): on_values(_from_json),
    ("toarray", 0): on_values(_to_array),
    ("contains", 1): on_values(_contains),
    ("has", 1): on_values(_has),
    ("flatten", 0): on_values(_flatten_all),
    ("flatten", 1): on_values(_flatten, first_outermost=True),
    ("transpose", 0): on_values(_transpose),
    ("reverse", 0): on_values(_reverse),
    ("format", 1): on_values(_format),
    ("join", 1): on_values(_join, first_outermost=True),
    ("split", 1): on_values(_split),
    ("isnan", 0): on_values(_is_nan),
    ("isinfinite", 0): on_values(_is_infinite),
    ("isnormal", 0): on_values(_is_normal),
    ("not", 0): on_values(_not),
    ("type", 0): on_values(_type),
    ("nan", 0): on_values(lambda meter, value: math.nan),
    ("infinite", 0): on_values(lambda meter, value: math.inf),
    ("have_decnum", 0): on_values(lambda meter, value: True),
    ("have_literal_numbers", 0): on_values(lambda meter, value: True),
}
