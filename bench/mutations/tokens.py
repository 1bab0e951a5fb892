"""The tokens of an expression and of a message's tags: what can be misspelled in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKEN = re.compile(
    r"""
    (?P<literal>"(?:[^"\\]|\\.)*"|'[^']*'|(?<![\w.])\d+(?:\.\d+)?)
  | (?P<variable>\$\w+)
  | (?P<field>\.[A-Za-z_]\w*)
  | (?P<name>[A-Za-z_]\w*)
  | (?P<operator>\?//=?|//=|==|!=|<=|>=|\|=|\+=|-=|\*=|/=|%=|//|\.\.|[-+*/%<>=|,;:?.()\[\]{}])
    """,
    re.VERBOSE,
)
_WORDS = frozenset(
    [
        "if",
        "then",
        "elif",
        "else",
        "end",
        "and",
        "or",
        "not",
        "reduce",
        "foreach",
        "as",
        "def",
        "try",
        "catch",
        "label",
        "true",
        "false",
        "null",
        "is",
        "in",
        "endif",
    ]
)
_TAG = re.compile(r"\{\{(.*?)\}\}|\{%(.*?)%\}", re.DOTALL)


class Token(NamedTuple):
    """A token between two places of a file's text."""

    kind: str
    """literal | variable | field | function | word | operator"""
    text: str
    start: int
    end: int


def tokens(source: str, offset: int) -> list[Token]:
    """Tokens of an expression that starts at an offset."""
    found = []
    for each in _TOKEN.finditer(source):
        kind = each.lastgroup or ""
        if kind == "name":
            kind = "word" if each.group() in _WORDS else "function"
            if source[each.end() :].lstrip()[:1] == ":":
                kind = "field"
        found.append(Token(kind, each.group(), offset + each.start(), offset + each.end()))
    return found


def tags(text: str) -> Iterator[tuple[str, int]]:
    """The inside of every tag of a message, with its offset."""
    for each in _TAG.finditer(text):
        group = 1 if each.group(1) is not None else 2
        yield each.group(group), each.start(group)
