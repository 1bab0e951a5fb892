"""Texts that need quotes: what YAML takes for its own marks, and what the author meant.

YAML itself says "mapping values are not allowed in this context" of a colon in a sentence. Here the
place and the reason are found from the line on which reading stopped.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_ENTRY = re.compile(r"(?:^|[{,\[-])\s*(?:[\w.$-]+|'[^']*'|\"[^\"]*\")\s*:\s+(?=\S)")
_STARTS = {
    "@": "@ cannot begin a text",
    "`": "` cannot begin a text",
    "%": "% cannot begin a text",
    "?": "? begins a key",
    "-": "- begins an entry of a list",
    "|": "| begins a block of text",
    ">": "> begins a block of text",
}
_PLAIN_EXPRESSION = re.compile(r"\$\{")
_COLON = re.compile(r":(?=\s)")
_CUT = re.compile(r"\s#(?=\d)")
"""A number is no comment: `Ticket #12`. Words behind a # may well be one."""


class Trap(NamedTuple):
    """A text that needs quotes."""

    line: int
    column: int
    length: int
    message: str
    hint: str


def trap_at(text: str, line: int) -> Trap | None:
    """What in a line, or in the one before, YAML took for a mark of its own."""
    lines = text.split("\n")
    for number in (line, line - 1):
        if 0 < number <= len(lines):
            found = _trap_in(lines[number - 1], number)
            if found:
                return found
    return None


def _trap_in(line: str, number: int) -> Trap | None:
    bare = _without_quoted(line)
    comment = re.search(r"(?:^|\s)#(?=\s|$)", bare)
    bare = bare[: comment.start()] if comment else bare
    expression = _PLAIN_EXPRESSION.search(bare)
    if expression:
        return Trap(
            number,
            expression.start() + 1,
            2,
            "this expression needs quotes: its braces and colons are taken for YAML's",
            f"Write '{_whole(line, expression.start())}' in quotes.",
        )
    for entry in _ENTRY.finditer(bare):
        value = bare[entry.end() :]
        first = value[:1]
        if first in _STARTS and (first not in "-?" or value[1:2] in (" ", "")):
            if first in "|>" and not value[1:].strip("+-0123456789 "):
                continue
            return Trap(
                number,
                entry.end() + 1,
                1,
                f"this text needs quotes: {_STARTS[first]}",
                f"Write '{line[entry.end() :].rstrip(' },]')}' in quotes.",
            )
        if first in "{[":
            continue
        end = re.search(r"[,}\]]", value) if "{" in bare[: entry.end()] else None
        said = value[: end.start()] if end else value
        colon = _COLON.search(said)
        if colon and not said.startswith(("'", '"', "\0")):
            return Trap(
                number,
                entry.end() + colon.start() + 1,
                1,
                'this text needs quotes: ": " begins a value',
                f"Write '{line[entry.end() : entry.end() + len(said)].strip()}' in quotes.",
            )
    return None


def cut_by_comment(text: str, end: int) -> int | None:
    """Where a # directly behind a plain text makes the rest of the sentence a comment."""
    line_end = text.find("\n", end)
    rest = text[end : line_end if line_end >= 0 else len(text)]
    found = _CUT.match(rest)
    return end + found.end() - 1 if found else None


def _without_quoted(line: str) -> str:
    """The line with quoted texts blanked out, each character for a character."""
    return re.sub(
        r"'(?:[^']|'')*'|\"(?:[^\"\\]|\\.)*\"",
        lambda found: "\0" * len(found.group()),
        line,
    )


def _whole(line: str, start: int) -> str:
    """The expression as far as its closing brace."""
    depth = 0
    for offset, character in enumerate(line[start:]):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if character == "}" and depth == 0:
            return line[start : start + offset + 1]
    return line[start:].rstrip()
