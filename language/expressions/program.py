"""An expression that was read: what it names, and how it is evaluated."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from language.expressions import tree
from language.expressions.analysis import Path, free_variables, static_paths
from language.expressions.budget import Budget, Meter, measure
from language.expressions.code import Code, Env
from language.expressions.compiling.program import compile_program
from language.expressions.errors import ExpressionError, Raised
from language.expressions.formats import text
from language.expressions.numbers import is_nan
from language.expressions.parser import parse_source
from language.expressions.values import is_number

_FRAMES = 12_000
"""Python frames that the deepest allowed expression may need, with what runs below it."""

# Depth is bounded by our own limits, the same everywhere; Python's must lie above them.
sys.setrecursionlimit(max(sys.getrecursionlimit(), _FRAMES))

_DEFAULT = Budget()


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """A compiled expression.

    `variables`: the names it reads without binding them, without `$`, in order of appearance.
    `paths`: what it certainly reads from `.` and from those variables by fixed names.
    """

    source: str
    variables: tuple[str, ...]
    paths: tuple[Path, ...]
    code: Code
    node: tree.Node


@lru_cache(maxsize=4096)
def parse(source: str) -> Program:
    """The program of a source; raises `ExpressionError` with the place of what is wrong."""
    node = parse_source(source)
    variables = free_variables(node)
    code = compile_program(node, variables)
    return Program(source, variables, static_paths(node), code, node)


def evaluate(
    program: Program,
    value: Any,
    variables: Mapping[str, Any] | None = None,
    budget: Budget = _DEFAULT,
) -> list[Any]:
    """All outputs for an input; the input and the variables stay as they are.

    Raises `ExpressionError`; its `outputs` are those that came before.
    """
    outputs: list[Any] = []
    run(program, value, variables or {}, budget, outputs)
    return outputs


def run(
    program: Program, value: Any, variables: Mapping[str, Any], budget: Budget, outputs: list[Any]
) -> int:
    """Puts all outputs into a list as they come; gives the steps that it took."""
    return _run(program, value, variables, budget, outputs).used


def _run(
    program: Program, value: Any, variables: Mapping[str, Any], budget: Budget, outputs: list[Any]
) -> Meter:
    meter = Meter(budget)
    bound = []
    for name in program.variables:
        if name not in variables:
            offset = program.source.find("$" + name)
            raise ExpressionError(f"${name} is not defined", max(offset, 0), "syntax")
        bound.append(variables[name])
    env: Env = (meter, program.code.height, *bound)
    try:
        if program.code.one is not None:
            outputs.append(_leaving(program.code.one(env, value), budget, meter))
            return meter
        for item in program.code.many(env, value):
            meter.charge(1)
            if len(outputs) >= budget.outputs:
                raise _too_many(budget)
            outputs.append(_leaving(item, budget, meter))
    except Raised as problem:
        error = ExpressionError(_message(problem.value, meter), problem.offset)
        error.outputs = outputs
        error.cost = meter.cost
        raise error from None
    except RecursionError:
        error = ExpressionError("calls are nested too deeply", kind="budget")
        error.cost = meter.cost
        raise error from None
    except ExpressionError as error:
        error.outputs = outputs
        error.cost = meter.cost
        raise
    return meter


def evaluate_one(
    program: Program,
    value: Any,
    variables: Mapping[str, Any] | None = None,
    budget: Budget = _DEFAULT,
) -> Any:
    """The only output for an input; none or several are an error."""
    return evaluate_counted(program, value, variables, budget)[0]


def evaluate_counted(
    program: Program,
    value: Any,
    variables: Mapping[str, Any] | None = None,
    budget: Budget = _DEFAULT,
) -> tuple[Any, int]:
    """The only output for an input, and its cost in steps; errors carry theirs."""
    outputs: list[Any] = []
    meter = _run(program, value, variables or {}, budget, outputs)
    if len(outputs) != 1:
        error = ExpressionError(f"the expression gave {len(outputs)} outputs; one is needed")
        error.cost = meter.cost
        raise error
    return outputs[0], meter.cost


def _message(value: Any, meter: Meter) -> str:
    try:
        return text(value, meter)
    except ExpressionError:
        return "an error with a large value"


def _leaving(value: Any, budget: Budget, meter: Meter) -> Any:
    """The value as plain JSON, after its size was checked together with what left before it."""
    kind = value.__class__
    room = budget.size - meter.written
    if kind is str:
        size = 1 + (len(value) >> 4)
    elif kind is list or kind is dict:
        size = measure(value, room)
    else:
        size = 1
    meter.written += size
    if size > room:
        raise _too_large()
    if kind is str or value is None or kind is bool or kind is int:
        return value
    if kind is not list and kind is not dict:
        return _finite(value)
    if _is_plain(value, budget.nesting):
        return value
    return _cleaned(value)


def _too_many(budget: Budget) -> ExpressionError:
    return ExpressionError(f"gave more than {budget.outputs:,} outputs", kind="budget")


def _too_large() -> ExpressionError:
    return ExpressionError("the outputs are too large when written out", kind="budget")


def _finite(value: Any) -> Any:
    """A number that JSON can write: nan is null, infinite the largest double."""
    if is_nan(value):
        return None
    if value in (float("inf"), float("-inf")):
        return sys.float_info.max if value > 0 else -sys.float_info.max
    return value


def _is_plain(value: Any, nesting: int) -> bool:
    """Whether a value has no nan and no infinite number, and nests no deeper than allowed."""
    level = [value]
    depth = 0
    limits = (float("inf"), float("-inf"))
    while level:
        depth += 1
        if depth > nesting + 1:
            raise ExpressionError(f"the output nests more than {nesting} levels", kind="budget")
        below: list[Any] = []
        for item in level:
            for inner in item.values() if item.__class__ is dict else item:
                kind = inner.__class__
                if kind is list or kind is dict:
                    below.append(inner)
                elif kind is not str and kind is not int and is_number(inner):
                    if is_nan(inner) or inner in limits:
                        return False
        level = below
    return True


def _cleaned(value: Any) -> Any:
    """A copy in which every number is one that JSON can write."""
    root: list[Any] = [value]
    stack: list[tuple[Any, Any]] = [(root, 0)]
    while stack:
        holder, key = stack.pop()
        item = holder[key]
        if item.__class__ is list:
            copied: Any = list(item)
            holder[key] = copied
            stack.extend((copied, index) for index in range(len(copied)))
        elif item.__class__ is dict:
            copied = dict(item)
            holder[key] = copied
            stack.extend((copied, name) for name in copied)
        elif is_number(item) and item.__class__ is not int:
            holder[key] = _finite(item)
    return root[0]
