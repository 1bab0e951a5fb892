"""What an evaluation may cost, and that nothing gets past it."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from language.expressions import Budget, ExpressionError, evaluate, parse
from language.expressions.program import run
from tests.language.expressions.answers import failure, outputs

ENDLESS = [
    "def f: f; f",
    "def f: 1 + f; f",
    "def f: [f]; f",
    "def f(g): f(g | g); f(.)",
    "def f(g): if . > 10000 then g else . + 1 | f(g | 1) end; 0 | f(.)",
    "[repeat(1)]",
    "[range(1e9)]",
    "until(false; .)",
    "[recurse([.])]",
    "reduce range(1e9) as $x (0; . + 1)",
    "[while(true; .)]",
    "def f: (.a | f)?; f",
    "def f: path(f); f",
]
BOMBS = [
    'reduce range(60) as $x ("a"; . + .)',
    "reduce range(60) as $x ([1]; [., .])",
    "reduce range(60) as $x ([1]; [., .]) | tojson",
    "reduce range(60) as $x ([1]; [., .]) | flatten",
    "reduce range(40) as $x ({}; {a: ., b: .}) | . == .",
    "(reduce range(40) as $x ({}; {a: ., b: .})) as $x | $x * $x",
    "reduce range(40) as $x ({}; {a: ., b: .}) | del(..)",
    '"a" * 1e9',
    ".[1e8] = 1",
    "[range(20) | [0, 1]] | [combinations]",
    "|".join(["[., .]"] * 40),
    "try error(reduce range(60) as $x ([1]; [., .])) catch .",
]


@pytest.mark.parametrize("source", ENDLESS + BOMBS)
@pytest.mark.timeout(60)
def test_endless_and_exploding_expressions_end_in_the_budget(source: str) -> None:
    """Loops, recursion and values that share their parts all end in a budget error."""
    assert failure(source).kind == "budget"


def test_the_budget_cannot_be_caught() -> None:
    """An expression cannot go on after its steps ran out."""
    assert failure("try (def f: f; f) catch 1").kind == "budget"


def test_the_steps_of_an_expression_are_always_the_same() -> None:
    """The count of steps depends on the expression and its input only."""
    program = parse('[.[] | select(. % 2 == 0) | tostring] | sort | join(",")')
    counts = {run(program, list(range(50)), {}, Budget(), []) for _ in range(3)}
    assert len(counts) == 1


def test_a_step_less_than_needed_is_refused() -> None:
    """The limit is exact: what takes n steps runs with n and not with n - 1."""
    program = parse("[range(100)] | map(. + 1) | add")
    steps = run(program, None, {}, Budget(), [])
    assert evaluate(program, None, {}, Budget(steps=steps)) == [5050]
    with pytest.raises(ExpressionError) as caught:
        evaluate(program, None, {}, Budget(steps=steps - 1))
    assert caught.value.kind == "budget"


def test_outputs_are_counted_and_measured_together() -> None:
    """Many outputs, and many small ones that are large together, are refused."""
    assert "outputs" in failure("range(100)", None, Budget(outputs=10)).message
    assert "too large" in failure("range(20) | [range(10)]", None, Budget(size=100)).message


def test_deep_values_pass_through() -> None:
    """Values nested thousands deep are built, compared, written and read without recursion."""
    source = "reduce range(2000) as $_ ([]; [.])"
    assert outputs(f"{source} | tojson | fromjson | tojson | length") == [4002]
    assert outputs(f"({source}) == ({source}), (({source}) < ({source}))") == [True, False]


def test_a_source_may_only_be_so_long() -> None:
    """A source beyond the limit is refused before it is read."""
    with pytest.raises(ExpressionError) as caught:
        parse("1" + " " * 30_000)
    assert caught.value.kind == "budget"


@pytest.mark.parametrize(
    "source", ["map(.x = 1)", "del(.[0].a)", "walk(.)", "[.[] | .a += 1]", "sort"]
)
def test_inputs_are_never_changed(source: str) -> None:
    """The caller's value is the same after every function that gives a changed one."""
    value: Any = [{"a": 2}, {"a": 1}]
    before = copy.deepcopy(value)
    outputs(source, value)
    assert value == before
