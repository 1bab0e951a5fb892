"""Forms: what does not fit is said in words, with the place, and nothing is fetched."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from service.form_words import words
from service.forms import Problem, check

TRIAGE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "priority": {"title": "Priority", "enum": ["P1", "P2"]},
        "summary": {"type": "string", "minLength": 1, "maxLength": 10},
        "hours": {"type": "integer", "minimum": 1},
        "when": {"type": "string", "format": "date-time"},
        "day": {"type": "string", "format": "date"},
        "mail": {"type": "string", "format": "email"},
    },
    "required": ["priority"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("value", "pointer", "message"),
    [
        ({}, "/priority", '"Priority" is missing'),
        (
            {"priority": "P9"},
            "/priority",
            '"Priority" must be one of P1, P2, but is "P9"',
        ),
        (
            {"priority": "P1", "sumary": "x"},
            "/sumary",
            (
                '"sumary" is not a field here, did you mean "summary"? '
                "(known: priority, summary, hours, when, day, mail)"
            ),
        ),
        ({"priority": "P1", "summary": ""}, "/summary", '"summary" must not be empty'),
        (
            {"priority": "P1", "summary": "x" * 11},
            "/summary",
            '"summary" must have at most 10 characters, but has 11',
        ),
        (
            {"priority": "P1", "hours": "two"},
            "/hours",
            '"hours" must be a whole number, but is "two"',
        ),
        ({"priority": "P1", "hours": 0}, "/hours", '"hours" must be at least 1, but is 0'),
        (
            {"priority": "P1", "when": "2026-03-02T09:00"},
            "/when",
            (
                '"when" must be a time with offset like 2026-03-02T09:00:00+08:00, '
                'but is "2026-03-02T09:00"'
            ),
        ),
        (
            {"priority": "P1", "day": "2026-02-30"},
            "/day",
            '"day" must be a date like 2026-03-02, but is "2026-02-30"',
        ),
        (
            {"priority": "P1", "mail": "amy"},
            "/mail",
            '"mail" must be a mail address like amy@example.org, but is "amy"',
        ),
        ([], "", "the value must be an object, but is []"),
    ],
)
def test_problems_are_said_in_words(value: Any, pointer: str, message: str) -> None:
    """Each says which field, what is allowed and what was found."""
    assert check(TRIAGE, value) == (Problem(pointer, message),)


def test_what_fits_has_no_problem() -> None:
    """Formats are checked, and these fit."""
    value = {
        "priority": "P1",
        "summary": "網路不通",
        "when": "2026-03-02T09:00:00+08:00",
        "day": "2026-03-02",
        "mail": "陳@example.org",
    }

    assert check(TRIAGE, value) == ()


def test_pointers_are_escaped() -> None:
    """Names with slashes and tildes give pointers that mean one field."""
    schema = {"properties": {"a/b~c": {"type": "string"}}, "required": ["網路"]}

    assert [each.pointer for each in check(schema, {"a/b~c": 1})] == ["/a~1b~0c", "/網路"]


def test_the_deepest_alternative_is_the_one_that_was_meant() -> None:
    """Of several forms the one that fails inside the value is told about."""
    schema = {
        "properties": {
            "who": {
                "anyOf": [
                    {"type": "string"},
                    {"type": "object", "properties": {"level": {"type": "integer"}}},
                ]
            }
        }
    }

    assert check(schema, {"who": {"level": "high"}}) == (
        Problem("/who/level", '"level" must be a whole number, but is "high"'),
    )


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        ({"type": "strng"}, "the form is not a JSON Schema"),
        ({"$ref": "https://example.org/form.json"}, "which is not part of it"),
        ({"pattern": "("}, "is not a 'regex'"),
        ({"$ref": "#"}, "nested without end"),
    ],
)
def test_a_form_that_cannot_be_used_is_a_problem(schema: Any, says: str) -> None:
    """Nothing is fetched and nothing fails with an error of the library."""
    (problem,) = check(schema, "text")

    assert says in problem.message


def test_many_problems_are_cut() -> None:
    """A list of a thousand wrong entries does not become a thousand sentences."""
    assert len(check({"items": {"type": "string"}}, list(range(1000)))) == 50


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["priority", "hours", "summary", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(JSON)
def test_it_accepts_what_a_validator_accepts(value: Any) -> None:
    """Words are ours, the verdict is that of JSON Schema."""
    assert (check(TRIAGE, value) == ()) == Draft202012Validator(TRIAGE).is_valid(value)


ORDER: dict[str, Any] = {
    "type": "object",
    "properties": {
        "lines": {
            "title": "Lines",
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["article"],
                "additionalProperties": False,
                "properties": {
                    "article": {"type": "string"},
                    "amount": {"title": "Amount", "type": "integer", "minimum": 1},
                },
            },
        },
        "address": {
            "type": "object",
            "properties": {"mail": {"type": "string", "format": "email"}},
        },
        "tags": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
    },
    "required": ["lines"],
}
CHINESE = {"lines": "品項", "amount": "數量", "article": "貨號", "mail": "電子郵件"}


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (
            {"lines": [{"article": "a"}, {"article": "b", "amount": 0}]},
            '"Amount" of entry 2 of "Lines" must be at least 1, but is 0',
            "「品項」第 2 項的「數量」不可小於 1，現在是 0",
        ),
        (
            {"lines": [{"amount": 1}]},
            '"article" of entry 1 of "Lines" is missing',
            "「品項」第 1 項的「貨號」未填寫",
        ),
        ({"lines": []}, '"Lines" must not be empty', "「品項」不可空白"),
        ({}, '"Lines" is missing', "「品項」未填寫"),
        (
            {"lines": [{"article": 7}]},
            '"article" of entry 1 of "Lines" must be text, but is 7',
            "「品項」第 1 項的「貨號」必須是文字，現在是 7",
        ),
        (
            {"lines": [{"article": "a", "amout": 1}]},
            (
                '"amout" of entry 1 of "Lines" is not a field here, did you mean "amount"? '
                "(known: article, amount)"
            ),
            "「品項」第 1 項的「amout」不是這裡的欄位，是否指「amount」？（可用的欄位：article, amount）",
        ),
        (
            {"lines": [{"article": "a"}], "address": {"mail": "amy"}},
            '"mail" of "address" must be a mail address like amy@example.org, but is "amy"',
            '「address」的「電子郵件」必須是電子郵件地址，例如 amy@example.org，現在是 "amy"',
        ),
        (
            {"lines": [{"article": "a"}], "tags": ["a", None]},
            'entry 2 of "tags" must be text, but is null',
            "「tags」第 2 項必須是文字，現在是 null",
        ),
        (
            {"lines": [{"article": "a"}], "tags": ["a", "a"]},
            '"tags" must not hold the same entry twice',
            "「tags」不可有重複的項目",
        ),
        ([], "the value must be an object, but is []", "這個值必須是一組欄位，現在是 []"),
    ],
)
def test_problems_inside_of_lists_and_groups_name_the_whole_place(
    value: Any, english: str, chinese: str
) -> None:
    """Who has filled in a form reads in which line of which list something is wrong."""
    assert [each.message for each in check(ORDER, value, language="en")] == [english]
    said = check(ORDER, value, language="zh-TW", titles=CHINESE)
    assert [each.message for each in said] == [chinese]
    assert [each.pointer for each in said] == [each.pointer for each in check(ORDER, value)]


def test_both_languages_have_all_sentences() -> None:
    """A sentence without its translation would be an error in front of a person."""
    placeholder = re.compile(r"\{(\w+)\}")

    assert set(words("zh-TW")) == set(words("en"))
    assert words("zh-Hant-TW") is words("zh")
    assert words("fr") is words(None)
    for key, sentence in words("zh").items():
        assert sorted(placeholder.findall(sentence)) == sorted(
            placeholder.findall(words("en")[key])
        )
