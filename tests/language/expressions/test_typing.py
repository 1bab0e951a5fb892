"""What is known of an expression before it runs: types from schemas, and what is not meant."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from language.expressions import ExpressionError, evaluate, parse
from language.expressions.typing import (
    UNKNOWN,
    Type,
    check,
    condition_remark,
    of_schema,
    of_value,
)
from language.expressions.typing.types import field_of
from language.expressions.values import kind_name
from tests.language.expressions.programs import INPUTS, PROGRAMS

TICKET = {
    "type": "object",
    "required": ["id", "requester", "priority", "score", "open"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "integer"},
        "requester": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "email": {"type": "string"}},
        },
        "priority": {"enum": ["P1", "P2", "P3"]},
        "score": {"type": ["number", "null"]},
        "open": {"type": "boolean"},
        "note": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"price": {"type": "number"}, "name": {"type": "string"}},
                "additionalProperties": False,
            },
        },
        "last": {"$ref": "#/$defs/place"},
        "user-name": {"type": "string"},
    },
    "$defs": {"place": {"type": "object", "properties": {"city": {"type": "string"}}, "additionalProperties": False}},
}  # fmt: skip


def remarks(source: str, schema: Any = TICKET) -> list[tuple[str, str, str]]:
    """Kind, marked text and hint of each remark."""
    checked = check(parse(source), of_schema(schema), {})
    return [
        (each.kind, source[each.offset : each.offset + each.length], each.hint)
        for each in checked.remarks
    ]


@pytest.mark.parametrize(
    ("source", "kind", "marked", "hint"),
    [
        (".requester.emial", "unlisted", "emial", "Did you mean email?"),
        (".prioritty", "field", "prioritty", "Did you mean priority?"),
        ('.requester["emial"]', "unlisted", '"emial"', "Did you mean email?"),
        ('"To \\(.requester.emial)"', "unlisted", "emial", "Did you mean email?"),
        ('.requester.emial // "nobody"', "unlisted", "emial", "Did you mean email?"),
        (". as {$prioritty} | $prioritty", "field", "$prioritty", "Did you mean priority?"),
        (". as $t | $t.itms", "field", "itms", "Did you mean items?"),
        (".items[0].prce", "field", "prce", "Did you mean price?"),
        (".items[] | select(.prize > 3)", "field", "prize", "Did you mean price?"),
        (".items | sort_by(.prce)", "field", "prce", "Did you mean price?"),
        (".items | max_by(.price) | .prce", "field", "prce", "Did you mean price?"),
        ("reduce .items[] as $i (0; . + $i.prce)", "field", "prce", "Did you mean price?"),
        ("[.items[] | {name, cost: .price}] | map(.cst)", "field", "cst", "Did you mean cost?"),
        ("{a: .id} + {c: 1} | .b", "field", "b", "It has: a, c."),
        ("{a: 1, b: 2} | del(.a) | .a", "field", "a", "It has: b."),
        (".kind = 1 | .knd", "field", "knd", "Did you mean kind?"),
        (".requester | to_entries | map(.vlaue)", "field", "vlaue", "Did you mean value?"),
        (".last.cty", "field", "cty", "Did you mean city?"),
        ('has("prioritty")', "field", '"prioritty"', "Did you mean priority?"),
        (".id.x", "failure", ".id.x", ""),
        (".note.first", "failure", ".note.first", ""),
        (".tags.first", "failure", ".tags.first", ""),
        (".id[]", "failure", ".id[]", ""),
        ('.id + "x"', "failure", '.id + "x"', 'Put the value into a text: "… \\(value)".'),
        (".note - 1", "failure", ".note - 1", ""),
        (".open | length", "failure", "length", ""),
        (".items | length | ascii_downcase", "failure", "ascii_downcase", ""),
        (".priority as $p | $p - 3", "failure", "$p - 3", ""),
        ("{(.id): 1}", "failure", ".id", ""),
    ],
)  # fmt: skip
def test_says_what_a_value_does_not_have_and_what_always_fails(
    source: str, kind: str, marked: str, hint: str
) -> None:
    """Misspelled fields and operations on the wrong kinds are found where they stand."""
    assert remarks(source) == [(kind, marked, hint)]


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        (".priority < 3", "kinds"),
        (".score < 3", "null"),
        (".note >= $case.subject", None),
        ('.note < "x"', "null"),
        (".score | . < 3", "null"),
        (".open // true", "default"),
        (".open // false", None),
        (".priority == 1", "equality"),
        ('.priority == "P9"', "equality"),
        ('.priority == "P1"', None),
        (".note == null", None),
        (".score == null or .score < 3", None),
        (".score != null and .score < 3", None),
        ("(.score // 0) < 3", None),
        ("if .score then .score < 3 else false end", None),
        ("select(.score != null) | .score < 3", None),
        ('(.score | type) == "number" and .score < 3', None),
        ('.score | type == "number" and . < 3', None),
        (".score > 0 and .score < 3", "null"),
    ],
)
def test_says_which_comparisons_and_defaults_are_not_meant(source: str, kind: str | None) -> None:
    """Null, false and other kinds are the traps; a condition that was asked before opens them."""
    assert [each[0] for each in remarks(source)] == ([] if kind is None else [kind])


def test_a_name_with_a_hyphen_is_not_a_subtraction() -> None:
    """`.last-first` reads a field and takes a function's output from it."""
    assert remarks(".last-first") == [
        ("hyphen", ".last-first", 'A name with a hyphen needs quotation marks: ."last-first".')
    ]
    assert remarks(".id - length") == []


@pytest.mark.parametrize(
    "source",
    [
        ".requester.phone", ".requester | keys", "try .id.x catch 1", "(.id.x)?",
        ".items | group_by(.name) | map(.[0].price)", ".new = 1 | .new", ".new.x |= 1 | .new",
        "def f: .whatever; f", "..", ".. | .x?", "[paths]", ".items | map({(.name): .price}) | add | .x",
        "$case.anything.at.all", "walk(.) | .x", "with_entries(.value |= tostring) | .x",
        "label $l | .items[] | ., break $l | .price", '[.tags[] | ascii_downcase] | join(",")',
        "if .note == null then 1 else .note | length end", ".items | first | .price",
        'try error("x") catch .', '.tags | index("a") < 3', "limit(3; .items[]) | .price",
        "[.items[].price] | add / length", ".note // .id", "if .open then .id.x? else 1 end",
    ],
)  # fmt: skip
def test_claims_nothing_that_the_schema_does_not_say(source: str) -> None:
    """An expression that may be right has no remark."""
    assert remarks(source) == []


@pytest.mark.parametrize(
    "schema", [None, {}, True, {"type": "object"}, {"anyOf": [{}, {}]}, "x", 5]
)
def test_an_unknown_schema_is_no_claim(schema: Any) -> None:
    """Where nothing is known, nothing is said."""
    assert remarks(".a.b + 1 < .c and (.d // true), .e", schema) == []


def test_schemas_of_many_shapes_are_read() -> None:
    """References, alternatives, parts and constants say what they say, and no more."""
    schema = {
        "allOf": [{"type": "object", "properties": {"a": {"type": "string"}}}, {"required": ["a"]}],
        "properties": {"b": {"oneOf": [{"type": "string"}, {"type": "null"}]}, "c": {"const": 5}},
    }
    assert [each[0] for each in remarks(".a - 1, .b - 1, .c + .a", schema)] == ["failure"] * 3
    closed = {"properties": {"a": {}}, "additionalProperties": False}
    assert [each[0] for each in remarks(".b", closed)] == ["field"]
    assert remarks(".b", {**closed, "patternProperties": {"^b": {}}}) == []
    assert remarks(".b.c", {"properties": {}, "additionalProperties": {"type": "number"}}) != []


def test_a_condition_that_never_says_no_is_found() -> None:
    """A text as a condition always holds; nothing at all is no answer."""

    def said(source: str) -> str:
        program = parse(source)
        remark = condition_remark(program, check(program, of_schema(TICKET), {}))
        return "" if remark is None else remark.message

    assert said(".priority") == "this condition always holds: it gives a text"
    assert said("empty") == "this condition never gives an answer"
    assert said("null") == "this condition never holds: it gives null"
    assert said(".open") == said('.priority == "P1"') == said(".note") == said(".other?") == ""


def _fits(value: Any, kind: Type) -> bool:
    """Whether a value is one of the type."""
    bits = {"null": 1, "number": 8, "string": 16, "array": 32, "object": 64}
    bit = (4 if value else 2) if isinstance(value, bool) else bits[kind_name(value)]
    if value is None and kind.kinds & 8:
        return True  # nan is a number, and is given out as null
    if not kind.kinds & bit:
        return False
    if isinstance(value, list):
        return kind.items is None or all(_fits(item, kind.items) for item in value)
    if isinstance(value, dict):
        for name, inner in value.items():
            found = field_of(kind, name)
            if not _fits(inner, found.type):
                return False
        missing = [
            n for n, p in kind.properties.items() if p.presence == "always" and n not in value
        ]
        return not missing
    return kind.values is None or isinstance(value, bool) or value is None or value in kind.values


@pytest.mark.timeout(240)
@settings(
    max_examples=1_500,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(PROGRAMS, INPUTS)
def test_every_output_is_of_the_type_that_was_claimed(program: str, value: Any) -> None:
    """Whatever is claimed of a program holds for what it gives."""
    try:
        parsed = parse(f"1 as $x|2 as $y|{program}")
        checked = check(parsed, of_value(value), {})
        outputs = evaluate(parsed, value)
    except ExpressionError:
        return
    assert checked.least <= len(outputs)
    assert checked.most > 1 or len(outputs) <= checked.most
    for output in outputs:
        assert _fits(output, checked.type), (output, checked.type)


def test_checking_claims_nothing_of_generated_programs_without_types() -> None:
    """Programs over unknown values may have remarks about their own constants, and never crash."""

    @settings(max_examples=300, deadline=None, derandomize=True, database=None)
    @given(PROGRAMS)
    def compare(program: str) -> None:
        try:
            check(parse(f"1 as $x|2 as $y|{program}"), UNKNOWN, {})
        except ExpressionError:
            return

    compare()
