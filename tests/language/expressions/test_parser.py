"""Reading expressions: grammar, refusals, places."""

from __future__ import annotations

import pytest

from language.expressions import ExpressionError, evaluate, parse
from tests.language.expressions.answers import outputs


@pytest.mark.parametrize(
    ("source", "offset"),
    [
        (".a +", 4),
        ("{", 1),
        (".a ]", 3),
        ("if . then 1", 11),
        ('"abc', 0),
        ('"\\q"', 1),
        ("1 == 2 == 3", 7),
        (".a = 1 = 2", 7),
        ("nope", 0),
        ("1 | map(.; .)", 4),
        ("break $out", 0),
        ("{1: 2}", 1),
        ("{(true): 2}", 2),
        (". as [$a | $a", 9),
        ("a ~ b", 2),
    ],
)
def test_says_where_a_broken_expression_goes_wrong(source: str, offset: int) -> None:
    """A syntax error carries the place of the first character that cannot stand there."""
    with pytest.raises(ExpressionError) as caught:
        parse(source)
    assert (caught.value.kind, caught.value.offset) == ("syntax", offset)


@pytest.mark.parametrize(
    ("source", "name", "offset"),
    [
        ("[.a, now]", "now", 5),
        ("input", "input", 0),
        ("$ENV.PATH", "$ENV", 0),
        ("env | keys", "env", 0),
        ('import "a" as f; 1', "import", 0),
        ("f::g", "import", 0),
        ("debug(.a)", "debug", 0),
        ("localtime", "localtime", 0),
        ("halt_error", "halt_error", 0),
        ("$__prog_args", "$__prog_args", 0),
    ],
)
def test_refuses_by_name_what_is_left_out(source: str, name: str, offset: int) -> None:
    """Clock, environment, input and modules are refused with the name and its place."""
    with pytest.raises(ExpressionError) as caught:
        parse(source)
    assert caught.value.message == f"not in this subset: {name}"
    assert (caught.value.kind, caught.value.offset) == ("not-in-subset", offset)


def test_suggests_the_function_that_was_meant() -> None:
    """A misspelt function is answered with the closest one that exists."""
    with pytest.raises(ExpressionError, match="did you mean select"):
        parse("selct(.a)")


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("1 + 2 * 3 - 4 / 2", [5]),
        ("1 // 2 | . + 1", [2]),
        ("null // null // 3", [3]),
        ("1, 2 | . * 10", [10, 20]),
        ("def f: 1; def g: f + 1; g | f, .", [1, 2]),
        ("-1 as $x | 1, $x", [1, -1]),
        ("1 + 2 as $x | $x * 2", [6]),
        ("try error(1) catch . + 1", [2]),
        ("true or false and false", [True]),
        ("{a: 1 + 1 | . * 2, if: 3}", [{"a": 4, "if": 3}]),
        ("[1, # a comment\n 2]", [[1, 2]]),
        ("", [None]),
        ('"a\\(1 + 1)\\("b" + "\\(3)")"', ["a2b3"]),
        ("label $if | 1, break $if, 2", [1]),
    ],
)
def test_groups_operators_as_jq_does(source: str, answer: list[object]) -> None:
    """Precedence, associativity and how far a binding reaches."""
    assert outputs(source) == answer


def test_long_lists_are_not_nesting() -> None:
    """A list of thousands of constants is read, however long."""
    source = "[" + ",".join(str(number) for number in range(3000)) + "] | length"
    assert outputs(source) == [3000]


@pytest.mark.parametrize(
    "source",
    ["(" * 5000, "[" * 5000, "-" * 5000 + "1", ".a" * 5000, "1" + "|1" * 5000, '"\\(' * 500],
)
def test_deep_sources_end_in_an_error_of_their_own(source: str) -> None:
    """Nesting beyond the limit is an expression error, never a crash of the interpreter."""
    with pytest.raises(ExpressionError) as caught:
        parse(source)
    assert caught.value.kind in ("budget", "syntax")


def test_the_same_source_is_read_once() -> None:
    """Programs are shared by source text."""
    assert parse(".a.b == 1") is parse(".a.b == 1")


def test_a_program_is_not_changed_by_evaluating_it() -> None:
    """The constants of a program come out the same however their copies are used."""
    program = parse('{"list": [1]} | .list += [2]')
    assert evaluate(program, None) == evaluate(program, None) == [{"list": [1, 2]}]
