"""Regular expressions, and what they may cost."""

from __future__ import annotations

from typing import Any

import pytest

from tests.language.expressions.answers import failure, outputs


@pytest.mark.parametrize(
    ("source", "value", "answer"),
    [
        ('test("[0-9]+")', "ab12", [True]),
        ('test("B"; "i"), test(["B", "i"])', "abc", [True, True]),
        ('[match("a*?"; "g").offset]', "aa", [[0, 1, 2]]),
        ('capture("(?<y>\\\\d{4})-(?<m>\\\\d\\\\d)")', "2024-05", [{"y": "2024", "m": "05"}]),
        ('[scan("\\\\w+")], [scan("(o)(o)")]', "foo bar", [["foo", "bar"], [["o", "o"]]]),
        ('split(", *"; null)', "a, b,c", [["a", "b", "c"]]),
        ('gsub("(?<c>[a-z])"; "\\(.c | ascii_upcase)")', "a-b", ["A-B"]),
        ('[sub("b"; "1", "2")]', "abc", [["a1c", "a2c"]]),
        ('gsub(""; "-")', "ab", ["-a-b-"]),
        ('[match("(a)|b"; "g").captures[0].string]', "ab", [["a", None]]),
        ('test("foo(?=bar)"), test("(?<!foo)bar"), test("(foo)\\\\1")', "foobar", [True, False, False]),
        ('test("a++ab"), test("(?>a+)b")', "aab", [False, True]),
        ('test("^b$"), test("(?m)^b$")', "a\nb", [False, True]),
        ('[scan("\\\\p{Han}+")]', "工單 #12 已受理", [["工單", "已受理"]]),
        ('test("a b"; "x"), test("A.B"; "ip")', "a\nb", [False, True]),
    ],
)  # fmt: skip
def test_matches_as_jq_does(source: str, value: str, answer: list[Any]) -> None:
    """Flags, groups, look-around, classes and replacement."""
    assert outputs(source, value) == answer


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(", "end pattern with unmatched parenthesis"),
        (")", "unmatched close parenthesis"),
        ("*", "target of repeat operator is not specified"),
        ("[", "premature end of char-class"),
        ("[z-a]", "empty range in char class"),
        ("(?<=a+)b", "invalid pattern in look-behind"),
        ("((a{999}){999}){999}", "too many instructions"),
    ],
)
def test_names_what_is_wrong_with_a_pattern(pattern: str, message: str) -> None:
    """A bad pattern is an error that a `catch` can take."""
    assert outputs("try test($p) catch .", "b", p=pattern) == [f"Regex failure: {message}"]


def test_a_pattern_that_explodes_runs_out_of_steps() -> None:
    """Catastrophic backtracking ends in the budget, deterministically."""
    first = failure('test("^(a+)+$")', "a" * 40 + "b")
    second = failure('test("^(a+)+$")', "a" * 40 + "b")
    assert first.kind == second.kind == "budget"
    assert first.message == second.message
