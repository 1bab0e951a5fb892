"""Every built-in function costs steps by the size of what it is given and gives."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from bench.expressions import HOSTILE
from language.expressions import Budget, ExpressionError, parse
from language.expressions.budget import measure
from language.expressions.program import run
from tests.language.expressions.programs import INPUTS, PROGRAMS

TEXT = "ab" * 50_000
LARGE: dict[str, Any] = {
    "text": TEXT,
    "digits": "7" * 2_000,
    "list": [number % 97 for number in range(20_000)],
    "texts": [str(number) for number in range(20_000)],
    "object": {str(number): number for number in range(20_000)},
    "brackets": "[" * 4_000 + "]" * 4_000,
}
LEAST = 30
"""Steps below which a function has not looked at a value of this size."""
WHOLE = {
    "text": (
        [
            "tojson", "@json", "@html", "@uri", "@urid", "@sh", "@base64", "@base64d", "@base32", "utf8bytelength",
            "ascii_downcase", "ascii_upcase", "explode", "trim", "ltrim", "rtrim", 'split("b")', 'split("b"; null)',
            'ltrimstr("a")', 'rtrimstr("b")', 'trimstr("a")', 'index("c")', 'rindex("b")', 'indices("c")', 'test("c")',
            'test("c|d")', 'gsub("b"; "c")', 'sub("c"; "d")', '[scan("c")]', '[match("b"; "g")]', 'splits("b")', ". + .",
            ". * 2", '. / "b"', ".[1:]", '"x\\(.)"', '[., .] | join(",")', 'contains("c")', '. == "\\(.)"',
            "startswith(.)", "endswith(.)", "tojson | fromjson", "inside(. + .)",  "[.] | @csv", "[.] | @tsv", "ascii_downcase | @base64",
        ]
    ),
    "digits": ["tonumber | ., ., .", "@html", "fromjson | tojson | ., ."],
    "brackets": ["fromjson"],
    "list": [
        "tojson", "sort", "unique", "group_by(.)", "sort_by(.)", "unique_by(.)", "min", "max", "min_by(.)", "max_by(.)",
        "add", "flatten", "reverse", "to_entries", "keys", "keys_unsorted", "map(.)", "map_values(.)", "any(. == 100)",
        "all(. != 100)", "index(100)", "indices([100])", "contains([100])", "implode", 'join(",")', "@csv", "@tsv", "@sh",
        "[.[]]", ".[1:]", ".[0] = 1", ". + .", ". - [1]", "del(.[0])", "delpaths([[0]])", "setpath([0]; 1)", "[paths]",
        "[tostream]", "walk(.)", "[recurse]", "[..]",  ". == (. + [] | .[0] = 1)", ". < .", "tostring",
         "with_entries(.)", "[limit(9999; .[])]", "last(.[])", "[skip(5; .[])]", "first(.[] | select(. == 100))",
        "reduce .[] as $x (0; . + 1)", "[foreach .[] as $x (0; . + 1)]", "map(tostring) | add", "[.[] | tojson]", "IN(.[]; 100)",
        "INDEX(.)",   "to_entries | from_entries",
    ],
    "object": [
        "tojson", "keys", "to_entries", "with_entries(.)", "map_values(.)", "add", "[.[]]", ". + {a: 1}", ". * .", "del(.a)",
        ".a = 1", "[paths]", "[tostream]",  ". == (.a = 1)", ". < .", "[..]", "walk(.)", "tostring",
        "any(.[]; . == -1)", "flatten", 'join(",")', 'delpaths([["a"]])',
    ],
}  # fmt: skip
"""Expressions that have to look at all of the value, by kind of value."""
ENOUGH = Budget(steps=5_000, size=50_000_000, outputs=1_000_000)
"""Who runs out of these has paid."""


@pytest.mark.parametrize(
    ("kind", "source"), [(kind, source) for kind in WHOLE for source in WHOLE[kind]]
)
def test_a_function_pays_for_what_it_goes_through(kind: str, source: str) -> None:
    """What has to look at all of a large value takes many steps."""
    try:
        steps = run(parse(f"({source}) | empty"), LARGE[kind], {}, ENOUGH, [])
    except ExpressionError as error:
        assert error.kind == "budget"  # noqa: PT017 - who runs out has paid
        return
    assert steps >= LEAST


@pytest.mark.parametrize("name", sorted(HOSTILE))
@pytest.mark.timeout(60)
def test_hostile_programs_end_within_the_budget_of_a_case(name: str) -> None:
    """No program takes more steps, outputs or size than a case allows, whatever it does."""
    source, value = HOSTILE[name]
    outputs: list[Any] = []
    budget = Budget()
    try:
        steps = run(parse(source), value, {}, budget, outputs)
    except ExpressionError as error:
        assert error.kind in ("budget", "runtime")  # noqa: PT017 - or it ends by itself
        steps = 0
    assert steps <= budget.steps
    assert len(outputs) <= budget.outputs
    assert sum(measure(output, budget.size) for output in outputs) <= budget.size


@pytest.mark.timeout(240)
@settings(
    max_examples=600,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(PROGRAMS, PROGRAMS, INPUTS)
def test_generated_programs_stay_within_any_budget(first: str, second: str, value: Any) -> None:
    """Small limits hold for generated programs that feed on each other, and hold the same again."""
    budget = Budget(steps=2_000, size=500, depth=300, outputs=20)
    source = f"1 as $x|2 as $y|[limit(30; repeat({first}))]|({second})"
    try:
        program = parse(source)
    except ExpressionError:
        return
    seen = []
    for _ in range(2):
        outputs: list[Any] = []
        try:
            seen.append((run(program, value, {}, budget, outputs), len(outputs), ""))
            assert seen[-1][0] <= budget.steps
        except ExpressionError as error:
            seen.append((0, len(outputs), error.message))
        assert len(outputs) <= budget.outputs
        assert sum(measure(output, 10_000) for output in outputs) <= budget.size
    assert seen[0] == seen[1]
