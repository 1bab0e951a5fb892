"""jq's own test files: program, input, outputs; or a program that must be refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from language.expressions import Budget, ExpressionError, parse
from language.expressions.program import run
from language.expressions.serialize import read_json
from tests.foreign.corpora import label
from tests.foreign.verdicts import Verdict
from tests.language.expressions.answers import same

ROOMY = Budget(steps=2_000_000, size=20_000_000)


@dataclass(frozen=True, slots=True)
class Case:
    """One block of a test file."""

    place: str
    program: str
    lines: tuple[str, ...]
    must_fail: bool


def cases(file: Path) -> Iterator[Case]:
    """The blocks of a test file, comments left out."""
    block: list[str] = []
    first = 0
    text = file.read_text(encoding="utf-8")
    # Only line feeds end a line: programs and inputs may hold other separators.
    for number, line in enumerate([*text.split("\n"), ""], 1):
        if line.lstrip().startswith("#"):
            continue
        if line.strip():
            first = first or number
            block.append(line)
            continue
        if block:
            yield _case(f"{label(file)}:{first}", block)
        block, first = [], 0


def _case(place: str, block: list[str]) -> Case:
    if block[0].startswith("%%FAIL"):
        return Case(place, block[1], (), must_fail=True)
    return Case(place, block[0], tuple(block[1:]), must_fail=False)


def judge(case: Case) -> Verdict:
    """Run one program and compare all of its outputs."""
    kind, said = _judged(case)
    shown = f"{case.place} {case.program}"
    return Verdict(shown, kind, said)  # type: ignore[arg-type]


def _judged(case: Case) -> tuple[str, str]:
    outputs: list[object] = []
    try:
        program = parse(case.program)
        if case.must_fail:
            # A variable that nothing binds is refused where the expression stands.
            unbound = [name for name in program.variables if name != "ENV"]
            return ("right", "") if unbound else ("wrong", "accepted, but jq refuses it")
        run(program, read_json(case.lines[0]), {}, ROOMY, outputs)
    except ExpressionError as error:
        if error.kind == "not-in-subset":
            return "refused", f"expressions: {error.message.removeprefix('not in this subset: ')}"
        if case.must_fail:
            return "right", ""
        if error.kind != "runtime":
            return "wrong", f"{error.kind}: {error.message}"
    except Exception as error:
        return "wrong", f"internal error: {error!r}"
    expected = [read_json(line) for line in case.lines[1:]]
    if len(outputs) == len(expected) and all(map(same, outputs, expected)):
        return "right", ""
    return "wrong", f"gave {outputs!r}, not {expected!r}"
