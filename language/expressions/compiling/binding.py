"""Variables, loops over items, and labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from language.expressions import follow, tree
from language.expressions.binding import Binder, binder, pattern_names
from language.expressions.budget import exhausted
from language.expressions.code import Code, Env, Scope
from language.expressions.compiling.dispatch import Compiler, compile_node
from language.expressions.errors import Broken, ExpressionError, Raised


def _single_name(patterns: tuple[tree.Pattern, ...]) -> str | None:
    if len(patterns) == 1 and isinstance(patterns[0], tree.VariablePattern):
        return patterns[0].name
    return None


def _binders(patterns: tuple[tree.Pattern, ...], scope: Scope) -> tuple[list[Binder], Scope, int]:
    """One binder per alternative, the scope with all their names, and how many names."""
    names = pattern_names(patterns)
    inner = scope.bind(*names)
    binders = [binder(pattern, inner, compile_node) for pattern in patterns]
    return binders, inner, len(names)


def _bind(node: tree.Bind, scope: Scope) -> Code:
    source = compile_node(node.source, scope)
    name = _single_name(node.patterns)
    if name is not None:
        body = compile_node(node.body, scope.bind(name))
        paths = lambda: follow.bind(source, body)  # noqa: E731
        one = source.one
        if one is not None and body.one is not None:
            inner_one = body.one
            return Code(
                lambda env, value: inner_one((*env, one(env, value)), value), make_paths=paths
            )
        inner_many = body.many
        if one is not None:
            code = Code(
                many=lambda env, value: inner_many((*env, one(env, value)), value),
                make_paths=paths,
            )
        else:

            def many(env: Env, value: Any) -> Iterable[Any]:
                meter = env[0]
                for item in source.many(env, value):
                    meter.charge(1)
                    yield from inner_many((*env, item), value)

            code = Code(many=many, make_paths=paths)
        if body.tail is not None:
            inner_tail = body.tail

            def tail(env: Env, value: Any) -> Iterable[Any]:
                for item in source.many(env, value):
                    env[0].charge(1)
                    yield from inner_tail((*env, item), value)

            code.tail = tail
        return code

    binders, inner, count = _binders(node.patterns, scope)
    body = compile_node(node.body, inner)

    def destructure(env: Env, value: Any) -> Iterable[Any]:
        blank = (None,) * count
        for item in source.many(env, value):
            env[0].charge(1)
            for index, bound in enumerate(binders):
                try:
                    for inner_env in bound((*env, *blank), item):
                        yield from body.many(inner_env, value)
                    break
                except Raised:
                    if index == len(binders) - 1:
                        raise

    return Code(
        many=destructure,
        make_paths=lambda: follow.destructure(source, binders, count, body),
        height=node.depth + 2,
    )


def _loop_binders(
    patterns: tuple[tree.Pattern, ...], scope: Scope
) -> tuple[Callable[[Env, Any], Iterable[Env]] | None, Scope]:
    """How a loop binds each item, None for a single variable; and the scope inside."""
    name = _single_name(patterns)
    if name is not None:
        return None, scope.bind(name)
    binders, inner, count = _binders(patterns, scope)

    def bound(env: Env, item: Any) -> Iterable[Env]:
        blank = (None,) * count
        for index, alternative in enumerate(binders):
            try:
                yield from alternative((*env, *blank), item)
                return
            except Raised:
                if index == len(binders) - 1:
                    raise

    return bound, inner


def _reduce(node: tree.Reduce, scope: Scope) -> Code:
    source = compile_node(node.source, scope)
    start = compile_node(node.start, scope)
    bound, inner = _loop_binders(node.patterns, scope)
    update = compile_node(node.update, inner)
    many_source = source.many
    update_one, update_many = update.one, update.many

    def fold(env: Env, value: Any, state: Any) -> Any:
        meter = env[0]
        for item in many_source(env, value):
            meter.left -= 1
            if meter.left < 0:
                raise exhausted(meter)
            for inner_env in ((*env, item),) if bound is None else bound(env, item):
                if update_one is not None:
                    state = update_one(inner_env, state)
                else:
                    before, state = state, None
                    for after in update_many(inner_env, before):
                        meter.charge(1)
                        state = after
        return state

    paths = lambda: follow.fold(source, start, update, bound)  # noqa: E731
    if start.one is not None:
        begin = start.one
        return Code(lambda env, value: fold(env, value, begin(env, value)), make_paths=paths)

    def many(env: Env, value: Any) -> Iterable[Any]:
        for state in start.many(env, value):
            yield fold(env, value, state)

    return Code(many=many, make_paths=paths)


def _foreach(node: tree.Foreach, scope: Scope) -> Code:
    source = compile_node(node.source, scope)
    start = compile_node(node.start, scope)
    bound, inner = _loop_binders(node.patterns, scope)
    update = compile_node(node.update, inner)
    extract = compile_node(node.extract, inner) if node.extract is not None else None

    def many(env: Env, value: Any) -> Iterable[Any]:
        meter = env[0]
        for first in start.many(env, value):
            state = first
            for item in source.many(env, value):
                for inner_env in ((*env, item),) if bound is None else bound(env, item):
                    meter.charge(1)
                    before, state = state, None
                    for state in update.many(inner_env, before):
                        meter.charge(1)
                        if extract is None:
                            yield state
                        else:
                            yield from extract.many(inner_env, state)

    return Code(many=many, make_paths=lambda: follow.running(source, start, update, extract, bound))


def _label(node: tree.Label, scope: Scope) -> Code:
    body = compile_node(node.body, scope.label(node.name))

    def many(env: Env, value: Any) -> Iterable[Any]:
        label = object()
        try:
            yield from body.many((*env, label), value)
        except Broken as broken:
            if broken.label is not label:
                raise

    return Code(many=many, make_paths=lambda: follow.label(body))


def _break(node: tree.Break, scope: Scope) -> Code:
    slot = scope.labels.get(node.name)
    if slot is None:
        raise ExpressionError(f"$*label-{node.name} is not defined", node.offset, "syntax")

    def leave(env: Env, value: Any) -> Any:
        raise Broken(env[slot])

    return Code(leave)


COMPILERS: dict[type, Compiler] = {
    tree.Bind: _bind,
    tree.Reduce: _reduce,
    tree.Foreach: _foreach,
    tree.Label: _label,
    tree.Break: _break,
}
