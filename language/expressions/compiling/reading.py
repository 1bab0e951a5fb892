"""Keys, slices and iteration."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from language.expressions import follow, tree
from language.expressions.access import get
from language.expressions.budget import exhausted
from language.expressions.code import Code, Env, Scope
from language.expressions.compiling.dispatch import Compiler, compile_node
from language.expressions.errors import Raised
from language.expressions.values import described, kind_name


def _index(node: tree.Index, scope: Scope) -> Code:
    if node.optional:
        return _optional_index(node, scope)
    keys: list[Any] = []
    target_node: tree.Node = node
    while (
        isinstance(target_node, tree.Index)
        and isinstance(target_node.key, tree.Literal)
        and not target_node.optional
    ):
        keys.append((target_node.key.value, target_node.offset))
        target_node = target_node.target
    if keys and all(key.__class__ is str for key, _ in keys):
        keys.reverse()
        return _field_chain(node, target_node, keys, scope)
    target, key = compile_node(node.target, scope), compile_node(node.key, scope)
    offset = node.key.offset
    paths = lambda: follow.index(target, key, False)  # noqa: E731
    if target.one is not None and key.one is not None:
        one, key_one = target.one, key.one

        def read(env: Env, value: Any) -> Any:
            try:
                # The key first, as jq does: its error counts.
                wanted = key_one(env, value)
                return get(one(env, value), wanted, env[0])
            except Raised as problem:
                if problem.offset is None:
                    problem.offset = offset
                raise

        return Code(read, make_paths=paths)

    def many(env: Env, value: Any) -> Iterable[Any]:
        meter = env[0]
        for wanted in key.many(env, value):
            for item in target.many(env, value):
                meter.charge(1)
                yield get(item, wanted, meter)

    return Code(many=many, make_paths=paths)


def _optional_index(node: tree.Index, scope: Scope) -> Code:
    """Code for `target[key]?`: nothing where the target has no such step; its own errors stay."""
    target, key = compile_node(node.target, scope), compile_node(node.key, scope)
    paths = lambda: follow.index(target, key, True)  # noqa: E731
    if target.one is not None and key.one is not None:
        one, key_one = target.one, key.one

        def read(env: Env, value: Any) -> Iterable[Any]:
            wanted = key_one(env, value)
            item = one(env, value)
            try:
                return (get(item, wanted, env[0]),)
            except Raised:
                return ()

        return Code(many=read, make_paths=paths)

    def many(env: Env, value: Any) -> Iterable[Any]:
        meter = env[0]
        for wanted in key.many(env, value):
            for item in target.many(env, value):
                meter.charge(1)
                try:
                    found = get(item, wanted, meter)
                except Raised:
                    continue
                yield found

    return Code(many=many, make_paths=paths)


def _field_chain(
    node: tree.Index, target_node: tree.Node, keys: list[tuple[str, int]], scope: Scope
) -> Code:
    """Code for `target.a.b.c` with fixed names: one loop instead of one closure per name."""
    target = compile_node(target_node, scope)
    names = tuple(key for key, _ in keys)
    first = names[0]

    def failed(item: Any, key: str) -> Raised:
        return Raised(f"Cannot index {kind_name(item)} with {described(key)}", node.key.offset)

    def paths() -> Any:
        return follow.fields(target, names)

    if isinstance(target_node, tree.Identity) and len(names) == 1:

        def field(env: Env, value: Any) -> Any:
            if value.__class__ is dict:
                return value.get(first)
            if value is None:
                return None
            raise failed(value, first)

        return Code(field, make_paths=paths)

    def descend(item: Any) -> Any:
        for key in names:
            if item.__class__ is dict:
                item = item.get(key)
            elif item is not None:
                raise failed(item, key)
        return item

    if isinstance(target_node, tree.Identity):
        return Code(lambda env, value: descend(value), make_paths=paths)
    if target.one is not None:
        one = target.one
        if isinstance(target_node, tree.Variable):
            slot = scope.variables[target_node.name]
            return Code(lambda env, value: descend(env[slot]), make_paths=paths)
        return Code(lambda env, value: descend(one(env, value)), make_paths=paths)

    def many(env: Env, value: Any) -> Iterable[Any]:
        for item in target.many(env, value):
            yield descend(item)

    return Code(many=many, make_paths=paths)


def _slice(node: tree.Slice, scope: Scope) -> Code:
    nothing = tree.Literal(node.offset, node.offset, 1, None)
    start = compile_node(node.start or nothing, scope)
    stop = compile_node(node.stop or nothing, scope)
    target = compile_node(node.target, scope)
    optional = node.optional
    paths = lambda: follow.slices(target, start, stop, optional)  # noqa: E731
    if not optional and target.one is not None and start.one is not None and stop.one is not None:
        one, start_one, stop_one = target.one, start.one, stop.one

        def read(env: Env, value: Any) -> Any:
            key = {"start": start_one(env, value), "end": stop_one(env, value)}
            return get(one(env, value), key, env[0])

        return Code(read, make_paths=paths)

    def many(env: Env, value: Any) -> Iterable[Any]:
        for low in start.many(env, value):
            for high in stop.many(env, value):
                for item in target.many(env, value):
                    env[0].charge(1)
                    try:
                        found = get(item, {"start": low, "end": high}, env[0])
                    except Raised:
                        if optional:
                            continue
                        raise
                    yield found

    return Code(many=many, make_paths=paths)


def _iterate(node: tree.Iterate, scope: Scope) -> Code:
    target = compile_node(node.target, scope)
    offset = node.target.end
    optional = node.optional

    def items_of(value: Any) -> Iterable[Any]:
        if value.__class__ is list:
            return value
        if value.__class__ is dict:
            return value.values()
        if optional:
            return ()
        raise Raised(f"Cannot iterate over {described(value)}", offset)

    one = target.one
    if one is not None:

        def many(env: Env, value: Any) -> Iterable[Any]:
            meter = env[0]
            for item in items_of(one(env, value)):
                meter.left -= 1
                if meter.left < 0:
                    raise exhausted(meter)
                yield item
    else:

        def many(env: Env, value: Any) -> Iterable[Any]:
            meter = env[0]
            for holder in target.many(env, value):
                for item in items_of(holder):
                    meter.left -= 1
                    if meter.left < 0:
                        raise exhausted(meter)
                    yield item

    return Code(many=many, make_paths=lambda: follow.iterate(target, offset, optional))


COMPILERS: dict[type, Compiler] = {
    tree.Index: _index,
    tree.Slice: _slice,
    tree.Iterate: _iterate,
}
