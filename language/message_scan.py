"""Reads of plain message templates, found without loading Jinja2.

Nearly all messages use nothing but values, comparisons and `if`. What goes beyond that is left to
Jinja2 itself (`language.messages`), so both say the same of every template.
"""

from __future__ import annotations

import re

_TAG = re.compile(
    r"\{\{(?P<value>.*?)\}\}|\{%-?(?P<block>.*?)-?%\}|\{#|\{\{|\{%|\}\}|%\}", re.DOTALL
)
_TEXT = r"""'[^'\\\n]*'|"[^"\\\n]*\""""
_PATH = r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*"
# Filters that everybody uses; Jinja2 looks at the others, and finds those that are not there.
_FILTER = r"(?:person|default|upper|lower|title|capitalize|trim|length|join|first|last|round|int)\b"
_OPERAND = rf"(?:not\s+)?(?:{_TEXT}|\d+|{_PATH})(?:\s*\|\s*{_FILTER}(?:\((?:{_TEXT}|\d+)?\))?)*"
_OPERATOR = r"\s*(?:==|!=|<=|>=|<|>|\band\b|\bor\b)\s*"
_SIMPLE = re.compile(rf"\s*{_OPERAND}(?:{_OPERATOR}{_OPERAND})*\s*\Z")
_READ = re.compile(rf"{_TEXT}|\|\s*{_FILTER}|(?P<path>{_PATH})")
_WORDS = ("and", "or", "not", "true", "false", "none", "True", "False", "None")
# Words of the template language that look like a path and are none.
_OTHER_WORDS = ("if", "else", "in", "is", "for")


def scan(text: str) -> list[tuple[str, int, int]] | None:
    """All paths of a plain template with lines and columns, or None when Jinja2 has to look."""
    found: list[tuple[str, int, int]] = []
    open_blocks: list[str] = []
    for tag in _TAG.finditer(text):
        if tag["value"] is not None:
            expression = tag["value"].strip("-")
        elif tag["block"] is not None:
            word, _, expression = tag["block"].strip().partition(" ")
            if word == "if" and expression:
                open_blocks.append(word)
            elif word == "elif" and expression and open_blocks[-1:] == ["if"]:
                pass
            elif word == "else" and not expression and open_blocks[-1:] == ["if"]:
                open_blocks[-1] = "else"
                continue
            elif word == "endif" and not expression and open_blocks:
                open_blocks.pop()
                continue
            else:
                return None
        else:
            return None
        reads = _reads(expression)
        if reads is None:
            return None
        begin = text.index(expression, tag.start()) if expression else tag.start()
        found += [(path, *place_in(text, begin + offset)) for path, offset in reads]
    return None if open_blocks else found


def place_in(text: str, offset: int) -> tuple[int, int]:
    """Line and column of a character of a text."""
    return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1


def _reads(expression: str) -> list[tuple[str, int]] | None:
    if not _SIMPLE.match(expression):
        return None
    reads = []
    for each in _READ.finditer(expression):
        path = each["path"]
        if path in _OTHER_WORDS:
            return None
        if path and path not in _WORDS:
            reads.append((path, each.start("path")))
    return reads
