"""The places of a YAML text: every key, value and item, with the characters that it takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import yaml

Way = tuple[str, ...]
"""Keys on the way from the root, `*` for an item of a list."""


@dataclass(eq=False, slots=True)
class Value:
    """A value: a mapping, a list or a scalar, from `start` up to `end`."""

    kind: Literal["mapping", "list", "scalar"]
    start: int
    end: int
    column: int
    """Of its first character, from 0."""
    flow: bool
    way: Way
    text: str = ""
    """What a scalar says."""
    style: str = ""
    """How a scalar is quoted."""
    entries: list[Entry] = field(default_factory=list)
    items: list[Value] = field(default_factory=list)
    within: Entry | Value | None = None
    """The entry whose value it is, or the list whose item."""

    @property
    def parts(self) -> list[Entry] | list[Value]:
        """Entries of a mapping or items of a list."""
        return self.entries if self.kind == "mapping" else self.items

    def walk(self) -> Iterator[Value]:
        """This value and all below."""
        yield self
        for entry in self.entries:
            yield from entry.value.walk()
        for item in self.items:
            yield from item.walk()


@dataclass(eq=False, slots=True)
class Entry:
    """A key with its value."""

    key: str
    start: int
    key_end: int
    value: Value
    mapping: Value

    @property
    def end(self) -> int:
        """Where its value ends."""
        return max(self.value.end, self.key_end)


def read(text: str) -> Value:
    """The root of a text; raises `yaml.YAMLError` when it is no YAML."""
    root = yaml.compose(text, Loader=yaml.CSafeLoader)
    return _value(root, text, (), None)


def _value(node: Any, text: str, way: Way, within: Entry | Value | None) -> Value:
    start, end = node.start_mark.index, node.end_mark.index
    flow = bool(getattr(node, "flow_style", False))
    if node.id == "scalar":
        style = node.style or ""
        if style in ("|", ">"):
            end = start + len(text[start:end].rstrip())
        return Value(
            "scalar", start, end, node.start_mark.column, False, way, node.value, style, within=within
        )  # fmt: skip
    if node.id == "mapping":
        found = Value("mapping", start, end, node.start_mark.column, flow, way, within=within)
        for key, inner in node.value:
            entry = Entry(key.value, key.start_mark.index, key.end_mark.index, found, found)
            entry.value = _value(inner, text, (*way, key.value), entry)
            found.entries.append(entry)
    else:
        found = Value("list", start, end, node.start_mark.column, flow, way, within=within)
        found.items = [_value(each, text, (*way, "*"), found) for each in node.value]
    if not flow and found.parts:
        # The end of a block is where the next one begins; comments between belong to nobody.
        found.end = found.parts[-1].end
    return found


def outer_mapping(value: Value) -> Value | None:
    """The mapping around a mapping, however many lists lie between."""
    at: Entry | Value | None = value.within
    while isinstance(at, Value):
        at = at.within
    return at.mapping if at is not None else None


def holder(value: Value) -> Entry | None:
    """The entry in which a value stands, directly or as an item."""
    at: Entry | Value | None = value.within
    while isinstance(at, Value):
        at = at.within
    return at
