"""`caseway eval`."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.eval import command


def run(*arguments: str) -> Result:
    """The command's result."""
    return CliRunner().invoke(command, list(arguments))


def test_prints_one_compact_output_per_line() -> None:
    """Outputs are JSON, one per line, keys in the order of the value."""
    result = run('.[], {b: 1, "a": "é"}', "--input", "[1, 2.5]")
    assert (result.exit_code, result.stdout) == (0, '1\n2.5\n{"b":1,"a":"é"}\n')


def test_the_input_is_null_when_none_is_given() -> None:
    """Neither option, or --null-input, evaluates against null."""
    assert run(".").stdout == run(".", "--null-input").stdout == "null\n"


def test_reads_the_input_from_a_file(tmp_path: Path) -> None:
    """@FILE names a file with the input."""
    file = tmp_path / "input.json"
    file.write_text('{"a": 1}', encoding="utf-8")
    assert run(".a", "--input", f"@{file}").stdout == "1\n"


def test_large_integers_come_out_as_they_went_in() -> None:
    """What is only passed on keeps all its digits."""
    assert run(".", "--input", "12345678901234567890").stdout == "12345678901234567890\n"


def test_a_refusal_names_what_is_left_out() -> None:
    """The exact sentence on standard error, and exit status 1."""
    result = run("now")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "not in this subset: now\n")


def test_an_error_comes_after_the_outputs_before_it() -> None:
    """Outputs are printed, then the error, with exit status 1."""
    result = run('1, error("broken"), 2')
    assert (result.exit_code, result.stdout, result.stderr) == (1, "1\n", "error: broken\n")


def test_a_syntax_error_points_at_its_place() -> None:
    """Line, column, the line itself, and a caret under the place."""
    result = run(".a |\n .b +* 1")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "error: expected a value, found '*' (line 2, column 6)",
        "   .b +* 1",
        "       ^",
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        (".", "--input", "{"),
        (".", "--input", "@/nowhere/at/all.json"),
        (".", "--input", "1", "--null-input"),
        (),
    ],
)
def test_exits_with_2_when_it_cannot_run(arguments: tuple[str, ...]) -> None:
    """Bad input and bad options are not the expression's fault."""
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr


def test_says_when_a_case_would_not_allow_it() -> None:
    """Beyond a case's steps the outputs come with a note."""
    result = run("[range(60000)] | length")
    assert (result.exit_code, result.stdout) == (0, "60000\n")
    assert "in a case, 50,000 are allowed" in result.stderr
