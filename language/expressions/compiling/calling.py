"""Definitions and calls of functions."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from language.expressions import follow, tree
from language.expressions.budget import exhausted
from language.expressions.builtins import BUILTINS, NOT_IN_SUBSET, PRELUDE
from language.expressions.code import (
    FIRST_SLOT,
    Code,
    Env,
    Parameter,
    Scope,
    TailCall,
    UserFunction,
    entered,
)
from language.expressions.compiling.dispatch import Compiler, compile_node
from language.expressions.errors import ExpressionError, refused
from language.expressions.parser import parse_source


def _define(node: tree.Define, scope: Scope) -> Code:
    function = UserFunction(node.parameters, scope.size)
    entry = scope.define(node.name, len(node.parameters), function)
    function.code = None
    inner = _with_parameters(entry, node.parameters)
    function.code = compile_node(node.body, inner)
    return compile_node(node.rest, entry)


def _with_parameters(scope: Scope, parameters: tuple[str, ...]) -> Scope:
    """The scope of a body. `$name` is short for `name as $name |`: it can be called as well."""
    for parameter in parameters:
        name = parameter.removeprefix("$")
        slot = scope.size
        scope = scope.bind("*" + name).define(name, 0, Parameter(slot))
    return scope.bind(*[name[1:] for name in parameters if name.startswith("$")])


def _call(node: tree.Call, scope: Scope) -> Code:
    entry = scope.functions.get((node.name, len(node.arguments)))
    if isinstance(entry, UserFunction):
        return _user_call(node, entry, scope)
    if isinstance(entry, Parameter):
        return _parameter(entry.slot)
    key = (node.name, len(node.arguments))
    native = BUILTINS.get(key)
    if native is not None:
        arguments = [compile_node(argument, scope) for argument in node.arguments]
        return native(arguments, node)
    prelude = PRELUDE.get(key)
    if prelude is not None:
        return _user_call(node, _prelude_function(key, prelude), scope)
    if node.name in NOT_IN_SUBSET or node.name.startswith("_"):
        raise refused(node.name, node.offset)
    raise ExpressionError(
        f"{node.name}/{len(node.arguments)} is not defined{_near(node)}", node.offset, "syntax"
    )


def _near(node: tree.Call) -> str:
    arities = sorted({arity for name, arity in (*BUILTINS, *PRELUDE) if name == node.name})
    if arities:
        return f"; it takes {' or '.join(map(str, arities))} arguments"
    names = sorted({name for name, _ in (*BUILTINS, *PRELUDE)})
    close = get_close_matches(node.name, names, 1)
    return f"; did you mean {close[0]}?" if close else ""


_compiled_prelude: dict[tuple[str, int], UserFunction] = {}


def _prelude_function(key: tuple[str, int], source: tuple[tuple[str, ...], str]) -> UserFunction:
    """A built-in that is written in the language itself, compiled when first used."""
    function = _compiled_prelude.get(key)
    if function is None:
        parameters, text = source
        body = parse_source(text)
        function = UserFunction(parameters, FIRST_SLOT)
        scope = _with_parameters(Scope().define(key[0], key[1], function), parameters)
        function.code = compile_node(body, scope)
        _compiled_prelude[key] = function
    return function


def _parameter(slot: int) -> Code:
    def many(env: Env, value: Any) -> Iterable[Any]:
        code, home = env[slot]
        depth = env[1] + code.height + 2
        meter = env[0]
        meter.left -= 1
        if meter.left < 0:
            raise exhausted(meter)
        if depth > meter.depth:
            entered(env, FIRST_SLOT, code.height + 2)
        inner = (meter, depth, *home[FIRST_SLOT:])
        if code.one is not None:
            return (code.one(inner, value),)
        return code.many(inner, value)  # type: ignore[no-any-return]

    return Code(many=many, make_paths=lambda: follow.parameter(slot))


def _user_call(node: tree.Call, function: UserFunction, scope: Scope) -> Code:
    size = function.size
    arguments = [compile_node(argument, scope) for argument in node.arguments]
    values = [
        argument
        for argument, parameter in zip(arguments, function.parameters, strict=True)
        if parameter.startswith("$")
    ]
    ready = function.code
    if ready is None:
        function.recursive = True
    height = ready.height if ready is not None else node.depth
    simple = not values

    def enter(env: Env, value: Any) -> Iterable[Env]:
        """The environments of the call: one per combination of the value arguments."""
        meter = env[0]
        meter.left -= 2
        if meter.left < 0:
            raise exhausted(meter)
        code = function.code
        base = entered(env, size, (code.height if code is not None else height) + 4)
        base = (*base, *[(code, env) for code in arguments])
        return (base,) if simple else combine(env, value, base, 0)

    def combine(env: Env, value: Any, built: Env, at: int) -> Iterable[Env]:
        if at == len(values):
            yield built
            return
        for item in values[at].many(env, value):
            env[0].charge(1)
            yield from combine(env, value, (*built, item), at + 1)

    def paths() -> Any:
        return follow.call(function, enter)

    if ready is not None and not function.recursive:
        if ready.one is not None and simple:
            body_one = ready.one
            if not arguments:

                def plain(env: Env, value: Any) -> Any:
                    meter = env[0]
                    meter.left -= 2
                    if meter.left < 0:
                        raise exhausted(meter)
                    return body_one(entered(env, size, height + 4), value)

                return Code(plain, make_paths=paths, height=height + 2)

            def direct(env: Env, value: Any) -> Any:
                (inner,) = enter(env, value)
                return body_one(inner, value)

            return Code(direct, make_paths=paths, height=height + 2)
        body_many = ready.many

        def many(env: Env, value: Any) -> Iterable[Any]:
            for inner in enter(env, value):
                yield from body_many(inner, value)

        return Code(many=many, make_paths=paths, height=height + 2)

    def run(env: Env, value: Any) -> Iterable[Any]:
        for inner in enter(env, value):
            yield from _run_tail(function, inner, value)

    def tail(env: Env, value: Any) -> Iterable[Any]:
        depth = env[1]
        for inner in enter(env, value):
            # A tail call takes no frame, so it starts as deep as its caller.
            yield TailCall(function, (inner[0], depth, *inner[FIRST_SLOT:]), value)

    code = Code(many=run, make_paths=paths, height=height + 4)
    code.tail = tail
    return code


def _run_tail(function: UserFunction, env: Env, value: Any) -> Iterable[Any]:
    """The outputs of a recursive function; calls in tail position go on a stack of our own."""
    code = function.code
    assert code is not None
    stack = [iter((code.tail or code.many)(env, value))]
    while stack:
        for item in stack[-1]:
            if item.__class__ is TailCall:
                body = item.function.code
                assert body is not None
                stack.append(iter((body.tail or body.many)(item.env, item.value)))
                break
            yield item
        else:
            stack.pop()


COMPILERS: dict[type, Compiler] = {
    tree.Define: _define,
    tree.Call: _call,
}
