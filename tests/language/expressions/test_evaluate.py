"""What expressions give."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from language.expressions import ExpressionError, evaluate, evaluate_one, parse, truthy
from tests.language.expressions.answers import failure, outputs

PATH_ERROR = 'Invalid path expression near attempt to access element "x" of "1"'
TICKET: dict[str, Any] = {
    "id": 7,
    "priority": "P1",
    "requester": {"name": "Ada", "mail": "ada@example.org"},
    "items": [{"price": 10, "count": 2, "open": True}, {"price": 5, "count": 1, "open": False}],
}


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ('.priority == "P1" and .requester.mail != null', [True]),
        ('.requester.manager.name // "none"', ["none"]),
        ("[.items[] | select(.open)] | length", [1]),
        ("{id, total: (.items | map(.price * .count) | add)}", [{"id": 7, "total": 25}]),
        ('"Ticket \\(.id) of \\(.requester.name)"', ["Ticket 7 of Ada"]),
        (".items | map(.price) | max", [10]),
        (".items | group_by(.open) | map(length)", [[1, 1]]),
        ("reduce .items[] as $i (0; . + $i.price)", [15]),
        (".items[0] as {$price, count: $n} | $price + $n", [12]),
        ("[.items[] | if .open then .price else empty end]", [[10]]),
        (".requester | to_entries | map(.key)", [["name", "mail"]]),
        ('.requester.mail | split("@") | last', ["example.org"]),
        ("[limit(2; range(10))], first(range(5; 9)), [range(3; 0; -1)]", [[0, 1], 5, [3, 2, 1]]),
        ("try (.id | keys) catch .", ["number (7) has no keys"]),
        ('[paths(type == "boolean")]', [[["items", 0, "open"], ["items", 1, "open"]]]),
        ("0 | [while(. < 3; . + 1)], until(. > 4; . + 1)", [[0, 1, 2], 5]),
        ("def fac: if . < 2 then 1 else . * (. - 1 | fac) end; 10 | fac", [3628800]),
        ('"2015-03-05T23:51:47Z" | fromdate, (fromdate | todate)', [1425599507, "2015-03-05T23:51:47Z"]),
    ],
)  # fmt: skip
def test_gives_what_process_owners_expect(source: str, answer: list[Any]) -> None:
    """The everyday expressions over a ticket."""
    assert outputs(source, TICKET) == answer


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        (".id = 8 | .id", 8),
        (".items |= map(.price += 1) | [.items[].price]", [11, 6]),
        ("del(.items[0], .requester) | keys", ["id", "items", "priority"]),
        (".items[].open |= not | [.items[].open]", [False, True]),
        ("(.items[] | select(.open)) |= empty | .items | length", 1),
        (".a.b[1] = 1 | .a", {"b": [None, 1]}),
        ('.owner //= "desk" | .owner', "desk"),
        ("[.items[1:][] | .price]", [5]),
    ],
)  # fmt: skip
def test_assignments_give_a_changed_copy(source: str, answer: Any) -> None:
    """An assignment changes what it gives, and never its input."""
    before = copy.deepcopy(TICKET)
    assert outputs(source, TICKET) == [answer]
    assert before == TICKET


def test_reads_variables_and_leaves_them_alone() -> None:
    """Variables are given by name and come back unchanged."""
    case = {"results": {"triage": {"answer": {"impact": "high"}}}, "list": [3, 1, 2]}
    before = copy.deepcopy(case)
    assert outputs("$case.results.triage.answer.impact, ($case.list | sort)", None, case=case) == [
        "high",
        [1, 2, 3],
    ]
    assert case == before


def test_a_missing_variable_is_named() -> None:
    """A variable that nobody gave is an error with its name and place."""
    error = failure(". + $nothing")
    assert (error.message, error.offset) == ("$nothing is not defined", 4)


@pytest.mark.parametrize("source", ["empty", "1, 2"])
def test_one_output_means_one(source: str) -> None:
    """Where one value is needed, none and several are errors."""
    with pytest.raises(ExpressionError, match=r"gave [02] outputs"):
        evaluate_one(parse(source), None)


def test_an_error_keeps_the_outputs_before_it() -> None:
    """The outputs that came before an error travel with it, and so does its place."""
    error = failure(".a, (.b | error), .c", {"a": 1, "b": "broken"})
    assert (error.message, error.outputs, error.kind) == ("broken", [1], "runtime")


def test_errors_point_at_the_operation() -> None:
    """A failing operation carries its place in the source."""
    assert failure('1 | (2 + "a")').offset == 5


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("12345678901234567890", 12345678901234567890),
        (".id", 9007199254740993),
        (".id == 9007199254740992", False),
        ("3.0", 3.0),
        ("3.0 + 0", 3),
        ("7 / 2", 3.5),
        ("6 / 2", 3),
        ("[nan, infinite]", [None, 1.7976931348623157e308]),
        ("[nan] | sort == [null]", False),
        ("1 == 1.0", True),
        ("true == 1", False),
        ("[true, 1] | unique | length", 2),
        ("5 % -2, -5 % 2", 1),
        ("1e1000 | tojson", "1E+1000"),
        ("[1.50, 100e-2, 1e3] | tojson", "[1.50,1.00,1E+3]"),
        ("[0.1, 1e-5, 1.5e300, 1e17] | map(. * 1) | tojson", "[0.1,1e-05,1.5e+300,1e+17]"),
    ],
)
def test_numbers_are_exact_where_passed_on_and_doubles_where_computed(
    source: str, answer: Any
) -> None:
    """Integers of any size survive reading and comparing; arithmetic is that of doubles."""
    given = outputs(source, {"id": 9007199254740993})[0]
    assert given == answer
    assert isinstance(given, type(answer))


def test_truth_is_everything_but_null_and_false() -> None:
    """0, empty texts and empty lists are true, as in jq."""
    values: list[Any] = [None, False, 0, "", [], {}, True]
    assert [truthy(value) for value in values] == [False] * 2 + [True] * 5


def test_an_alternative_does_not_hide_an_error() -> None:
    """`//` stands in for null, false and nothing; a wrong kind of value is still an error."""
    assert outputs(".a // 1, (empty // 2), ((null, 3, false) // 4)", {}) == [1, 2, 3]
    assert failure(".a.b // 1", {"a": "text"}).message == 'Cannot index string with string ("b")'


def test_tail_calls_take_no_depth() -> None:
    """A function that ends in its own call may run as long as the steps last."""
    assert outputs("def f: if . > 9000 then . else . + 1 | f end; 0 | f") == [9001]


def test_outer_loops_vary_slowest_where_jq_says_so() -> None:
    """The order of outputs of several generators is jq's."""
    assert outputs("[(1, 2) + (10, 20)], [range(0, 1; 3, 4)]") == [
        [11, 12, 21, 22],
        [0, 1, 2, 0, 1, 2, 3, 1, 2, 1, 2, 3],
    ]


def test_the_same_input_gives_the_same_output() -> None:
    """Evaluating twice gives equal outputs with keys in equal order."""
    program = parse("[.[] | {name, size}] | group_by(.size) | map({(.[0].name): .}) | add")
    value = [{"name": name, "size": len(name) % 3} for name in ("ab", "c", "defg", "hi")]
    first, second = evaluate(program, value), evaluate(program, value)
    assert [list(item) for item in first] == [list(item) for item in second]
    assert first == second


@pytest.mark.parametrize(
    ("source", "value", "answer"),
    [
        ("[.[] | .a?]", ["x", {"a": 1}], [1]),
        ("[.[] | .[0]?]", [{}, [7]], [7]),
        ("[.a[]?, .b[1:]?]", {"a": 1, "b": {}}, []),
        ("try ([.[] | .a.b.c?]) catch .", ["x"], 'Cannot index string with string ("a")'),
        ("try ([.[] | .a[]?]) catch .", ["x"], 'Cannot index string with string ("a")'),
        ("[(.[] | .a.b.c)?]", ["x"], []),
        ("[path(.a?, .b[]?)]", {"a": 1, "b": [5]}, [["a"], ["b", 0]]),
        ("try path((.a | tostring) | .x?) catch .", {"a": 1}, PATH_ERROR),
    ],
)
def test_a_question_mark_forgives_only_the_step_before_it(
    source: str, value: Any, answer: Any
) -> None:
    """`.a.b?` gives nothing where `.b` cannot be read; an error of `.a` stays one."""
    assert outputs(source, value) == [answer]


def test_a_value_parameter_can_be_called_too() -> None:
    """`def f($x)` is short for `def f(x): x as $x`: `x` runs again, on its new input."""
    assert outputs("def f($g): [$g, (5 | g)]; 3 | f(.)") == [[3, 5]]
    assert outputs("def f($g): [$g, g]; [f(1, 2)]") == [[[1, 1, 2], [2, 1, 2]]]


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ('[limit(2; range("a"; "b"; "c"), range(0; []; 1))]', [["a", "ac"]]),
        ('"YWI=", "YWI", "gA==", "4oI=" | @base64d', ["ab", "ab", "\ufffd", "\ufffd"]),
        ('"QUJDa" | try @base64d catch .', ['string ("QUJDa") trailing base64 byte found']),
        ('try getpath([["a"]]) catch .', ['Cannot index null with array (["a"])']),
        ('1425599621 | strftime("%-d|%_d|%3d|%^a|%#p")', ["5| 5|005|THU|pm"]),
        ("[2015, 13, 0] | todate", ["2016-01-31T00:00:00Z"]),
        ('".5", "5.", "+5", "[01]" | fromjson', [0.5, 5, 5, [1]]),
        ('try {(1|.): error("value")} catch .', ["value"]),
        ("[limit(1.5; 1, 2, 3)], [skip(1.5; 1, 2, 3)]", [[1, 2], [2, 3]]),
        ("[[1], null, [2, 3]] | transpose", [[[1, None, 2], [None, None, 3]]]),
        ("infinite, nan, 1, null | finites", [None, 1]),
    ],
)
def test_corners_of_the_built_in_functions(source: str, answer: list[Any]) -> None:
    """What libjq gives where its manual is silent."""
    given = [None if item != item else item for item in outputs(source)]
    assert given == answer
