"""What people write who know another language: the finding says what it is here."""

from __future__ import annotations

from pathlib import Path

import pytest

from language.compile import compile_definition
from language.files import compile_folder

_HEAD = "document: { dsl: '1.0.3', namespace: tests, name: habits, version: '1.0.0' }\n"


@pytest.mark.parametrize(
    ("value", "code", "hint"),
    [
        ("'${ .a and .b && .c }'", "CW301", "`and`"),
        ("'${ .a || .b }'", "CW301", "`or`"),
        ("'${ !.a }'", "CW301", "not"),
        ("'${ .a | != 3 }'", "CW301", ""),
        ("\"${ .a == 'b' }\"", "CW301", "quotation marks"),
        ("'${{ .a + 1 }}'", "CW301", "one brace"),
        ("'${ case.input.a }'", "CW301", "Did you mean $case?"),
        ("'${ lenght }'", "CW301", ""),
        ("'Hello {{ case.requester.name }}'", "CW320", "$case.requester.name"),
    ],
)
def test_the_hint_says_what_it_is_called_here(value: str, code: str, hint: str) -> None:
    """A hint for each habit, and none where nothing is known of what was meant."""
    _, findings = compile_definition(f"{_HEAD}do: [ {{ a: {{ set: {{ x: {value} }} }} }} ]\n", "f")

    (found,) = [each for each in findings if each.code == code]
    assert (hint in found.hint) if hint else (found.hint == "")


@pytest.mark.parametrize(
    ("given", "hint"), [("1.0", "'1.0.0'"), ("1", "'1.0.0'"), ("2026", "'1.0.0'")]
)
def test_quotes_are_only_advised_where_they_mend(given: str, hint: str) -> None:
    """A number in place of a version would still be no version in quotes."""
    text = _HEAD.replace("version: '1.0.0'", f"version: {given}")
    _, findings = compile_definition(f"{text}do: [ {{ a: {{ wait: PT1S }} }} ]\n", "f")

    (found,) = findings
    assert hint in found.hint
    assert "quotes" not in found.hint


def test_a_name_that_is_not_the_folders_is_marked_where_it_stands(tmp_path: Path) -> None:
    """The author is led to the line with the name, not to the first of the file."""
    folder = tmp_path / "folder"
    folder.mkdir()
    text = _HEAD.replace("document: { ", "document:\n  { ")
    (folder / "process.yaml").write_text(f"{text}do: [ {{ a: {{ wait: PT1S }} }} ]\n")

    (found,) = compile_folder(folder).findings

    assert (found.code, found.line) == ("CW111", 2)
    assert text.split("\n")[1][found.column - 1 :].startswith("habits")


@pytest.mark.parametrize("given", ["{ a: 1", "[ 1, 2", "'one", '"one'])
def test_what_is_not_closed_is_said_with_where_it_begins(given: str) -> None:
    """The parser only stumbles lines later, where nothing is wrong."""
    text = f"{_HEAD}do:\n  - a: {{ set: {{ x: 1 }} }}\n  - b:\n      set: {given}\n  - c: {{ wait: PT1S }}\n"
    _, findings = compile_definition(text, "f")

    (found,) = findings
    assert found.code == "CW101"
    assert "line 5, column 12 has no end" in found.hint
