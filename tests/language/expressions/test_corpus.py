"""Cases that nobody here wrote: jq's own test files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from language.expressions import Budget, ExpressionError, parse
from language.expressions.program import run
from language.expressions.serialize import read_json
from tests.language.expressions.answers import same

FOLDER = (
    Path(os.environ.get("CASEWAY_FOREIGN", Path(__file__).parents[4] / "shared" / "foreign")) / "jq"
)
ROOMY = Budget(steps=2_000_000, size=20_000_000)
LEAST_SHARE = 0.95


@dataclass(frozen=True)
class Case:
    """One block of a test file: program, input, outputs; or a program that must be refused."""

    program: str
    lines: tuple[str, ...]
    must_fail: bool


def cases(text: str) -> Iterator[Case]:
    """The blocks of a test file, comments left out."""
    for block in text.split("\n\n"):
        lines = [line for line in block.split("\n") if line.strip() and not line.startswith("#")]
        if not lines:
            continue
        if lines[0].startswith("%%FAIL"):
            yield Case(lines[1], (), must_fail=True)
        else:
            yield Case(lines[0], tuple(lines[1:]), must_fail=False)


def judge(case: Case) -> str:
    """`right`, `refused`, or what is wrong with our answer."""
    outputs: list[object] = []
    try:
        program = parse(case.program)
        if case.must_fail:
            return "right" if program.variables else "accepted"
        run(program, read_json(case.lines[0]), {}, ROOMY, outputs)
    except ExpressionError as error:
        if error.kind == "not-in-subset":
            return "refused"
        if case.must_fail:
            return "right"
        if error.kind != "runtime":
            return f"{error.kind}: {error.message}"
    expected = [read_json(line) for line in case.lines[1:]]
    if len(outputs) == len(expected) and all(map(same, outputs, expected)):
        return "right"
    return f"gave {outputs}, not {expected}"


def test_no_answer_is_wrong() -> None:
    """Each case of the folder is right or refused by name, and nearly all are right."""
    if not FOLDER.is_dir():
        pytest.skip(f"no cases: {FOLDER} is not there")
    found = [
        case
        for file in sorted(FOLDER.glob("*.test"))
        for case in cases(file.read_text(encoding="utf-8"))
    ]
    if not found:
        pytest.skip(f"no cases: {FOLDER} holds no .test file")
    verdicts = [(case.program, judge(case)) for case in found]
    wrong = [verdict for verdict in verdicts if verdict[1] not in ("right", "refused")]
    assert not wrong
    right = sum(verdict == "right" for _, verdict in verdicts)
    assert right >= LEAST_SHARE * len(verdicts)
