"""Destructuring: a pattern and a value to the environments in which its names are bound."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from language.expressions import tree
from language.expressions.access import get
from language.expressions.code import Code, Env, Scope
from language.expressions.errors import Raised
from language.expressions.values import described, kind_name

Binder = Callable[[Env, Any], Iterable[Env]]
Compile = Callable[[tree.Node, Scope], Code]


def pattern_names(patterns: tuple[tree.Pattern, ...]) -> tuple[str, ...]:
    """The names that the patterns bind, in order of appearance, each once."""
    names: dict[str, None] = {}
    work: list[tree.Pattern] = list(reversed(patterns))
    while work:
        pattern = work.pop()
        if isinstance(pattern, tree.VariablePattern):
            names[pattern.name] = None
        elif isinstance(pattern, tree.ArrayPattern):
            work.extend(reversed(pattern.items))
        else:
            for name, _, inner in pattern.entries:
                if name is not None:
                    names[name] = None
                if inner is not None:
                    work.append(inner)
    return tuple(names)


def binder(pattern: tree.Pattern, scope: Scope, compile_node: Compile) -> Binder:
    """The binder of a pattern; environments come in with a blank slot per name."""
    if isinstance(pattern, tree.VariablePattern):
        slot = scope.variables[pattern.name]
        return lambda env, value: ((*env[:slot], value, *env[slot + 1 :]),)
    if isinstance(pattern, tree.ArrayPattern):
        return _array(pattern, scope, compile_node)
    return _object(pattern, scope, compile_node)


def _array(pattern: tree.ArrayPattern, scope: Scope, compile_node: Compile) -> Binder:
    items = [binder(item, scope, compile_node) for item in pattern.items]

    def bind(env: Env, value: Any, at: int) -> Iterable[Env]:
        if at < 0:
            yield env
            return
        if value is not None and value.__class__ is not list:
            raise Raised(f"Cannot index {kind_name(value)} with {described(at)}", pattern.offset)
        for inner in items[at](env, get(value, at, env[0])):
            yield from bind(inner, value, at - 1)

    # As in jq, the last element is the outermost loop.
    return lambda env, value: bind(env, value, len(items) - 1)


def _object(pattern: tree.ObjectPattern, scope: Scope, compile_node: Compile) -> Binder:
    entries = [
        (
            None if name is None else scope.variables[name],
            compile_node(key, scope),
            None if inner is None else binder(inner, scope, compile_node),
            key.offset,
        )
        for name, key, inner in pattern.entries
    ]

    def bind(env: Env, value: Any, at: int = 0) -> Iterable[Env]:
        if at == len(entries):
            yield env
            return
        slot, key_code, inner, offset = entries[at]
        for key in key_code.many(env, value):
            if key.__class__ is not str:
                raise Raised(f"Cannot index {kind_name(value)} with {described(key)}", offset)
            item = get(value, key, env[0])
            named = env if slot is None else (*env[:slot], item, *env[slot + 1 :])
            for bound in (named,) if inner is None else inner(named, item):
                yield from bind(bound, value, at + 1)

    return bind
