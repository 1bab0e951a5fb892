"""Generated programs, answered by us and by libjq, which runs in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from language.expressions import ExpressionError, evaluate, parse
from tests.language.expressions.answers import same
from tests.language.expressions.oracle import Oracle
from tests.language.expressions.programs import INPUTS, PROGRAMS, is_known_difference

pytest.importorskip("jq")


@pytest.fixture(scope="module")
def libjq() -> Iterator[Oracle]:
    """The oracle, ended with the tests of this file."""
    oracle = Oracle()
    yield oracle
    oracle.close()


def _ours(source: str, value: Any) -> tuple[list[Any], bool] | None:
    """Outputs, and whether an error ended them; None where the budget did."""
    try:
        return evaluate(parse(source), value, {}), False
    except ExpressionError as error:
        return None if error.kind == "budget" else (error.outputs, True)


@pytest.mark.timeout(240)
def test_generated_programs_answer_as_libjq(libjq: Oracle) -> None:
    """Same outputs in the same order, and an error exactly where libjq has one."""
    compared = 0

    @settings(
        max_examples=1_000,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(PROGRAMS, INPUTS)
    def compare(program: str, value: Any) -> None:
        nonlocal compared
        if is_known_difference(program):
            return
        source = f"1 as $x|2 as $y|{program}"
        ours = _ours(source, value)
        theirs = libjq.ask(source, value)
        if ours is None or theirs is None:
            return
        compared += 1
        assert ours[1] is theirs.failed, (ours, theirs)
        assert same(ours[0], theirs.outputs), (ours, theirs)

    compare()
    assert compared > 500


def test_the_oracle_ends_what_does_not_end(libjq: Oracle) -> None:
    """A program that freezes libjq costs the test its time limit, and the next one is answered."""
    impatient = Oracle(seconds=0.2)
    try:
        assert impatient.ask("def f: f; f", None) is None
        answer = impatient.ask("1 + 1", None)
    finally:
        impatient.close()
    assert answer is not None
    assert answer.outputs == [2]
