"""`caseway eval`: one expression, one input, its outputs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from cli.problem import CannotRun
from language.expressions import Budget, ExpressionError, parse
from language.expressions.program import run
from language.expressions.serialize import read_json, to_json

BUDGET = Budget(steps=2_000_000, size=20_000_000, outputs=1_000_000, nesting=10_000)
"""Roomier than in a case, so that an expression can be tried on larger data."""


@click.command("eval", short_help="Evaluate one expression.")
@click.argument("expression")
@click.option("--input", "given", metavar="JSON", help="The input: JSON, or @FILE with JSON.")
@click.option("--null-input", is_flag=True, help="Take null as the input; the default.")
def command(expression: str, given: str | None, null_input: bool) -> None:
    """Evaluate EXPRESSION and print one output per line, as jq -c does.

    Exit 0; 1 when the expression is refused or fails; 2 when it cannot be run.
    """
    if given is not None and null_input:
        raise CannotRun("give --input or --null-input, not both")
    value = None if given is None else _input(given)
    outputs: list[Any] = []
    steps = 0
    problem: ExpressionError | None = None
    try:
        steps = run(parse(expression), value, {}, BUDGET, outputs)
    except ExpressionError as error:
        problem = error
    _write("".join(to_json(output) + "\n" for output in outputs))
    if problem is not None:
        click.echo(_explained(problem, expression), err=True)
        sys.exit(1)
    if steps > Budget().steps:
        click.echo(
            f"note: this took {steps:,} steps; in a case, {Budget().steps:,} are allowed", err=True
        )


def _input(given: str) -> Any:
    text = given
    if given.startswith("@"):
        try:
            text = Path(given[1:]).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise CannotRun(f"{given[1:]} cannot be read: {error}") from error
    try:
        return read_json(text)
    except ValueError as error:
        raise CannotRun(f"--input is not JSON: {error}") from error


def _explained(problem: ExpressionError, expression: str) -> str:
    """What to print: the refusal as it is; an error with its place, and the line with a caret."""
    if problem.kind == "not-in-subset":
        return problem.message
    lines = [f"error: {problem.message}"]
    if problem.offset is not None and problem.kind == "syntax":
        before = expression[: problem.offset]
        start = before.rfind("\n") + 1
        line = expression[start:].split("\n", 1)[0]
        column = problem.offset - start
        lines[0] += f" (line {before.count(chr(10)) + 1}, column {column + 1})"
        lines += ["  " + line.replace("\t", " "), "  " + " " * column + "^"]
    return "\n".join(lines)


def _write(text: str) -> None:
    """Prints text as UTF-8; half of a surrogate pair becomes the replacement character."""
    data = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    click.echo(data.encode("utf-8"), nl=False)
