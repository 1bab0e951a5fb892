"""`=`, `|=` and the operators that compute with what stands at a place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from language.expressions.access import delete_paths, get_path, set_path
from language.expressions.code import Code, Env, invalid_result
from language.expressions.errors import Raised
from language.expressions.operators import OPERATORS


def places(target: Code, env: Env, value: Any) -> Iterable[list[Any]]:
    """The paths of the target's outputs; raises for an output that stands nowhere."""
    for path, item in target.paths(env, (), value):
        if path is None:
            raise invalid_result(item)
        env[0].charge(1)
        yield list(path)


def assignment(op: str, left: Code, right: Code, offset: int) -> Code:
    """Code for an assignment; gives the whole input, changed."""
    if op == "|=":
        return _update(left, right)

    def changed(env: Env, value: Any, operand: Any) -> Any:
        meter = env[0]
        result = value
        for path in places(left, env, value):
            if op == "=":
                item = operand
            else:
                item = get_path(result, path, meter)
                if op != "//=":
                    item = OPERATORS[op[:-1]](item, operand, meter)
                elif item is None or item is False:
                    item = operand
            result = set_path(result, path, item, meter)
        return result

    def located(env: Env, value: Any, operand: Any) -> Any:
        try:
            return changed(env, value, operand)
        except Raised as problem:
            if problem.offset is None:
                problem.offset = offset
            raise

    if right.one is not None:
        one = right.one
        return Code(lambda env, value: located(env, value, one(env, value)))

    def many(env: Env, value: Any) -> Iterable[Any]:
        for operand in right.many(env, value):
            yield located(env, value, operand)

    return Code(many=many)


def _update(left: Code, right: Code) -> Code:
    def update(env: Env, value: Any) -> Any:
        return modify(env, value, left, right)

    return Code(update)


def modify(env: Env, value: Any, target: Code, change: Code) -> Any:
    """The value with the first output of `change` at every place; deleted where there is none."""
    meter = env[0]
    result = value
    emptied: list[list[Any]] = []
    for path in places(target, env, value):
        before = get_path(result, path, meter)
        if change.one is not None:
            result = set_path(result, path, change.one(env, before), meter)
            continue
        for after in change.many(env, before):
            result = set_path(result, path, after, meter)
            break
        else:
            emptied.append(path)
    return delete_paths(result, emptied, meter) if emptied else result
