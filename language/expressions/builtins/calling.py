"""How a Python function becomes a function of the language."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from language.expressions import tree
from language.expressions.budget import exhausted
from language.expressions.code import Code, Env
from language.expressions.errors import Raised

Native = Callable[[list[Code], tree.Call], Code]
"""Makes the code of one call out of the code of its arguments."""
Function = Callable[..., Any]
"""Called as `function(meter, input, *arguments)` with values."""


def on_values(function: Function, *, first_outermost: bool = False) -> Native:
    """A function that takes values: called once per combination of its arguments' outputs.

    jq varies the first argument of its own C functions fastest, and the last one of those that it
    defines with `$name` parameters: `first_outermost`.
    """

    def make(arguments: list[Code], node: tree.Call) -> Code:
        offset = node.offset

        def call(env: Env, value: Any, values: tuple[Any, ...]) -> Any:
            meter = env[0]
            meter.left -= 1
            if meter.left < 0:
                raise exhausted(meter)
            try:
                return function(meter, value, *values)
            except Raised as problem:
                if problem.offset is None:
                    problem.offset = offset
                raise

        if not arguments:
            return Code(lambda env, value: call(env, value, ()))
        if all(argument.one is not None for argument in arguments):
            if len(arguments) == 1:
                one = arguments[0].one
                return Code(
                    lambda env, value: call(env, value, (one(env, value),))  # type: ignore[misc]
                )
            ones = [argument.one for argument in arguments]
            if not first_outermost:
                # The outermost runs first, and so does its error.
                ones.reverse()
                return Code(
                    lambda env, value: call(
                        env,
                        value,
                        tuple([one(env, value) for one in ones][::-1]),  # type: ignore[misc]
                    )
                )
            return Code(
                lambda env, value: call(
                    env,
                    value,
                    tuple([one(env, value) for one in ones]),  # type: ignore[misc]
                )
            )
        order = list(range(len(arguments)))
        if not first_outermost:
            order.reverse()

        def combine(env: Env, value: Any, at: int, found: list[Any]) -> Iterable[Any]:
            if at == len(order):
                yield call(env, value, tuple(found))
                return
            for item in arguments[order[at]].many(env, value):
                found[order[at]] = item
                yield from combine(env, value, at + 1, list(found))

        return Code(
            many=lambda env, value: combine(env, value, 0, [None] * len(order)),
            height=node.depth + len(order) + 1,
        )

    return make
