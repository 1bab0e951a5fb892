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
_OPERAND = rf"(?:not\s+)?(?:{_TEXT}|\d+|{_PATH})(?:\s*\|\s*[a-z]+(?:\((?:{_TEXT}|\d+)?\))?)*"
_OPERATOR = r"\s*(?:==|!=|<=|>=|<|>|\band\b|\bor\b)\s*"
_SIMPLE = re.compile(rf"\s*{_OPERAND}(?:{_OPERATOR}{_OPERAND})*\s*\Z")
_READ = re.compile(rf"{_TEXT}|\|\s*[a-z]+|(?P<path>{_PATH})")
_WORDS = ("and", "or", "not", "true", "false", "none", "True", "False", "None")
# Words of the template language that look like a path and are none.
_OTHER_WORDS = ("if", "else", "in", "is", "for")


def scan(text: str) -> list[tuple[str, int]] | None:
    """All paths of a plain template with their lines, or None when Jinja2 has to look."""
    found: list[tuple[str, int]] = []
    open_blocks: list[str] = []
    for tag in _TAG.finditer(text):
        line = text.count("\n", 0, tag.start()) + 1
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
        found += [(path, line) for path in reads]
    return None if open_blocks else found


def _reads(expression: str) -> list[str] | None:
    if not _SIMPLE.match(expression):
        return None
    reads = []
    for each in _READ.finditer(expression):
        path = each["path"]
        if path in _OTHER_WORDS:
            return None
        if path and path not in _WORDS:
            reads.append(path)
    return reads
