"""Code that follows places: outputs come with the path at which they stand in the input.

A path of None belongs to a value that was computed; reading below it is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from language.expressions.access import get
from language.expressions.binding import Binder
from language.expressions.code import FIRST_SLOT as _FIRST
from language.expressions.code import (
    Code,
    Env,
    Path,
    Paths,
    UserFunction,
    entered,
    invalid_access,
    invalid_iteration,
)
from language.expressions.errors import Broken, Raised
from language.expressions.values import described

Places = Iterable[tuple[Path, Any]]


def identity(env: Env, path: Path, value: Any) -> Places:
    """The place itself."""
    return ((path, value),)


def _below(env: Env, path: Path, value: Any, key: Any) -> tuple[Path, Any]:
    if path is None:
        raise invalid_access(key, value)
    return (*path, key), get(value, key, env[0])


def _below_if(env: Env, path: Path, value: Any, key: Any) -> Places:
    """The place below, or nothing where there can be none; reading below no place is an error."""
    if path is None:
        raise invalid_access(key, value)
    try:
        return (((*path, key), get(value, key, env[0])),)
    except Raised:
        return ()


def index(target: Code, key: Code, optional: bool) -> Paths:
    """`target[key]`, `target[key]?`."""

    def paths(env: Env, path: Path, value: Any) -> Places:
        for wanted in key.many(env, value):
            for place, item in target.paths(env, path, value):
                env[0].charge(1)
                if optional:
                    yield from _below_if(env, place, item, wanted)
                else:
                    yield _below(env, place, item, wanted)

    return paths


def fields(target: Code, names: tuple[str, ...]) -> Paths:
    """`target.a.b.c`."""

    def paths(env: Env, path: Path, value: Any) -> Places:
        for place, item in target.paths(env, path, value):
            for name in names:
                place, item = _below(env, place, item, name)
            yield place, item

    return paths


def slices(target: Code, start: Code, stop: Code, optional: bool) -> Paths:
    """`target[start:stop]`, `target[start:stop]?`."""

    def paths(env: Env, path: Path, value: Any) -> Places:
        for low in start.many(env, value):
            for high in stop.many(env, value):
                for place, item in target.paths(env, path, value):
                    env[0].charge(1)
                    wanted = {"start": low, "end": high}
                    if optional:
                        yield from _below_if(env, place, item, wanted)
                    else:
                        yield _below(env, place, item, wanted)

    return paths


def iterate(target: Code, offset: int, optional: bool) -> Paths:
    """`target[]`, `target[]?`."""

    def paths(env: Env, path: Path, value: Any) -> Places:
        for place, item in target.paths(env, path, value):
            if place is None:
                raise invalid_iteration(item)
            if item.__class__ is list:
                for number, inner in enumerate(item):
                    env[0].charge(1)
                    yield (*place, number), inner
            elif item.__class__ is dict:
                for name, inner in item.items():
                    env[0].charge(1)
                    yield (*place, name), inner
            elif not optional:
                raise Raised(f"Cannot iterate over {described(item)}", offset)

    return paths


def pipe(left: Code, right: Code) -> Paths:
    """`left | right`."""

    def paths(env: Env, path: Path, value: Any) -> Places:
        for place, item in left.paths(env, path, value):
            env[0].charge(1)
            yield from right.paths(env, place, item)

    return paths


def comma(codes: list[Code]) -> Paths:
    """`first, second, ...`."""

    def paths(env: Env, path: Path, value: Any) -> Places:
        for code in codes:
            yield from code.paths(env, path, value)

    return paths


def alternative(left: Code, right: Code) -> Paths:
    """`left // right`."""

    def paths(env: Env, path: Path, value: Any) -> Places:
        found = False
        for place, item in left.paths(env, path, value):
            if item is not None and item is not False:
                found = True
                yield place, item
        if not found:
            yield from right.paths(env, path, value)

    return paths


def branch(condition: Code, yes: Code, no: Code) -> Paths:
    """`if condition then yes else no end`."""

    def paths(env: Env, path: Path, value: Any) -> Places:
        for chosen in condition.many(env, value):
            env[0].charge(1)
            taken = no if chosen is None or chosen is False else yes
            yield from taken.paths(env, path, value)

    return paths


def attempt(body: Code, handler: Code | None) -> Paths:
    """`try body catch handler`."""

    def paths(env: Env, path: Path, value: Any) -> Places:
        try:
            yield from body.paths(env, path, value)
            return
        except Raised as problem:
            caught = problem.value
        if handler is not None:
            yield from handler.paths(env, None, caught)

    return paths


def bind(source: Code, body: Code) -> Paths:
    """`source as $name | body`."""

    def paths(env: Env, path: Path, value: Any) -> Places:
        for item in source.many(env, value):
            env[0].charge(1)
            yield from body.paths((*env, item), path, value)

    return paths


def destructure(source: Code, binders: list[Binder], count: int, body: Code) -> Paths:
    """`source as pattern ?// pattern | body`."""

    def paths(env: Env, path: Path, value: Any) -> Places:
        blank = (None,) * count
        for item in source.many(env, value):
            env[0].charge(1)
            for number, bound in enumerate(binders):
                try:
                    for inner in bound((*env, *blank), item):
                        yield from body.paths(inner, path, value)
                    break
                except Raised:
                    if number == len(binders) - 1:
                        raise

    return paths


Bound = Callable[[Env, Any], Iterable[Env]] | None


def _environments(bound: Bound, env: Env, item: Any) -> Iterable[Env]:
    return ((*env, item),) if bound is None else bound(env, item)


def fold(source: Code, start: Code, update: Code, bound: Bound) -> Paths:
    """`reduce source as pattern (start; update)`."""

    def paths(env: Env, path: Path, value: Any) -> Places:
        for state in start.paths(env, path, value):
            place, current = state
            for item in source.many(env, value):
                env[0].charge(1)
                for inner in _environments(bound, env, item):
                    last: tuple[Path, Any] = (None, None)
                    for after in update.paths(inner, place, current):
                        env[0].charge(1)
                        last = after
                    place, current = last
            yield place, current

    return paths


def running(source: Code, start: Code, update: Code, extract: Code | None, bound: Bound) -> Paths:
    """`foreach source as pattern (start; update; extract)`."""

    def paths(env: Env, path: Path, value: Any) -> Places:
        for place, current in start.paths(env, path, value):
            for item in source.many(env, value):
                for inner in _environments(bound, env, item):
                    env[0].charge(1)
                    before, state = (place, current), (None, None)
                    place, current = state
                    for place, current in update.paths(inner, *before):
                        env[0].charge(1)
                        if extract is None:
                            yield place, current
                        else:
                            yield from extract.paths(inner, place, current)

    return paths


def label(body: Code) -> Paths:
    """`label $name | body`."""

    def paths(env: Env, path: Path, value: Any) -> Places:
        mark = object()
        try:
            yield from body.paths((*env, mark), path, value)
        except Broken as broken:
            if broken.label is not mark:
                raise

    return paths


def parameter(slot: int) -> Paths:
    """A parameter that is an expression, followed in the environment of the caller."""

    def paths(env: Env, path: Path, value: Any) -> Places:
        code, home = env[slot]
        inner = entered(env, _FIRST, 2 * code.height + 2) + home[_FIRST:]
        env[0].charge(1)
        yield from code.paths(inner, path, value)

    return paths


def call(function: UserFunction, enter: Callable[[Env, Any], Iterable[Env]]) -> Paths:
    """A call of a function of the expression itself."""

    def paths(env: Env, path: Path, value: Any) -> Places:
        code = function.code
        assert code is not None
        for inner in enter(env, value):
            yield from code.paths(inner, path, value)

    return paths
