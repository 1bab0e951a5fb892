"""Source text to tokens, each with its offset."""

from __future__ import annotations

import re
from dataclasses import dataclass

from language.expressions.errors import ExpressionError

KEYWORDS = frozenset(
    [
        "def",
        "if",
        "then",
        "elif",
        "else",
        "end",
        "as",
        "reduce",
        "foreach",
        "try",
        "catch",
        "label",
        "import",
        "include",
        "module",
        "and",
        "or",
    ]
)

_TOKEN = re.compile(
    r"""
    (?P<space>[ \t\r\n]+|\#(?:[^\\\n]|\\(?:\r\n|[^\n]|\n))*)
  | (?P<field>\.[A-Za-z_][A-Za-z0-9_]*)
  | (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
  | (?P<name>(?:[A-Za-z_][A-Za-z0-9_]*::)*[A-Za-z_][A-Za-z0-9_]*)
  | (?P<variable>\$\s*(?:[A-Za-z_][A-Za-z0-9_]*::)*[A-Za-z_][A-Za-z0-9_]*)
  | (?P<format>@[A-Za-z0-9_]+)
  | (?P<op>\?//=?|//=|!=|==|//|\|=|\+=|-=|\*=|/=|%=|<=|>=|\.\.|[.?=;,:|+\-*/%$<>()\[\]{}])
  | (?P<quote>")
    """,
    re.VERBOSE,
)
_PLAIN = re.compile(r'[^"\\]+')
_ESCAPES = {
    '"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t",
}  # fmt: skip
_HEX4 = re.compile(r"[0-9A-Fa-f]{4}")


@dataclass(frozen=True, slots=True)
class Token:
    """One token. `kind`: field, number, name, keyword, variable, format, op, text or end.

    A text token carries its `parts`: strings, and token lists where the source has `\\( )`.
    """

    kind: str
    text: str
    offset: int
    end: int
    parts: tuple[str | tuple[Token, ...], ...] = ()


def tokenize(source: str) -> tuple[Token, ...]:
    """The tokens of a source, closed by one of kind end."""
    tokens, offset = _tokens(source, 0, nested=0)
    return (*tokens, Token("end", "", offset, offset))


def _tokens(source: str, offset: int, nested: int) -> tuple[list[Token], int]:
    """Tokens up to the end of the source, or up to the `)` that closes an interpolation."""
    tokens: list[Token] = []
    open_parens = 0
    size = len(source)
    match = _TOKEN.match
    while offset < size:
        found = match(source, offset)
        if found is None:
            raise ExpressionError(
                f"the character {source[offset]!r} has no meaning here", offset, "syntax"
            )
        kind = str(found.lastgroup)
        start, offset = offset, found.end()
        if kind == "space":
            continue
        text = found.group()
        if kind == "quote":
            parts, offset = _text(source, start, nested)
            tokens.append(Token("text", "", start, offset, parts))
            continue
        if kind == "op":
            if text == "(":
                open_parens += 1
            elif text == ")":
                if open_parens == 0 and nested:
                    tokens.append(Token("end", ")", start, offset))
                    return tokens, offset
                open_parens -= 1
        elif kind == "name" and text in KEYWORDS:
            kind = "keyword"
        elif kind == "variable":
            text = text[1:].lstrip()
        tokens.append(Token(kind, text, start, offset))
    if nested:
        raise ExpressionError("this text has no end", size, "syntax")
    return tokens, offset


def _text(source: str, start: int, nested: int) -> tuple[tuple[str | tuple[Token, ...], ...], int]:
    if nested > 20:
        raise ExpressionError("texts are nested too deeply", start, "budget")
    parts: list[str | tuple[Token, ...]] = []
    plain: list[str] = []
    offset = start + 1
    while True:
        if offset >= len(source):
            raise ExpressionError("this text has no end", start, "syntax")
        char = source[offset]
        if char == '"':
            if plain or not parts:
                parts.append(_joined(plain))
            return tuple(parts), offset + 1
        if char != "\\":
            found = _PLAIN.match(source, offset)
            assert found is not None
            plain.append(found.group())
            offset = found.end()
            continue
        escape = source[offset + 1 : offset + 2]
        if escape == "(":
            if plain:
                parts.append(_joined(plain))
                plain = []
            inner, offset = _tokens(source, offset + 2, nested + 1)
            parts.append(tuple(inner))
        elif escape == "u":
            digits = _HEX4.match(source, offset + 2)
            if digits is None:
                raise ExpressionError("\\u needs four hexadecimal digits", offset, "syntax")
            plain.append(chr(int(digits.group(), 16)))
            offset += 6
        elif escape in _ESCAPES and escape:
            plain.append(_ESCAPES[escape])
            offset += 2
        else:
            raise ExpressionError(f"\\{escape} is not an escape", offset, "syntax")


def _joined(plain: list[str]) -> str:
    """The pieces as one text, surrogate pairs joined and lone surrogates replaced."""
    text = "".join(plain)
    if any("\ud800" <= char <= "\udfff" for char in text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
