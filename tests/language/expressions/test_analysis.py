"""Static facts of expressions, for the linter."""

from __future__ import annotations

import pytest

from language.expressions import Path, parse


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("$case.a + $context.b + $case.c", ("case", "context")),
        ("1 as $x | $x + $y", ("y",)),
        ("def f($a): $a + $b; f(1)", ("b",)),
        ('. as {a: $p, $q, ("k" + $r): [$s]} | [$p, $q, $s]', ("r",)),
        ("reduce .[] as $i ($start; . + $i)", ("start",)),
        ('"a\\($case.id)"', ("case",)),
        ("{$case, x: $workflow}", ("case", "workflow")),
        (". as [$a] ?// $b | [$a, $b, $c]", ("c",)),
    ],
)  # fmt: skip
def test_lists_the_variables_that_are_not_bound(source: str, names: tuple[str, ...]) -> None:
    """Free variables come in order of appearance, each once."""
    assert parse(source).variables == names


@pytest.mark.parametrize(
    ("source", "paths"),
    [
        (".a.b", [Path(".", ("a", "b"), 0, 4)]),
        ("$case.results.triage", [Path("$case", ("results", "triage"), 0, 20)]),
        ('1 + $case["x"].y', [Path("$case", ("x", "y"), 4, 12)]),
        (".a | .b", [Path(".", ("a",), 0, 2)]),
        (".items[].price", [Path(".", ("items",), 0, 6)]),
        ("map(.x)", []),
        ("select(.a == 1) | .b", [Path(".", ("a",), 7, 2), Path(".", ("b",), 18, 2)]),
        ("if .a then .b else $c end",
         [Path(".", ("a",), 3, 2), Path(".", ("b",), 11, 2), Path("$c", (), 19, 2)]),
        (".a as $x | $x.b, .c", [Path(".", ("a",), 0, 2), Path(".", ("c",), 17, 2)]),
        ("def f: .z; .a", [Path(".", ("a",), 11, 2)]),
    ],
)  # fmt: skip
def test_lists_what_is_read_by_fixed_names(source: str, paths: list[Path]) -> None:
    """Reads of the input and of free variables, with the place to point at."""
    assert list(parse(source).paths) == paths
