"""JSON Schemas of authors: misspelled keywords are found, notes of theirs are let pass."""

from __future__ import annotations

import pytest

from language.compile import check_definition

HEAD = "document: { dsl: '1.0.3', namespace: tests, name: a, version: '1.0.0' }\n"


def codes(schema: str) -> list[str]:
    """Give the codes of a definition whose input has this schema."""
    text = (
        f"{HEAD}input: {{ schema: {{ document: {schema} }} }}\ndo:\n  - a: {{ set: {{ b: 1 }} }}\n"
    )
    return [each.code for each in check_definition(text, "process.yaml")[1]]


@pytest.mark.parametrize("keyword", ["requird", "propertis", "minLenght", "Type"])
def test_what_resembles_a_keyword_was_meant_as_one(keyword: str) -> None:
    """It would check nothing otherwise."""
    assert "CW119" in codes(f"{{ type: object, {keyword}: [a] }}")


@pytest.mark.parametrize("keyword", ["x-note", "javaType", "ui:order"])
def test_what_resembles_none_is_a_note(keyword: str) -> None:
    """The standard lets it pass, and other tools read it."""
    assert codes(f"{{ type: object, '{keyword}': [a] }}") == []
