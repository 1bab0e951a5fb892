"""First pass: the text of a YAML file becomes a tree in which every key and value knows its place.

YAML 1.2 core schema: `on`, `yes`, `18:30` and dates are texts, `0123` is no octal number. Anchors,
aliases, merge keys and tags are refused, and so is the same key twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import yaml

from language.findings import Finding
from language.quoting import cut_by_comment, trap_at

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 100
_MAX_DIGITS = 400


class Key(NamedTuple):
    """A key of a mapping, with its place."""

    name: str
    line: int
    column: int
    length: int


@dataclass(slots=True, eq=False)
class Node:
    """A value of the file. Exactly one of `entries`, `items` is set for a mapping or a list."""

    line: int
    column: int
    length: int
    """Characters on the first line."""
    scalar: Any = None
    entries: tuple[tuple[Key, Node], ...] | None = None
    items: tuple[Node, ...] | None = None
    raw: str = ""
    """How a scalar stands in the file, quotes included."""

    @property
    def value(self) -> Any:
        """The plain JSON value."""
        if self.entries is not None:
            return {key.name: node.value for key, node in self.entries}
        if self.items is not None:
            return [node.value for node in self.items]
        return self.scalar

    @property
    def kind(self) -> str:
        """JSON's word for it: object, array, string, integer, number, boolean, null."""
        if self.entries is not None:
            return "object"
        if self.items is not None:
            return "array"
        match self.scalar:
            case None:
                return "null"
            case bool():
                return "boolean"
            case int():
                return "integer"
            case float():
                return "number"
            case _:
                return "string"

    @property
    def text(self) -> str | None:
        """The text, or None for anything that is not one."""
        return self.scalar if isinstance(self.scalar, str) else None

    def get(self, name: str) -> Node | None:
        """The value under a key of a mapping; None for anything else."""
        for key, node in self.entries or ():
            if key.name == name:
                return node
        return None

    def key(self, name: str) -> Key | None:
        """The key itself."""
        for key, _ in self.entries or ():
            if key.name == name:
                return key
        return None

    def names(self) -> tuple[str, ...]:
        """Names of all keys of a mapping."""
        return tuple(key.name for key, _ in self.entries or ())

    def walk(self) -> Iterator[Node]:
        """This node and all below it, in the order of the file."""
        yield self
        for _, node in self.entries or ():
            yield from node.walk()
        for node in self.items or ():
            yield from node.walk()

    def place_of(self, offset: int) -> tuple[int, int]:
        """Line and column of the character at an offset of a text, as exactly as its style allows.

        Exact for plain and quoted text on one line and for `|` blocks; else where the text starts.
        """
        raw = self.raw
        if raw[:1] == "|" and "\n" in raw:
            return self._place_in_block(offset)
        if "\n" in raw:
            return self.line, self.column
        if raw[:1] == "'":
            return self.line, self.column + 1 + offset + _doubled_before(raw, offset)
        if raw[:1] == '"':
            position = _escaped_position(raw, offset)
            return self.line, self.column + position
        return self.line, self.column + offset

    def _place_in_block(self, offset: int) -> tuple[int, int]:
        before = str(self.scalar)[:offset]
        row = before.count("\n")
        column = offset - (before.rfind("\n") + 1)
        lines = self.raw.split("\n")[1:]
        indent = min(
            (len(each) - len(each.lstrip(" ")) for each in lines if each.strip()), default=0
        )
        return self.line + 1 + row, indent + column + 1


class Source(NamedTuple):
    """A file as it was read: its tree, or None where it could not be read, and what was wrong."""

    file: str
    text: str
    root: Node | None
    findings: tuple[Finding, ...] = ()

    @property
    def value(self) -> Any:
        """The plain JSON value of the whole file."""
        return None if self.root is None else self.root.value


def read_source(text: str, file: str) -> Source:
    """Read a YAML file into a tree with places."""
    reader = _Reader(text, file)
    root = reader.read()
    return Source(file, text, root, tuple(reader.findings))


_OPENED = re.compile("flow mapping|flow sequence|quoted scalar")
"""How the parser calls what must be closed again."""


class _Composer(yaml.CSafeLoader):
    """libyaml's parser without YAML 1.1's ideas of what a value means."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> str:
        """Leave the tag empty where the file gives none; a tag of the file stays visible."""
        return ""

    def descend_resolver(self, parent: Any, index: Any) -> None:
        """Nothing depends on the path."""

    def ascend_resolver(self) -> None:
        """Nothing depends on the path."""


_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_OCTAL = re.compile(r"0o[0-7]+\Z")
_HEX = re.compile(r"0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_NOT_JSON = re.compile(r"[-+]?(\.inf|\.Inf|\.INF)\Z|(\.nan|\.NaN|\.NAN)\Z")
_WORDS = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_MAYBE_ALIAS = re.compile(r"(?:^|[\s\[{,:?-])[&*][^\s,\]}]", re.MULTILINE)
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+\Z")
_FLOW = re.compile(r"[\[\]{}]")


class _Reader:
    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.findings: list[Finding] = []

    def say(
        self, code: str, line: int, column: int, message: str, hint: str = "", length: int = 1
    ) -> None:
        self.findings.append(Finding(code, self.file, line, column, message, hint, length))

    def read(self) -> Node | None:
        if len(self.text) > MAX_CHARACTERS:
            self.say(
                "CW104",
                1,
                1,
                f"the file has more than {MAX_CHARACTERS:,} characters",
                "Split the process into several definitions.",
            )
            return None
        if self._refuses_depth() or (_MAYBE_ALIAS.search(self.text) and self._refuses_aliases()):
            return None
        try:
            root = self._compose()
        except yaml.YAMLError as error:
            self._say_not_yaml(error)
            return None
        if root is None:
            self.say("CW106", 1, 1, "the file is empty")
            return None
        return self._node(root, 0)

    def _compose(self) -> Any:
        composer = _Composer(self.text)
        try:
            return composer.get_single_node()
        finally:
            composer.dispose()

    def _refuses_depth(self) -> bool:
        """libyaml walks brackets by recursion in C, so depth is measured before it starts."""
        depth = 0
        for found in _FLOW.finditer(self.text):
            depth += 1 if found.group() in "[{" else -1
            if depth > MAX_DEPTH:
                line, column = _line_and_column(self.text, found.start())
                self.say("CW104", line, column, f"more than {MAX_DEPTH} levels deep")
                return True
            depth = max(depth, 0)
        return False

    def _refuses_aliases(self) -> bool:
        try:
            for event in yaml.parse(self.text, Loader=yaml.CSafeLoader):
                anchor = getattr(event, "anchor", None)
                if anchor:
                    mark: Any = event.start_mark
                    self.say(
                        "CW103",
                        mark.line + 1,
                        mark.column + 1,
                        f'"{anchor}" is an anchor or an alias, and those are not used here',
                        "Write the value where it is needed. "
                        "A text that starts with & or * needs quotes.",
                    )
                    return True
        except yaml.YAMLError as error:
            self._say_not_yaml(error)
            return True
        return False

    def _say_not_yaml(self, error: yaml.YAMLError) -> None:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        if mark is None:
            position = getattr(error, "position", 0)
            line, column = _line_and_column(self.text, position)
        else:
            line, column = mark.line + 1, mark.column + 1
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"
        context = getattr(error, "context", None)
        told = f"{problem} {context}" if context else str(problem)
        hint = "Check the indentation, and put texts with `: `, `#`, `{` or `[` in quotes."
        begun = getattr(error, "context_mark", None)
        if begun is not None and begun.line + 1 < line and _OPENED.search(context or ""):
            hint = (
                f"What begins in line {begun.line + 1}, column {begun.column + 1} has no end: "
                "a brace, a bracket or a quotation mark is missing there."
            )
        lines = self.text.splitlines()
        if line <= len(lines) and "\t" in lines[line - 1][: column + 1]:
            hint = "A tab cannot be used for indentation; use spaces."
        line = min(line, max(1, len(lines)))
        trap = trap_at(self.text, line)
        if trap is not None:
            self.say("CW125", trap.line, trap.column, trap.message, trap.hint, trap.length)
            return
        self.say("CW101", line, column, f"this is not valid YAML: {told}", hint)

    # --- from YAML's nodes to ours --------------------------------------------------------------

    def _node(self, node: Any, depth: int) -> Node:
        start, end = node.start_mark, node.end_mark
        line, column = start.line + 1, start.column + 1
        length = max(1, end.column - start.column) if end.line == start.line else 1
        if depth > MAX_DEPTH:
            self.say("CW104", line, column, f"more than {MAX_DEPTH} levels deep")
            return Node(line, column, length)
        if node.tag:
            self.say(
                "CW103",
                line,
                column,
                f'the tag "{node.tag}" is not used here',
                "Leave it out; texts that look like something else need quotes.",
            )
        match node.id:
            case "mapping":
                return Node(line, column, length, entries=self._entries(node, depth))
            case "sequence":
                items = tuple(self._node(each, depth + 1) for each in node.value)
                return Node(line, column, length, items=items)
            case _:
                raw = self.text[start.index : end.index]
                value = self._scalar(node, line, column, length)
                return Node(line, column, length, scalar=value, raw=raw)

    def _entries(self, node: Any, depth: int) -> tuple[tuple[Key, Node], ...]:
        entries: list[tuple[Key, Node]] = []
        seen: dict[str, Key] = {}
        for key_node, value_node in node.value:
            start, end = key_node.start_mark, key_node.end_mark
            line, column = start.line + 1, start.column + 1
            length = max(1, end.column - start.column) if end.line == start.line else 1
            if key_node.id != "scalar":
                self.say("CW101", line, column, "a key must be a text", "Put it in quotes.")
                continue
            key = Key(key_node.value, line, column, length)
            if key.name == "<<" and not key_node.style:
                self.say(
                    "CW103",
                    line,
                    column,
                    "merge keys (<<) are not used here",
                    "Write the keys where they are needed.",
                    length,
                )
                continue
            if not key.name:
                self.say("CW111", line, column, "a key is empty", "Give it a name.", length)
            if key.name in seen:
                first = seen[key.name]
                self.say(
                    "CW102",
                    line,
                    column,
                    f'"{key.name}" stands here a second time; '
                    f"the first is in line {first.line}, column {first.column}",
                    "Only one of them can count: remove or rename one.",
                    length,
                )
                continue
            if node.flow_style and self._is_without_colon(key_node, value_node):
                self.say(
                    "CW125",
                    line,
                    column,
                    f'"{key.name}" stands here as a key of its own: a comma ends a text in {{ }}',
                    self._quoted_pair(entries, key),
                    length,
                )
            seen[key.name] = key
            entries.append((key, self._node(value_node, depth + 1)))
        return tuple(entries)

    def _look_for_cut(self, node: Any, text: str) -> None:
        cut = cut_by_comment(self.text, node.end_mark.index) if text else None
        if cut is None:
            return
        line, column = _line_and_column(self.text, cut)
        shown = text if len(text) < 40 else f"{text[:40]}..."
        self.say(
            "CW126",
            line,
            column,
            f'the text ends here, as "{shown}": # begins a comment',
            "If it belongs to the text, put the whole text in quotes; else leave a space after #.",
        )

    def _is_without_colon(self, key: Any, value: Any) -> bool:
        """Whether a key in braces has no value because nobody meant it as a key."""
        if value.id != "scalar" or value.value or value.style:
            return False
        return ":" not in self.text[key.end_mark.index : value.end_mark.index + 1]

    def _quoted_pair(self, entries: list[tuple[Key, Node]], key: Key) -> str:
        before = entries[-1] if entries else None
        if before is None or before[1].text is None:
            return "Give it a value, or put the text in quotes."
        return f"If it belongs to the text, write {before[0].name}: '{before[1].text}, {key.name}'."

    def _scalar(self, node: Any, line: int, column: int, length: int) -> Any:
        text: str = node.value
        if node.style:
            return text
        if "#" in self.text:
            self._look_for_cut(node, text)
        if text in _WORDS:
            return _WORDS[text]
        first = text[0]
        if not (first.isdigit() or first in "+-."):
            return text
        if len(text) > _MAX_DIGITS:
            return text
        if _INTEGER.match(text):
            if _LEADING_ZERO.match(text):
                self.say(
                    "CW112",
                    line,
                    column,
                    f"{text} is read as the number {int(text)}",
                    f"Write '{text}' in quotes if it is a text, or {int(text)} if it is a number.",
                    length,
                )
            return int(text)
        if _OCTAL.match(text):
            return int(text, 8)
        if _HEX.match(text):
            return int(text, 16)
        if _FLOAT.match(text):
            number = float(text)
            if number not in (float("inf"), float("-inf")):
                return number
            self.say("CW108", line, column, f"{text} is too large a number", "", length)
            return text
        if _NOT_JSON.match(text):
            self.say("CW108", line, column, f"{text} is no number that JSON knows", "", length)
        return text


def _line_and_column(text: str, position: int) -> tuple[int, int]:
    before = text[:position]
    return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1


def _doubled_before(raw: str, offset: int) -> int:
    """How many `''` of a single-quoted text stand before a character of its value."""
    extra, position, at = 0, 1, 0
    while at < offset and position < len(raw) - 1:
        if raw[position : position + 2] == "''":
            extra += 1
            position += 1
        position += 1
        at += 1
    return extra


_ESCAPE_LENGTHS = {"x": 4, "u": 6, "U": 10}


def _escaped_position(raw: str, offset: int) -> int:
    """Where a character of a double-quoted text's value stands in the raw text."""
    position, at = 1, 0
    while at < offset and position < len(raw) - 1:
        position += _ESCAPE_LENGTHS.get(raw[position + 1], 2) if raw[position] == "\\" else 1
        at += 1
    return position
