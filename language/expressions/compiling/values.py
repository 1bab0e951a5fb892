"""Literals, variables, arrays, objects and texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from language.expressions import follow, tree
from language.expressions.budget import exhausted
from language.expressions.code import Code, Env, Scope
from language.expressions.compiling.dispatch import Compiler, compile_node
from language.expressions.errors import ExpressionError, Raised
from language.expressions.formats import FORMATS
from language.expressions.values import described


def _identity(node: tree.Identity, scope: Scope) -> Code:
    return Code(lambda env, value: value, make_paths=lambda: follow.identity)


def _literal(node: tree.Literal, scope: Scope) -> Code:
    constant = node.value
    return Code(lambda env, value: constant)


def _variable(node: tree.Variable, scope: Scope) -> Code:
    slot = scope.variables.get(node.name)
    if slot is None:
        raise ExpressionError(f"${node.name} is not defined", node.offset, "syntax")
    return Code(lambda env, value: env[slot])


def _everything(node: tree.Everything, scope: Scope) -> Code:
    return compile_node(tree.Call(node.offset, node.end, 1, "recurse", ()), scope)


def _array(node: tree.Array, scope: Scope) -> Code:
    if node.body is None:
        return Code(lambda env, value: [])
    body = compile_node(node.body, scope)
    if body.one is not None:
        one = body.one
        return Code(lambda env, value: [one(env, value)])
    many = body.many

    def collect(env: Env, value: Any) -> Any:
        items = list(many(env, value))
        meter = env[0]
        meter.left -= len(items)
        if meter.left < 0:
            raise exhausted(meter)
        return items

    return Code(collect)


def _object(node: tree.Object, scope: Scope) -> Code:
    entries = [(compile_node(k, scope), compile_node(v, scope), k) for k, v in node.entries]
    if all(isinstance(k, tree.Literal) for _, _, k in entries) and all(
        v.one is not None for _, v, _ in entries
    ):
        fixed = [(k.value, v.one) for _, v, k in entries if isinstance(k, tree.Literal)]

        def build(env: Env, value: Any) -> Any:
            return {key: one(env, value) for key, one in fixed}  # type: ignore[misc]

        return Code(build)

    def combine(env: Env, value: Any, at: int, built: dict[str, Any]) -> Iterable[Any]:
        if at == len(entries):
            yield dict(built)
            return
        key_code, value_code, key_node = entries[at]
        meter = env[0]
        for key in key_code.many(env, value):
            for item in value_code.many(env, value):
                meter.charge(1)
                if key.__class__ is not str:
                    raise Raised(f"Cannot use {described(key)} as object key", key_node.offset)
                yield from combine(env, value, at + 1, {**built, key: item})

    height = node.depth + len(entries)
    if all(k.one is not None and v.one is not None for k, v, _ in entries):

        def assemble(env: Env, value: Any) -> Any:
            built: dict[str, Any] = {}
            for key_code, value_code, key_node in entries:
                key = key_code.one(env, value)  # type: ignore[misc]
                item = value_code.one(env, value)  # type: ignore[misc]
                if key.__class__ is not str:
                    raise Raised(f"Cannot use {described(key)} as object key", key_node.offset)
                built[key] = item
            return built

        return Code(assemble)
    if len(entries) > 200:
        raise ExpressionError(
            "this object has too many entries with several values", node.offset, "budget"
        )
    return Code(many=lambda env, value: combine(env, value, 0, {}), height=height)


def _text(node: tree.Text, scope: Scope) -> Code:
    form = _format(node.format, node.offset)
    parts = [part if isinstance(part, str) else compile_node(part, scope) for part in node.parts]
    ones = [part if isinstance(part, str) else part.one for part in parts]
    if all(one is not None for one in ones):

        def write(env: Env, value: Any) -> Any:
            meter = env[0]
            pieces = []
            for one in ones:
                assert one is not None
                pieces.append(one if isinstance(one, str) else form(one(env, value), meter))
            written = "".join(pieces)
            meter.charge(len(written) >> 4)
            return written

        return Code(write)

    def combine(env: Env, value: Any, at: int, tail: str) -> Iterable[Any]:
        if at < 0:
            env[0].charge(1 + (len(tail) >> 4))
            yield tail
            return
        part = parts[at]
        if isinstance(part, str):
            yield from combine(env, value, at - 1, part + tail)
        else:
            for item in part.many(env, value):
                yield from combine(env, value, at - 1, form(item, env[0]) + tail)

    if len(parts) > 200:
        raise ExpressionError("this text has too many parts", node.offset, "budget")
    last = len(parts) - 1
    return Code(
        many=lambda env, value: combine(env, value, last, ""), height=node.depth + len(parts)
    )


def _format(name: str, offset: int) -> Callable[[Any, Any], str]:
    form = FORMATS.get(name)
    if form is None:
        known = ", ".join("@" + name for name in sorted(FORMATS))
        raise ExpressionError(f"{name} is not a valid format; there are {known}", offset, "syntax")
    return form


def _format_alone(node: tree.Format, scope: Scope) -> Code:
    form = _format(node.name, node.offset)
    return Code(lambda env, value: form(value, env[0]))


COMPILERS: dict[type, Compiler] = {
    tree.Identity: _identity,
    tree.Everything: _everything,
    tree.Literal: _literal,
    tree.Text: _text,
    tree.Format: _format_alone,
    tree.Array: _array,
    tree.Object: _object,
    tree.Variable: _variable,
}
