"""Generated programs, answered by us and by libjq."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from language.expressions import ExpressionError, evaluate, parse
from tests.language.expressions.answers import same

jq = pytest.importorskip("jq")

CONSTANTS = [
    "0", "1", "-1", "2.5", "10", '"a"', '"ab"', '""', '"é"', '"1"', '"a,b"', "null", "true", "false",
    "[]", "{}", "[3,1,2]", '{"a":1}', '{"b":[1,{"a":2}]}', '["a","b"]',
]  # fmt: skip
READS = [
    ".", ".a", ".b", ".a.b", ".[]", ".[0]", ".[-1]", ".[1:]", ".a?", ".[]?", "..", "$x", "empty",
]  # fmt: skip
NULLARY = [
    "length", "keys", "to_entries", "add", "any", "all", "not", "type", "sort", "unique", "min",
    "max", "first", "last", "tojson", "tostring", "floor", "flatten", "values", "arrays", "scalars",
    "explode", "tostream", "paths", "recurse", "@json", "@html", "@csv", "@base64", "ascii_upcase?",
    "from_entries?", "transpose?", "tonumber?", "implode?", "trim?", "toboolean?", "fromjson?",
]  # fmt: skip
UNARY = [
    "map", "select", "sort_by", "group_by", "unique_by", "min_by", "max_by", "del", "first", "last",
    "any", "all", "has", "contains", "index", "indices", "startswith", "ltrimstr", "join", "split",
    "map_values", "with_entries", "walk", "isempty", "add", "IN", "error", "test", "scan", "splits",
]  # fmt: skip
PLACES = [".a", ".[0]?", ".[]?", ".b.a", ".[1:]", "(.a,.b)", "..", "(.[]?|select(.a?))", ".[-1]"]
OPERATORS = ["+", "-", "*", "/", "%", "==", "!=", "<", "<=", "and", "or", "//"]
ASSIGNMENTS = ["=", "|=", "+=", "-=", "*=", "//="]


def _larger(part: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    two = st.tuples(part, part)
    three = st.tuples(part, part, part)
    return st.one_of(
        two.map("({0[0]}|{0[1]})".format),
        two.map("({0[0]},{0[1]})".format),
        st.tuples(part, st.sampled_from(OPERATORS), part).map("({0[0]} {0[1]} {0[2]})".format),
        part.map("[{}]".format),
        part.map("-({})".format),
        two.map("{{a:{0[0]},b:{0[1]}}}".format),
        three.map("(if {0[0]} then {0[1]} else {0[2]} end)".format),
        part.map("(try ({}) catch .)".format),
        part.map("({})?".format),
        two.map("(({0[0]}) as $x|{0[1]})".format),
        two.map("(({0[0]}) as [$x,$y]|{0[1]})".format),
        two.map("reduce ({0[0]}) as $x (.;{0[1]})".format),
        three.map("foreach ({0[0]}) as $x ({0[1]};{0[2]})".format),
        st.tuples(st.sampled_from(PLACES), st.sampled_from(ASSIGNMENTS), part).map(
            "({0[0]} {0[1]} {0[2]})".format
        ),
        st.tuples(st.sampled_from(UNARY), part).map("{0[0]}({0[1]})".format),
        st.tuples(part, st.sampled_from(NULLARY)).map("({0[0]}|{0[1]})".format),
        two.map("({0[0]})[{0[1]}]".format),
        three.map("({0[0]})[{0[1]}:{0[2]}]".format),
        part.map('"x\\({})y"'.format),
        two.map("(def g(h): h|{0[0]}; g({0[1]}))".format),
        part.map("(label $l|({})|., break $l)".format),
    )


PROGRAMS = st.recursive(st.sampled_from(CONSTANTS + READS + NULLARY), _larger, max_leaves=6)
INPUTS = st.recursive(
    st.sampled_from([None, True, False, 0, 1, 2.5, -3, "a", "b", "", "é"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3),
    ),
    max_leaves=6,
)


def _libjq(source: str, value: Any) -> tuple[list[Any], bool]:
    """Outputs, and whether an error ended them."""
    outputs = []
    try:
        for output in jq.compile(source).input_value(value):
            outputs.append(output)  # noqa: PERF402 - the ones before an error count
    except ValueError:
        return outputs, True
    return outputs, False


def _ours(source: str, value: Any) -> tuple[list[Any], bool] | None:
    """The same of ours; None where the budget ended it."""
    try:
        return evaluate(parse(source), value, {}), False
    except ExpressionError as error:
        return None if error.kind == "budget" else (error.outputs, True)


@pytest.mark.timeout(120)
@settings(
    max_examples=400,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(PROGRAMS, INPUTS)
def test_generated_programs_answer_as_libjq(program: str, value: Any) -> None:
    """Same outputs in the same order, and an error exactly where libjq has one."""
    source = f"1 as $x|{program}"
    ours = _ours(source, value)
    if ours is None:
        return
    theirs = _libjq(source, value)
    assert ours[1] is theirs[1], (ours, theirs)
    assert same(ours[0], theirs[0]), (ours, theirs)
