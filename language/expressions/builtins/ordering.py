"""Sorting, grouping, least and greatest, and searching."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from language.expressions import tree
from language.expressions.access import get, positions
from language.expressions.budget import Meter
from language.expressions.builtins.calling import Native, on_values
from language.expressions.code import Code, Env
from language.expressions.errors import Raised
from language.expressions.values import compare, described, equal, sort_key


def _sorted(values: list[Any], meter: Meter) -> list[Any]:
    return sorted(values, key=sort_key(values, meter))


def _array(value: Any) -> list[Any]:
    if value.__class__ is not list:
        raise Raised(f"{described(value)} cannot be sorted, as it is not an array")
    return value


def _sort(meter: Meter, value: Any) -> list[Any]:
    return _sorted(_array(value), meter)


def _unique(meter: Meter, value: Any) -> list[Any]:
    return _distinct(_sorted(_array(value), meter), meter)


def _distinct(values: list[Any], meter: Meter) -> list[Any]:
    kept: list[Any] = []
    for item in values:
        if not kept or not equal(kept[-1], item, meter):
            kept.append(item)
    return kept


def _extreme(values: list[Any], keys: list[Any], meter: Meter, least: bool) -> Any:
    best = -1
    for index, key in enumerate(keys):
        meter.charge(1)
        if best < 0 or (compare(key, keys[best], meter) < 0) is least:
            best = index
    return None if best < 0 else values[best]


def _min(meter: Meter, value: Any) -> Any:
    return _extreme(_iterable(value, value), value, meter, True)


def _max(meter: Meter, value: Any) -> Any:
    return _extreme(_iterable(value, value), value, meter, False)


def _iterable(value: Any, keys: Any) -> list[Any]:
    if value.__class__ is not list:
        raise Raised(f"{described(value)} and {described(keys)} cannot be iterated over")
    return value


def _sort_by(meter: Meter, values: list[Any], keys: list[Any]) -> list[Any]:
    return [values[index] for index in _order(keys, meter)]


def _order(keys: list[Any], meter: Meter) -> list[int]:
    key = sort_key(keys, meter)
    if key is None:
        return sorted(range(len(keys)), key=keys.__getitem__)
    return sorted(range(len(keys)), key=lambda index: key(keys[index]))


def _group_by(meter: Meter, values: list[Any], keys: list[Any]) -> list[Any]:
    groups: list[list[Any]] = []
    last: Any = None
    for index in _order(keys, meter):
        if groups and equal(last, keys[index], meter):
            groups[-1].append(values[index])
        else:
            groups.append([values[index]])
            last = keys[index]
    return groups


def _unique_by(meter: Meter, values: list[Any], keys: list[Any]) -> list[Any]:
    return [group[0] for group in _group_by(meter, values, keys)]


def _min_by(meter: Meter, values: list[Any], keys: list[Any]) -> Any:
    return _extreme(values, keys, meter, True)


def _max_by(meter: Meter, values: list[Any], keys: list[Any]) -> Any:
    return _extreme(values, keys, meter, False)


def by_key(function: Callable[[Meter, list[Any], list[Any]], Any], what: str) -> Native:
    """A function of an array and of the outputs of one expression for each of its items."""

    def make(arguments: list[Code], node: tree.Call) -> Code:
        key = arguments[0]

        def call(env: Env, value: Any) -> Any:
            meter = env[0]
            items: list[Any]
            if value.__class__ is dict:
                items = list(value.values())
            elif value.__class__ is list:
                items = value
            else:
                raise Raised(f"Cannot iterate over {described(value)}", node.offset)
            meter.charge(len(items))
            if key.one is not None:
                one = key.one
                keys = [one(env, item) for item in items]
            else:
                keys = [list(key.many(env, item)) for item in items]
                meter.charge(sum(map(len, keys)))
            if value.__class__ is dict:
                shown = keys if key.one is None else [[found] for found in keys]
                raise Raised(f"{described(value)} and {described(shown)} {what}", node.offset)
            return function(meter, items, keys)

        return Code(call, height=node.depth + 1)

    return make


def _search(meter: Meter, value: Any, wanted: Any) -> Any:
    if value.__class__ is not list:
        raise Raised(f"{described(value)} cannot be searched from")
    low, high = 0, len(value)
    while low < high:
        middle = (low + high) // 2
        order = compare(value[middle], wanted, meter)
        meter.charge(1)
        if order == 0:
            return middle
        if order < 0:
            low = middle + 1
        else:
            high = middle
    return -1 - low


def _indices(meter: Meter, value: Any, wanted: Any) -> Any:
    if value.__class__ is list:
        if wanted.__class__ is list:
            return positions(value, wanted, meter)
        meter.charge(len(value))
        return [index for index, item in enumerate(value) if equal(item, wanted, meter)]
    if value.__class__ is str and wanted.__class__ is str:
        return occurrences(meter, value, wanted)
    return get(value, wanted, meter)


def occurrences(meter: Meter, value: str, wanted: str) -> list[int]:
    """Where a text stands in another, overlaps included; nowhere for an empty one."""
    meter.charge(len(value) >> 4)
    found = []
    at = value.find(wanted) if wanted else -1
    while at >= 0:
        meter.charge(1)
        found.append(at)
        at = value.find(wanted, at + 1)
    return found


def _string_indices(meter: Meter, value: Any, wanted: Any) -> list[int]:
    for item in (value, wanted):
        if item.__class__ is not str:
            raise Raised(f"{described(item)} is not a string")
    return occurrences(meter, value, wanted)


def _index(meter: Meter, value: Any, wanted: Any) -> Any:
    return get(_indices(meter, value, wanted), 0, meter)


def _rindex(meter: Meter, value: Any, wanted: Any) -> Any:
    last = get(_indices(meter, value, wanted), {"start": -1, "end": None}, meter)
    return get(last, 0, meter)


_SORTED = "cannot be sorted, as they are not both arrays"
_ITERATED = "cannot be iterated over"

ORDERING: dict[tuple[str, int], Native] = {
    ("sort", 0): on_values(_sort),
    ("unique", 0): on_values(_unique),
    ("min", 0): on_values(_min),
    ("max", 0): on_values(_max),
    ("sort_by", 1): by_key(_sort_by, _SORTED),
    ("group_by", 1): by_key(_group_by, _SORTED),
    ("unique_by", 1): by_key(_unique_by, _SORTED),
    ("min_by", 1): by_key(_min_by, _ITERATED),
    ("max_by", 1): by_key(_max_by, _ITERATED),
    ("bsearch", 1): on_values(_search),
    ("indices", 1): on_values(_indices, first_outermost=True),
    ("index", 1): on_values(_index, first_outermost=True),
    ("rindex", 1): on_values(_rindex, first_outermost=True),
    ("_strindices", 1): on_values(_string_indices),
}
