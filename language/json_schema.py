"""JSON Schemas that authors write: in `input`, `output` and `export`, and as forms.

A schema that is wrong in itself is worse than none: a misspelled keyword checks nothing, and
`type: null` without quotes is no type at all. What is right by the standard's draft 2020-12 and
cannot be meant is named as well: a length of a number, an enumeration that holds a value twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from language.report import Report
from language.source import Key, Node
from language.words import closest, quoted, suggestion

TYPES = ("string", "number", "integer", "boolean", "object", "array", "null")

_OF_TYPE: Mapping[str, tuple[str, ...]] = {
    "string": ("minLength", "maxLength", "pattern", "format", "contentMediaType", "contentEncoding"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "array": (
        "items", "prefixItems", "contains", "minItems", "maxItems", "uniqueItems", "minContains",
        "maxContains", "unevaluatedItems",
    ),
    "object": (
        "properties", "required", "additionalProperties", "patternProperties", "propertyNames",
        "minProperties", "maxProperties", "dependentRequired", "dependentSchemas",
        "unevaluatedProperties",
    ),
}  # fmt: skip
"""Keywords that say something about values of one type only."""
_ONE = frozenset(
    {
        "items", "contains", "additionalProperties", "propertyNames", "not", "if", "then", "else",
        "unevaluatedItems", "unevaluatedProperties",
    }
)  # fmt: skip
"""Keywords whose value is a schema."""
_MAPS = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
"""Keywords whose value holds schemas by name."""
_LISTS = frozenset({"anyOf", "oneOf", "allOf", "prefixItems"})
"""Keywords whose value is a list of schemas."""
_COUNTS = frozenset(
    {
        "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties",
        "minContains", "maxContains",
    }
)  # fmt: skip
_NUMBERS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
_FLAGS = frozenset({"uniqueItems", "readOnly", "writeOnly", "deprecated"})
_TEXTS = frozenset(
    {
        "$schema", "$id", "$ref", "$anchor", "$dynamicRef", "$dynamicAnchor", "$comment", "title",
        "description", "format", "pattern", "contentMediaType", "contentEncoding",
    }
)  # fmt: skip
_OTHERS = frozenset(
    {
        "type", "enum", "const", "default", "examples", "example", "required", "dependentRequired",
        "$vocabulary", "contentSchema", "nullable",
    }
)  # fmt: skip
KEYWORDS: tuple[str, ...] = tuple(
    sorted(_ONE | _MAPS | _LISTS | _COUNTS | _NUMBERS | _FLAGS | _TEXTS | _OTHERS)
)
"""What a schema may say; `x-` stands before what others add."""
_PAIRS = (
    ("minLength", "maxLength"), ("minItems", "maxItems"), ("minProperties", "maxProperties"),
    ("minimum", "maximum"),
)  # fmt: skip


class SchemaCheck(NamedTuple):
    """Says what is wrong with schemas, under one code."""

    report: Report
    code: str
    with_titles: bool = False
    """Whether texts in other languages may be given where a text stands."""
    known_only: bool = False
    """Whether a keyword that JSON Schema does not know is wrong, also where it resembles none: the
    standard lets it pass as a note of its author's."""

    def check(self, node: Node, what: str = "a schema") -> None:
        """Check a schema and all inside it."""
        if node.kind == "boolean":
            return
        if node.entries is None:
            self._say(
                node,
                f"{what} is described by keys such as type:, not {_shown(node)}",
                "Write for example { type: string }.",
            )
            return
        self._check_keys(node, what)
        types = self._check_type(node, what)
        self._check_enum(node, types, what)
        self._check_required(node, what)
        self._check_pairs(node)
        self._check_pattern(node)
        for key, inner in self._inside(node, what):
            self.check(inner, key)

    def _say(self, place: Node | Key, message: str, hint: str = "") -> None:
        self.report.say(self.code, place, message, hint)

    def _inside(self, node: Node, what: str) -> Iterator[tuple[str, Node]]:
        """Schemas inside this one; says which keys hold something else."""
        for key, value in node.entries or ():
            if key.name in _ONE:
                yield f'"{key.name}" of {_short(what)}', value
            elif key.name in _MAPS:
                if value.entries is None:
                    self._say(
                        value,
                        f'"{key.name}" of {what} holds schemas by name, not {_shown(value)}',
                    )
                for name, each in value.entries or ():
                    if not name.name:
                        self._say(name, f'a name in "{key.name}" of {what} is empty')
                    yield f'"{name.name}"', each
            elif key.name in _LISTS:
                if not value.items:
                    self._say(
                        value, f'"{key.name}" of {what} is a list of schemas, not {_shown(value)}'
                    )
                for each in value.items or ():
                    yield f'an entry of "{key.name}"', each

    def _check_keys(self, node: Node, what: str) -> None:
        for key, value in node.entries or ():
            name = key.name
            if name not in KEYWORDS and not name.startswith("x-"):
                if not self.known_only and closest(name, KEYWORDS) is None:
                    continue
                self._say(
                    key,
                    f'"{name}" is not a keyword of JSON Schema',
                    suggestion(name, KEYWORDS, allowed="Known"),
                )
                continue
            wanted = _kind_of(name)
            if wanted is None or value.kind in wanted[1]:
                if name in _COUNTS and isinstance(value.scalar, int) and value.scalar < 0:
                    self._say(value, f'"{name}" of {what} cannot be less than 0')
                continue
            if self.with_titles and name in ("title", "description") and value.kind == "object":
                continue
            self._say(value, f'"{name}" of {what} must be {wanted[0]}, not {_shown(value)}')

    def _check_type(self, node: Node, what: str) -> tuple[str, ...] | None:
        """The types that the schema names, or None when it names none or wrong ones."""
        kind = node.get("type")
        if kind is None:
            return None
        named = kind.items if kind.items is not None else (kind,)
        if not named:
            self._say(kind, f'"type" of {what} is an empty list', f"Allowed: {quoted(TYPES)}.")
            return None
        seen: dict[str, None] = {}
        good = True
        for each in named:
            if each.text is None or each.text not in TYPES:
                good = False
                shown = "nothing" if each.kind == "null" else _shown(each)
                hint = suggestion(str(each.scalar), TYPES)
                if each.kind == "null":
                    hint = "Write 'null' in quotes where the value may be missing. " + hint
                self._say(each, f'"type" of {what}: {shown} is not a type of JSON', hint)
            elif each.text in seen:
                good = False
                self._say(each, f'"type" of {what} names "{each.text}" twice')
            else:
                seen[each.text] = None
        if not good:
            return None
        types = tuple(seen)
        for owner, keywords in _OF_TYPE.items():
            if owner in types or (owner == "number" and "integer" in types):
                continue
            for keyword in keywords:
                key = node.key(keyword)
                if key is not None and not (keyword == "format" and "number" in types):
                    self._say(
                        key,
                        f'"{keyword}" says nothing about a value of type {" or ".join(types)}',
                        f"It belongs to type {owner}.",
                    )
        return types

    def _check_enum(self, node: Node, types: tuple[str, ...] | None, what: str) -> None:
        enum = node.get("enum")
        if enum is None:
            return
        if not enum.items:
            self._say(enum, f'"enum" of {what} is a list of values, not {_shown(enum)}')
            return
        seen: list[Any] = []
        kinds = [each.kind for each in enum.items]
        usual = max(kinds, key=kinds.count)
        for each in enum.items:
            value = each.value
            if any(value == other and type(value) is type(other) for other in seen):
                self._say(each, f'"enum" of {what} holds {_shown(each)} twice')
            seen.append(value)
            if value == "":
                self._say(
                    each, f'"enum" of {what} holds an empty text', "null says that there is none."
                )
            elif types is not None and not _fits(each.kind, types):
                self._say(
                    each, f'"enum" of {what}: {_shown(each)} is not of type {" or ".join(types)}'
                )
            elif (
                types is None
                and each.kind not in (usual, "null")
                and {each.kind, usual} != {"integer", "number"}
                and kinds.count(usual) > 1
            ):
                self._say(
                    each,
                    f'"enum" of {what}: {_shown(each)} is of another kind than the other values',
                    f"Put it in quotes: '{each.raw}'." if each.kind != "array" and each.raw else "",
                )

    def _check_required(self, node: Node, what: str) -> None:
        required, properties = node.get("required"), node.get("properties")
        if required is None:
            return
        if required.items is None:
            self._say(required, f'"required" of {what} is a list of names, not {_shown(required)}')
            return
        known = properties.names() if properties is not None and properties.entries else None
        seen: dict[str, None] = {}
        for each in required.items:
            if each.text is None or not each.text:
                self._say(
                    each, f'"required" of {what} is a list of names, and this is {_shown(each)}'
                )
            elif each.text in seen:
                self._say(each, f'"required" of {what} names "{each.text}" twice')
            elif known is not None and each.text not in known:
                self._say(
                    each,
                    f'"{each.text}" is required, and there is no such field',
                    suggestion(each.text, known, allowed="Fields"),
                )
            seen[each.text or ""] = None

    def _check_pairs(self, node: Node) -> None:
        for low, high in _PAIRS:
            least, most = node.get(low), node.get(high)
            if (
                least is not None
                and most is not None
                and least.kind in ("integer", "number")
                and most.kind in ("integer", "number")
                and least.scalar > most.scalar
            ):
                self._say(least, f'"{low}" is {least.scalar}, and "{high}" is {most.scalar}')

    def _check_pattern(self, node: Node) -> None:
        pattern = node.get("pattern")
        if pattern is None or pattern.text is None:
            return
        try:
            re.compile(pattern.text)
        except re.error as error:
            self._say(pattern, f'"pattern" cannot be read: {error.msg}')


def _kind_of(keyword: str) -> tuple[str, tuple[str, ...]] | None:
    """How a keyword's value is called, and the kinds that it may have."""
    if keyword in _COUNTS:
        return "a whole number", ("integer",)
    if keyword in _NUMBERS:
        return "a number", ("integer", "number")
    if keyword in _FLAGS:
        return "true or false", ("boolean",)
    if keyword in _TEXTS:
        return "a text", ("string",)
    return None


def _fits(kind: str, types: tuple[str, ...]) -> bool:
    return kind in types or (kind == "integer" and "number" in types)


def _shown(node: Node) -> str:
    if node.entries is not None:
        return "keys and values"
    if node.items is not None:
        return "a list" if node.items else "an empty list"
    if node.scalar is None:
        return "nothing"
    return f'"{node.text}"' if node.text is not None else node.raw


def _short(what: str) -> str:
    return what.partition(" of ")[0] if what.startswith('"') else what
