"""Arithmetic, comparison and logic."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from language.expressions import tree
from language.expressions.budget import exhausted
from language.expressions.code import Code, Env, Scope
from language.expressions.compiling.dispatch import Compiler, compile_node
from language.expressions.errors import Raised
from language.expressions.numbers import negate
from language.expressions.operators import OPERATORS
from language.expressions.values import described, is_number


def _binary(node: tree.Binary, scope: Scope) -> Code:
    left, right = compile_node(node.left, scope), compile_node(node.right, scope)
    operator = OPERATORS[node.op]
    offset = node.offset
    if left.one is not None and right.one is not None:
        one, other = left.one, right.one
        if node.op in ("==", "!=") and isinstance(node.right, tree.Literal):
            constant = node.right.value
            wanted = node.op == "=="
            if constant.__class__ is str:
                return Code(lambda env, value: (one(env, value) == constant) is wanted)
            if constant is None or constant.__class__ is bool:
                return Code(lambda env, value: (one(env, value) is constant) is wanted)

        def combine(env: Env, value: Any) -> Any:
            second = other(env, value)
            try:
                return operator(one(env, value), second, env[0])
            except Raised as problem:
                if problem.offset is None:
                    problem.offset = offset
                raise

        return Code(combine)

    def many(env: Env, value: Any) -> Iterable[Any]:
        meter = env[0]
        for second in right.many(env, value):
            for first in left.many(env, value):
                meter.left -= 1
                if meter.left < 0:
                    raise exhausted(meter)
                yield operator(first, second, meter)

    return Code(many=many)


def _negate(node: tree.Negate, scope: Scope) -> Code:
    operand = compile_node(node.operand, scope)
    if isinstance(node.operand, tree.Literal) and is_number(node.operand.value):
        constant = negate(node.operand.value)
        return Code(lambda env, value: constant)

    def minus(item: Any) -> Any:
        if not is_number(item):
            raise Raised(f"{described(item)} cannot be negated", node.offset)
        return negate(item)

    if operand.one is not None:
        one = operand.one
        return Code(lambda env, value: minus(one(env, value)))

    def many(env: Env, value: Any) -> Iterable[Any]:
        for item in operand.many(env, value):
            yield minus(item)

    return Code(many=many)


def _logic(node: tree.Logic, scope: Scope) -> Code:
    left, right = compile_node(node.left, scope), compile_node(node.right, scope)
    decided = node.op == "or"
    if left.one is not None and right.one is not None:
        one, other = left.one, right.one

        def decide(env: Env, value: Any) -> Any:
            first = one(env, value)
            if (first is not None and first is not False) is decided:
                return decided
            second = other(env, value)
            return second is not None and second is not False

        return Code(decide)

    def many(env: Env, value: Any) -> Iterable[Any]:
        for first in left.many(env, value):
            env[0].charge(1)
            if (first is not None and first is not False) is decided:
                yield decided
            else:
                for second in right.many(env, value):
                    env[0].charge(1)
                    yield second is not None and second is not False

    return Code(many=many)


COMPILERS: dict[type, Compiler] = {
    tree.Negate: _negate,
    tree.Binary: _binary,
    tree.Logic: _logic,
}
