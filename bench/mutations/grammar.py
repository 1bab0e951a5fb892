"""What stands at a place, by the grammar of the standard and of our files, not by any rule.

A place is `checked` when the grammar gives it a meaning that can be wrong: keywords, names, words
of a list, durations, structure. It is `free` when everything that can be written there is as good
as anything else: a title, the text of a message, data that is passed on. Free places are counted
apart: no checker can know that "Hallo" was meant as "Hello".
"""

from __future__ import annotations

import re
from typing import Literal

from bench.mutations.places import Value, Way

Group = Literal["checked", "free"]

_EXPRESSION = re.compile(r"\s*\$\{(.*)\}\s*\Z", re.DOTALL)
_BARE = frozenset({"if", "when", "exceptWhen", "while", "until", "as", "in", "from"})
"""Keys of the standard whose text is an expression by nature, without `${ }`."""

_TEXTS = frozenset(
    [
        "title",
        "summary",
        "description",
        "label",
        "text",
        "subject",
        "detail",
        "reason",
        "resolution",
        "comment",
        "$comment",
        "examples",
        "example",
        "rehearsal",
        "address",
        "phone",
        "en",
        "zh-TW",
        "why",
        "hint",
        "help",
        "name",
        "cc",
    ]
)
"""Keys whose value is written for people."""
_NAMED = frozenset({"document", "table", "workflow", "action"})
"""Where `name` is a name and no text."""
_DATA = frozenset(
    [
        "data",
        "values",
        "set",
        "prefill",
        "facts",
        "body",
        "input",
        "returns",
        "output",
        "default",
        "const",
        "tags",
        "const",
        "headers",
        "query",
        "skills",
        "watch",
        "examples",
        "match",
        "party",
        "class",
        "channel",
    ]
)
"""Keys below which data of the author's own stands."""
_DECLARED = frozenset({"namespace", "version", "dsl"})


def expression_at(value: Value, text: str) -> tuple[str, int] | None:
    """The expression that is a scalar, and its offset in the file's text."""
    if value.kind != "scalar" or "\n" in text[value.start : value.end]:
        return None
    raw = text[value.start : value.end]
    inside = raw[1:-1] if value.style in ("'", '"') else raw
    begin = value.start + (1 if value.style in ("'", '"') else 0)
    found = _EXPRESSION.match(inside)
    if found:
        return found.group(1), begin + found.start(1)
    return None


def is_bare(value: Value) -> bool:
    """Whether the standard reads the text as an expression though it has no `${ }`."""
    key = value.way[-1] if value.way else ""
    return value.kind == "scalar" and key in _BARE and not _is_filter(value.way)


def _is_filter(way: Way) -> bool:
    return "with" in way[-3:-1] or "catch" in way[-2:-1] or "for" in way[-3:-2] or "on" in way


def group_of_value(way: Way, file: str) -> Group:
    """Whether what a value says can be wrong."""
    if file == "rehearsal" and _below(
        way, ("input", "values", "data", "returns", "output", "body")
    ):
        return "free"
    if file in ("texts", "message"):
        return "free"
    key = next((each for each in reversed(way) if each != "*"), "")
    if key in _TEXTS and not (key == "name" and (len(way) < 2 or way[-2] in _NAMED)):
        return "free"
    if key in _DECLARED and file == "definition":
        return "free"
    if any(each in ("schema", "form") for each in way):
        return "checked"
    return "free" if _below(way, _DATA) else "checked"


def group_of_key(way: Way, file: str) -> Group:
    """Whether a key can be wrong; `way` ends with the key."""
    if file == "texts":
        return "checked"
    if any(each in ("schema", "form") for each in way):
        return "checked"
    if file == "rehearsal":
        return (
            "free"
            if _below(way[:-1], ("input", "data", "returns", "output", "body"))
            else "checked"
        )
    return "free" if _below(way[:-1], _DATA - {"facts"}) else "checked"


def _below(way: Way, keys: frozenset[str] | tuple[str, ...]) -> bool:
    return any(each in keys for each in way)
