"""Functions that take expressions and decide how often they run: select, map, limit, any, walk."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from language.expressions import tree
from language.expressions.budget import Meter, exhausted, too_deep
from language.expressions.builtins.calling import Native
from language.expressions.builtins.general import total
from language.expressions.code import Code, Env, Path, Paths
from language.expressions.errors import Raised
from language.expressions.numbers import as_float, is_nan, plain
from language.expressions.operators import add, subtract
from language.expressions.values import compare, described, is_number, truthy


def _empty(arguments: list[Code], node: tree.Call) -> Code:
    return Code(many=lambda env, value: ())


def _error(arguments: list[Code], node: tree.Call) -> Code:
    if not arguments:

        def fail(env: Env, value: Any) -> Any:
            raise Raised(value, node.offset)

        return Code(fail)
    message = arguments[0]

    def fail_with(env: Env, value: Any) -> Iterable[Any]:
        for item in message.many(env, value):
            raise Raised(item, node.offset)
        return ()

    return Code(many=fail_with)


def filtered(keep: Callable[[Env, Any], Iterable[Any]], one: Any) -> Code:
    """Code that gives its input once for each truthy output of `keep`."""
    if one is not None:

        def test(env: Env, value: Any) -> Iterable[Any]:
            chosen = one(env, value)
            return () if chosen is None or chosen is False else (value,)

        def place(env: Env, path: Path, value: Any) -> Iterable[tuple[Path, Any]]:
            chosen = one(env, value)
            return () if chosen is None or chosen is False else ((path, value),)

        return Code(many=test, make_paths=lambda: place)

    def many(env: Env, value: Any) -> Iterable[Any]:
        for chosen in keep(env, value):
            env[0].charge(1)
            if truthy(chosen):
                yield value

    def places(env: Env, path: Path, value: Any) -> Iterable[tuple[Path, Any]]:
        for chosen in keep(env, value):
            env[0].charge(1)
            if truthy(chosen):
                yield path, value

    return Code(many=many, make_paths=lambda: places)


def _select(arguments: list[Code], node: tree.Call) -> Code:
    return filtered(arguments[0].many, arguments[0].one)


def _of_kind(*kinds: type | None) -> Native:
    def make(arguments: list[Code], node: tree.Call) -> Code:
        def test(env: Env, value: Any) -> Any:
            return value.__class__ in kinds or (int in kinds and is_number(value))

        return filtered(lambda env, value: (test(env, value),), test)

    return make


def _values(arguments: list[Code], node: tree.Call) -> Code:
    return filtered(lambda env, value: (value is not None,), lambda env, value: value is not None)


def _map(arguments: list[Code], node: tree.Call) -> Code:
    change = arguments[0]
    one, many = change.one, change.many

    def apply(env: Env, value: Any) -> Any:
        if value.__class__ is dict:
            value = value.values()
        elif value.__class__ is not list:
            raise Raised(f"Cannot iterate over {described(value)}", node.offset)
        meter = env[0]
        meter.charge(len(value) + 1)
        if one is not None:
            return [one(env, item) for item in value]
        result: list[Any] = []
        for item in value:
            result.extend(many(env, item))
        meter.charge(len(result))
        return result

    return Code(apply, height=node.depth + 1)


def _add_all(arguments: list[Code], node: tree.Call) -> Code:
    if arguments:
        source = arguments[0]
        return Code(lambda env, value: total(source.many(env, value), env[0]))

    def add(env: Env, value: Any) -> Any:
        if value.__class__ is dict:
            value = value.values()
        elif value.__class__ is not list:
            raise Raised(f"Cannot iterate over {described(value)}", node.offset)
        return total(value, env[0])

    return Code(add)


def _quantifier(decided: bool) -> Native:
    """`any` for True, `all` for False: the first output that decides ends it."""

    def make(arguments: list[Code], node: tree.Call) -> Code:
        condition = arguments[-1] if arguments else None
        source = arguments[0] if len(arguments) == 2 else None

        def items(env: Env, value: Any) -> Iterable[Any]:
            if source is not None:
                return source.many(env, value)
            if value.__class__ is dict:
                return value.values()
            if value.__class__ is not list:
                raise Raised(f"Cannot iterate over {described(value)}", node.offset)
            return value

        def decide(env: Env, value: Any) -> Any:
            meter = env[0]
            for item in items(env, value):
                meter.left -= 1
                if meter.left < 0:
                    raise exhausted(meter)
                if condition is None:
                    if truthy(item) is decided:
                        return decided
                elif condition.one is not None:
                    if truthy(condition.one(env, item)) is decided:
                        return decided
                else:
                    for outcome in condition.many(env, item):
                        meter.charge(1)
                        if truthy(outcome) is decided:
                            return decided
            return not decided

        return Code(decide, height=node.depth + 1)

    return make


def _is_empty(arguments: list[Code], node: tree.Call) -> Code:
    source = arguments[0]

    def test(env: Env, value: Any) -> Any:
        return all(False for _ in source.many(env, value))

    return Code(test)


# Streams: the same for values and for places


Stream = Callable[[Env, Any, Iterable[Any]], Iterable[Any]]


def _on_stream(function: Stream) -> Native:
    """A function of the outputs of its last argument; the ones before it are values."""

    def make(arguments: list[Code], node: tree.Call) -> Code:
        source = arguments[-1]
        count = arguments[0] if len(arguments) == 2 else None

        def many(env: Env, value: Any) -> Iterable[Any]:
            if count is None:
                yield from function(env, None, source.many(env, value))
                return
            for number in count.many(env, value):
                env[0].charge(1)
                yield from function(env, number, _later(source.many, env, value))

        def paths() -> Paths:
            def follow(env: Env, path: Path, value: Any) -> Iterable[tuple[Path, Any]]:
                if count is None:
                    yield from function(env, None, source.paths(env, path, value))
                    return
                for number in count.many(env, value):
                    env[0].charge(1)
                    yield from function(env, number, _later(source.paths, env, path, value))

            return follow

        return Code(many=many, make_paths=paths, height=node.depth + 2)

    return make


def _later(function: Callable[..., Iterable[Any]], *arguments: Any) -> Iterator[Any]:
    """The outputs of a call that is only made when the first one is asked for."""
    yield from function(*arguments)


def _count(env: Env, number: Any, stream: Iterable[Any], negative: str) -> float:
    if compare(number, 0, env[0]) < 0:
        raise Raised(negative)
    if not is_number(number):
        # jq counts down with each output, so that only the first one finds out.
        for _ in stream:
            subtract(number, 1, env[0])
        return 0
    return as_float(number)


def _whole(count: float) -> float:
    return count if math.isinf(count) or math.isnan(count) else math.floor(count)


def _first(env: Env, number: Any, stream: Iterable[Any]) -> Iterable[Any]:
    for item in stream:
        yield item
        return


def _last(env: Env, number: Any, stream: Iterable[Any]) -> Iterable[Any]:
    last: list[Any] = []
    for item in stream:
        env[0].charge(1)
        last = [item]
    yield from last


def _limit(env: Env, number: Any, stream: Iterable[Any]) -> Iterable[Any]:
    left = _count(env, number, stream, "limit doesn't support negative count")
    if left <= 0:
        return
    for item in stream:
        env[0].charge(1)
        yield item
        left -= 1
        if left <= 0:
            return


def _skip(env: Env, number: Any, stream: Iterable[Any]) -> Iterable[Any]:
    left = _whole(_count(env, number, stream, "skip doesn't support negative count"))
    for item in stream:
        env[0].charge(1)
        if left > 0:
            left -= 1
        else:
            yield item


def _nth(env: Env, number: Any, stream: Iterable[Any]) -> Iterable[Any]:
    left = _whole(_count(env, number, stream, "nth doesn't support negative indices"))
    for item in stream:
        env[0].charge(1)
        if left <= 0:
            yield item
            return
        left -= 1


# Loops


def _range(arguments: list[Code], node: tree.Call) -> Code:
    zero, one = Code(lambda env, value: 0), Code(lambda env, value: 1)
    if len(arguments) == 1:
        start, stop, step = zero, arguments[0], one
    elif len(arguments) == 2:
        start, stop, step = arguments[0], arguments[1], one
    else:
        start, stop, step = arguments

    def many(env: Env, value: Any) -> Iterable[Any]:
        for low in start.many(env, value):
            for high in stop.many(env, value):
                for by in step.many(env, value):
                    if is_number(low) and is_number(high) and is_number(by):
                        yield from _numbers(env, low, high, by)
                    elif len(arguments) < 3:
                        raise Raised("Range bounds must be numeric", node.offset)
                    else:
                        yield from _climb(env[0], low, high, by)

    return Code(many=many, height=node.depth + 2)


def _numbers(env: Env, low: Any, high: Any, by: Any) -> Iterable[Any]:
    meter = env[0]
    if low.__class__ is int and by.__class__ is int and not is_nan(high):
        if by == 0:
            return
        at = low
        while at < high if by > 0 else at > high:
            meter.left -= 1
            if meter.left < 0:
                raise exhausted(meter)
            yield at
            at += by
        return
    place, step = as_float(low), as_float(by)
    while (place < high) if step > 0 else (step < 0 and place > high):
        meter.charge(1)
        yield plain(place)
        place += step


def _climb(meter: Meter, low: Any, high: Any, by: Any) -> Iterable[Any]:
    """`range` of three where not all are numbers: by jq's order of values and its `+`."""
    way = compare(by, 0, meter)
    while way and compare(low, high, meter) == -way:
        meter.charge(1)
        yield low
        low = add(low, by, meter)


def _walk(arguments: list[Code], node: tree.Call) -> Code:
    change = arguments[0]
    one = change.one

    def single(env: Env, value: Any, depth: int) -> Any:
        if depth > env[0].depth:
            raise too_deep()
        env[0].charge(1)
        if value.__class__ is dict:
            value = {key: single(env, item, depth + 3) for key, item in value.items()}
        elif value.__class__ is list:
            value = [single(env, item, depth + 3) for item in value]
        assert one is not None
        return one(env, value)

    def several(env: Env, value: Any, depth: int) -> Iterable[Any]:
        if depth > env[0].depth:
            raise too_deep()
        env[0].charge(1)
        if value.__class__ is dict:
            built = {}
            for key, item in value.items():
                for built[key] in several(env, item, depth + 3):
                    break
            value = built
        elif value.__class__ is list:
            value = [out for item in value for out in several(env, item, depth + 3)]
        yield from change.many(env, value)

    if one is not None:
        return Code(lambda env, value: single(env, value, env[1]), height=node.depth + 2)
    return Code(many=lambda env, value: several(env, value, env[1]), height=node.depth + 3)


STREAMS: dict[tuple[str, int], Native] = {
    ("empty", 0): _empty,
    ("error", 0): _error,
    ("error", 1): _error,
    ("select", 1): _select,
    ("values", 0): _values,
    ("nulls", 0): _of_kind(type(None)),
    ("booleans", 0): _of_kind(bool),
    ("numbers", 0): _of_kind(int, float),
    ("strings", 0): _of_kind(str),
    ("arrays", 0): _of_kind(list),
    ("objects", 0): _of_kind(dict),
    ("iterables", 0): _of_kind(list, dict),
    ("scalars", 0): _of_kind(type(None), bool, int, float, str),
    ("map", 1): _map,
    ("add", 0): _add_all,
    ("add", 1): _add_all,
    ("any", 0): _quantifier(True),
    ("any", 1): _quantifier(True),
    ("any", 2): _quantifier(True),
    ("all", 0): _quantifier(False),
    ("all", 1): _quantifier(False),
    ("all", 2): _quantifier(False),
    ("isempty", 1): _is_empty,
    ("first", 1): _on_stream(_first),
    ("last", 1): _on_stream(_last),
    ("limit", 2): _on_stream(_limit),
    ("skip", 2): _on_stream(_skip),
    ("nth", 2): _on_stream(_nth),
    ("range", 1): _range,
    ("range", 2): _range,
    ("range", 3): _range,
    ("walk", 1): _walk,
}
