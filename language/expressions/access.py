"""Reading, writing and deleting at keys, slices and paths; values are copied, never changed."""

from __future__ import annotations

import math
from functools import cmp_to_key
from typing import Any

from language.expressions.budget import Meter
from language.expressions.errors import Raised
from language.expressions.numbers import as_float, is_nan
from language.expressions.values import (
    MAX_NESTING,
    compare,
    described,
    equal,
    is_number,
    kind_name,
)

_LARGEST_INDEX = 536_870_911


def get(target: Any, key: Any, meter: Meter) -> Any:
    """`target[key]`, null where nothing is there."""
    kind = target.__class__
    key_kind = key.__class__
    if kind is dict and key_kind is str:
        return target.get(key)
    if kind is list:
        if is_number(key):
            place = _place(key)
            if place is None:
                return None
            if place < 0:
                place += len(target)
            return target[place] if 0 <= place < len(target) else None
        if key_kind is dict:
            return _slice(target, key, meter)
        if key_kind is list:
            return positions(target, key, meter)
    elif target is None:
        if key_kind is str or key_kind is dict or is_number(key):
            return None
    elif kind is str and key_kind is dict:
        return _slice(target, key, meter)
    raise Raised(f"Cannot index {kind_name(target)} with {described(key)}")


def _place(key: int | float) -> int | None:
    """An array index as an integer; None for nan, and for what no array can have."""
    number = as_float(key)
    if math.isnan(number) or abs(number) > 1e15:
        return None
    return int(number)


def _bounds(size: int, key: dict[str, Any]) -> tuple[int, int]:
    start, stop = key.get("start", key), key.get("end", key)
    if not (start is None or is_number(start)) or not (stop is None or is_number(stop)):
        raise Raised("Array/string slice indices must be integers")
    low = 0.0 if start is None else as_float(start)
    high = float(size) if stop is None else as_float(stop)
    if math.isnan(low):
        low = 0.0
    if math.isnan(high):
        high = float(size)
    if low < 0:
        low += size
    if high < 0:
        high += size
    low = min(max(low, 0.0), float(size))
    high = min(high, float(size))
    if high < low:
        return math.floor(low), math.floor(low)
    return math.floor(low), math.ceil(high)


def _slice(target: Any, key: dict[str, Any], meter: Meter) -> Any:
    low, high = _bounds(len(target), key)
    meter.charge((high - low) >> 4)
    return target[low:high]


def positions(target: list[Any], wanted: list[Any], meter: Meter) -> list[int]:
    """The indexes at which `wanted` stands in `target` as a run."""
    if not wanted:
        return []
    found = []
    size = len(wanted)
    for start in range(len(target) - size + 1):
        for step in range(size):
            if not equal(target[start + step], wanted[step], meter):
                break
        else:
            found.append(start)
        meter.charge(1 + step)
    return found


def put(target: Any, key: Any, value: Any, meter: Meter) -> Any:
    """A copy of `target` with `value` at `key`; null becomes the container that the key needs."""
    kind = target.__class__
    key_kind = key.__class__
    if key_kind is str and (kind is dict or target is None):
        if target is None:
            return {key: value}
        meter.charge(len(target) >> 4)
        changed = dict(target)
        changed[key] = value
        return changed
    if is_number(key) and (kind is list or target is None):
        if is_nan(key):
            raise Raised("Cannot set array element at NaN index")
        items = [] if target is None else target
        place = int(as_float(key)) if abs(key) < 1e15 else int(math.copysign(1e15, key))
        if place < 0:
            place += len(items)
            if place < 0:
                raise Raised("Out of bounds negative array index")
        if place > _LARGEST_INDEX:
            raise Raised("Array index too large")
        meter.charge(len(items) >> 4)
        if place >= len(items):
            meter.charge((place - len(items)) >> 2)
            return [*items, *([None] * (place - len(items))), value]
        copied = list(items)
        copied[place] = value
        return copied
    if key_kind is dict and (kind is list or target is None):
        items = [] if target is None else target
        low, high = _bounds(len(items), key)
        if value.__class__ is not list:
            raise Raised("A slice of an array can only be assigned another array")
        meter.charge((len(items) + len(value)) >> 4)
        return items[:low] + value + items[high:]
    if key_kind is dict and kind is str:
        raise Raised("Cannot update string slices")
    if kind is list and key_kind in (list, dict):
        raise Raised(f"Cannot update field at {kind_name(key)} index of array")
    raise Raised(f"Cannot index {kind_name(target)} with {described(key)}")


def has(target: Any, key: Any) -> bool:
    """Whether an object has a key or an array an index."""
    if target is None:
        return False
    if target.__class__ is dict and key.__class__ is str:
        return key in target
    if target.__class__ is list and is_number(key):
        return not is_nan(key) and 0 <= math.floor(as_float(key)) < len(target)
    raise Raised(f"Cannot check whether {kind_name(target)} has a {kind_name(key)} key")


def _checked(path: Any) -> list[Any]:
    if path.__class__ is not list:
        raise Raised("Path must be specified as an array")
    if len(path) > MAX_NESTING:
        raise Raised("Path too deep")
    return path


def get_path(root: Any, path: Any, meter: Meter) -> Any:
    """The value at a path; null as soon as there is nothing."""
    keys = _checked(path)
    meter.charge(len(keys))
    for key in keys:
        root = get(root, key, meter)
    return root


def set_path(root: Any, path: Any, value: Any, meter: Meter) -> Any:
    """A copy of `root` with `value` at the path; containers on the way are made."""
    keys = _checked(path)
    meter.charge(len(keys))
    holders = []
    for key in keys:
        holders.append(root)
        if key.__class__ is list and root.__class__ is list:
            raise Raised("Cannot update field at array index of array")
        below = get(root, key, meter)
        if key.__class__ is dict and root.__class__ is str:
            raise Raised("Cannot update string slices")
        root = below
    for holder, key in zip(reversed(holders), reversed(keys), strict=True):
        value = put(holder, key, value, meter)
    return value


def delete_paths(root: Any, paths: Any, meter: Meter) -> Any:
    """A copy of `root` without what stands at the paths."""
    if paths.__class__ is not list:
        raise Raised("Paths must be specified as an array")
    for path in paths:
        if path.__class__ is not list:
            raise Raised(f"Path must be specified as array, not {kind_name(path)}")
    ordered = sorted(paths, key=cmp_to_key(lambda a, b: compare(a, b, meter)))
    if ordered and not ordered[0]:
        return None
    # Keys of one holder go together: each is meant for the array as it was.
    index = len(ordered)
    while index:
        last = _checked(ordered[index - 1])
        holder = last[:-1]
        keys = [last[-1]]
        index -= 1
        while index and _same_holder(ordered[index - 1], holder, meter):
            keys.append(ordered[index - 1][-1])
            index -= 1
        root = _delete_at(root, holder, keys, meter)
    return root


def _same_holder(path: list[Any], holder: list[Any], meter: Meter) -> bool:
    return len(path) == len(holder) + 1 and equal(path[:-1], holder, meter)


def _delete_at(root: Any, holder: list[Any], keys: list[Any], meter: Meter) -> Any:
    target = root
    for key in holder:
        if target is None:
            return root
        target = get(target, key, meter)
    if target is None:
        return root
    return set_path(root, holder, _without(target, keys, meter), meter)


def _without(target: Any, keys: list[Any], meter: Meter) -> Any:
    kind = target.__class__
    meter.charge(len(keys))
    if kind is dict:
        for key in keys:
            if key.__class__ is not str:
                raise Raised(f"Cannot delete {kind_name(key)} field of object")
        meter.charge(len(target) >> 4)
        gone = frozenset(keys)
        return {key: value for key, value in target.items() if key not in gone}
    if kind is list:
        dropped: set[int] = set()
        size = len(target)
        for key in keys:
            if key.__class__ is dict:
                low, high = _bounds(size, key)
                meter.charge(high - low)
                dropped.update(range(low, high))
            elif is_number(key):
                place = _place(key)
                if place is not None:
                    dropped.add(place + size if place < 0 else place)
            else:
                raise Raised(f"Cannot delete {kind_name(key)} element of array")
        meter.charge(size >> 4)
        return [item for index, item in enumerate(target) if index not in dropped]
    raise Raised(f"Cannot delete fields from {kind_name(target)}")
