"""Checks a value against a JSON Schema and says what is wrong in the words of its author.

A subset of JSON Schema is enough for our own descriptors: type, properties, required,
additionalProperties, items, enum, const, pattern, format, minimum, maximum, minLength, minItems,
minProperties, maxProperties, anyOf over kinds of values, oneOf and anyOf over `required`.
Of an anyOf the alternative that was meant is found first, so that one mistake is one finding.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from language.report import Place, Report
from language.source import Node
from language.templates import is_expression
from language.words import closest, quoted, suggestion

NameFound = Callable[[str, Node], None]
"""Called with the kind and the place of every name that can be looked up."""

_DURATION = re.compile(
    r"P(?!$)(\d+(?:\.\d+)?Y)?(\d+(?:\.\d+)?M)?(\d+(?:\.\d+)?W)?(\d+(?:\.\d+)?D)?"
    r"(T(?=\d)(\d+(?:\.\d+)?H)?(\d+(?:\.\d+)?M)?(\d+(?:\.\d+)?S)?)?\Z"
)
_DATE = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
_DATE_TIME = re.compile(_DATE + r"([T ]([01]\d|2[0-4]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?\Z")  # fmt: skip
FORMATS: Mapping[str, tuple[re.Pattern[str], str, str]] = {
    "duration": (
        _DURATION,
        "a duration",
        "Write for example { minutes: 30 }, { days: 14 }, { businessHours: 8 } or PT30M.",
    ),
    "date-time": (_DATE_TIME, "a time", "Write for example '2026-03-02T09:00+08:00'."),
    "date": (re.compile(_DATE + r"\Z"), "a date", "Write for example '2026-03-02'."),
    "uri-template": (
        re.compile(r"(?!\s*\$\{)\S+\Z"),
        "an address",
        "Write for example https://example.org/things/{id}.",
    ),
}
"""Format -> its pattern, how a sentence calls it, and what to write."""
_KIND_WORDS = {
    "object": "keys and values",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
}


class Shape:
    """One check of one value; holds what does not change on the way down."""

    def __init__(
        self,
        report: Report,
        *,
        expressions: bool,
        structure: bool = False,
        on_name: NameFound | None = None,
        known: Callable[[str], Sequence[str]] | None = None,
    ) -> None:
        """Make a checker.

        Args:
            report: Gets the findings.
            expressions: Whether `${ ... }` may stand for any value.
            structure: Whether it may so only where text could stand: keys and lists of the
                language itself must be known before a case starts.
            on_name: Hears of every text with `x-name`.
            known: The names of a kind, for hints; None where nobody knows them.
        """
        self._report = report
        self._expressions = expressions
        self._structure = structure
        self._on_name = on_name
        self._known = known

    def check(
        self, node: Node, schema: Mapping[str, Any], what: str, place: Place | None = None
    ) -> None:
        """Say everything that is wrong with a value.

        Args:
            node: The value.
            schema: What it should be like.
            what: How a sentence names it: `the work item "triage"`.
            place: Where to say that something is missing; the value itself by default.
        """
        if self._expressions and node.text is not None and is_expression(node.text):
            if schema.get("x-literal") or (self._structure and not _takes_text(schema)):
                self._report.say(
                    "CW108",
                    node,
                    f"{what} cannot be an expression: it must be known before a case starts",
                )
            return
        if "x-written" in schema:
            schema = {**schema, **schema["x-written"]}
        alternatives = schema.get("anyOf")
        if alternatives and not _only_required(alternatives):
            chosen = self._choose(node, alternatives)
            if chosen is None or ("x-says" in schema and _scalar_problem(node, chosen)):
                self._say_kind(node, schema, what)
                return
            self.check(node, chosen, what, place)
            return
        if not _is_kind(node, schema.get("type")):
            self._say_kind(node, schema, what)
            return
        match node.kind:
            case "object":
                self._check_object(node, schema, what, place or node)
            case "array":
                self._check_array(node, schema, what)
            case _:
                self._check_scalar(node, schema, what)

    def _choose(
        self, node: Node, alternatives: Sequence[Mapping[str, Any]]
    ) -> Mapping[str, Any] | None:
        fitting = [each for each in alternatives if _takes_kind(node, each)]
        if len(fitting) < 2:
            return fitting[0] if fitting else None
        if node.entries is not None:
            keys = node.names()

            def likeness(each: Mapping[str, Any]) -> tuple[int, int]:
                properties = each.get("properties", {})
                known = sum(key in properties for key in keys)
                return known, -sum(name not in keys for name in each.get("required", ()))

            return max(fitting, key=likeness)
        if node.items is not None:
            return fitting[0]
        accepting = [each for each in fitting if not _scalar_problem(node, each)]
        return accepting[0] if accepting else None

    def _say_kind(self, node: Node, schema: Mapping[str, Any], what: str) -> None:
        says = schema.get("x-says") or _kinds_in_words(schema)
        given = f'"{node.text}"' if node.text else _KIND_WORDS[node.kind]
        if node.kind == "string" and _formats_of(schema):
            name = _formats_of(schema)[0]
            _, noun, hint = FORMATS[name]
            self._report.say("CW108", node, f"{what}: {given} is not {noun}", hint)
            return
        choices = _choices_of(schema)
        if node.kind == "string" and choices:
            close = closest(str(node.text), choices)
            hint = self._hint_of_keys(str(node.text), schema)
            if not hint and close:
                hint = f'Did you mean "{close}"?'
            self._report.say("CW108", node, f"{what}: {given} is not {says}", hint)
            return
        hint = ""
        if node.kind in ("integer", "number", "boolean") and "string" in _kinds(schema):
            hint = _in_quotes(node, schema)
        self._report.say("CW107", node, f"{what} must be {says}, not {given}", hint)

    def _hint_of_keys(self, text: str, schema: Mapping[str, Any]) -> str:
        """The key under which a plain name would be right: `{ group: service-desk }`."""
        keys: Mapping[str, str] = schema.get("x-keys", {})
        if self._known is None:
            return ""
        for key, kind in keys.items():
            if text in self._known(kind):
                return f"Write {{ {key}: {text} }}."
        choices = [*_choices_of(schema)]
        named = {name: key for key, kind in keys.items() for name in self._known(kind)}
        near = closest(text, [*choices, *named])
        return f"Did you mean {{ {named[near]}: {near} }}?" if near in named else ""

    # --- objects --------------------------------------------------------------------------------

    def _check_object(self, node: Node, schema: Mapping[str, Any], what: str, place: Place) -> None:
        properties: Mapping[str, Any] = schema.get("properties", {})
        rest = schema.get("additionalProperties", True)
        unknown: list[str] = []
        for key, value in node.entries or ():
            if key.name in properties:
                self.check(value, properties[key.name], f'"{key.name}" of {_short(what)}', key)
            elif rest is False:
                unknown.append(key.name)
                given = node.names()
                free = [name for name in properties if name not in given]
                self._report.say(
                    "CW105",
                    key,
                    f'"{key.name}" is not known in {what}',
                    suggestion(key.name, free or properties, allowed="Known here"),
                )
            elif isinstance(rest, Mapping):
                self.check(value, rest, f'"{key.name}" of {_short(what)}', key)
        self._check_required(node, schema, what, place, unknown)
        size = len(node.entries or ())
        if size < schema.get("minProperties", 0) and not unknown and "oneOf" not in schema:
            known = f"Known here: {quoted(properties)}." if properties else ""
            self._report.say("CW106", place, f"{what} is empty", known)
        if size > schema.get("maxProperties", size) and not unknown:
            self._report.say(
                "CW109",
                place,
                f"{what} has {quoted(node.names())}, and only one of them can count",
            )

    def _check_required(
        self,
        node: Node,
        schema: Mapping[str, Any],
        what: str,
        place: Place,
        unknown: Sequence[str],
    ) -> None:
        keys = node.names()
        properties = schema.get("properties", {})
        for name in schema.get("required", ()):
            if name in keys or _misspelled(name, unknown):
                continue
            why = properties.get(name, {}).get("description", "")
            self._report.say(
                "CW106",
                place,
                f'{what} needs "{name}"' + (f": {why}" if why else ""),
                _example(name, properties.get(name, {})),
            )
        for keyword in ("oneOf", "anyOf"):
            choices = [
                each["required"][0] for each in schema.get(keyword, ()) if "required" in each
            ]
            if not choices:
                continue
            given = [name for name in choices if name in keys]
            if not given and not any(_misspelled(name, unknown) for name in choices):
                self._report.say("CW109", place, f"{what} needs one of {quoted(choices)}")
            if keyword == "oneOf" and len(given) > 1:
                second = node.key(given[1])
                self._report.say(
                    "CW109",
                    second or place,
                    f"{what} has {quoted(given)}, and only one of them can count",
                    "Remove the others.",
                )

    def _check_array(self, node: Node, schema: Mapping[str, Any], what: str) -> None:
        items = node.items or ()
        if len(items) < schema.get("minItems", 0):
            self._report.say("CW106", node, f"{what} is an empty list")
        for item in items:
            if "items" in schema:
                self.check(item, schema["items"], f"an entry of {_short(what)}")

    # --- single values --------------------------------------------------------------------------

    def _check_scalar(self, node: Node, schema: Mapping[str, Any], what: str) -> None:
        problem = _scalar_problem(node, schema)
        if problem:
            self._report.say("CW108", node, f"{what}: {problem[0]}", problem[1])
        elif self._on_name and "x-name" in schema and node.text is not None:
            self._on_name(schema["x-name"], node)


def _in_quotes(node: Node, schema: Mapping[str, Any]) -> str:
    """The hint to quote a value, if as a text it would be right; else an example, where there is one."""
    pattern = schema.get("pattern")
    if pattern and not re.search(pattern, node.raw):
        return str(schema.get("x-hint", ""))
    names = _formats_of(schema)
    if not names or any(FORMATS[name][0].match(node.raw) for name in names):
        return f"Put it in quotes: '{node.raw}'."
    return FORMATS[names[0]][2]


def _scalar_problem(node: Node, schema: Mapping[str, Any]) -> tuple[str, str] | None:
    """What is wrong with a single value, and what to do; None when it is right."""
    value = node.scalar
    shown = f'"{value}"' if isinstance(value, str) else node.raw or str(value)
    if "enum" in schema and not _among(value, schema["enum"]):
        allowed = [str(each) for each in schema["enum"] if each is not None]
        return f"{shown} is not one of the allowed words", suggestion(str(value), allowed)
    if "const" in schema and value != schema["const"]:
        return f"{shown} is not {schema['const']!r}", ""
    if isinstance(value, str):
        pattern = schema.get("pattern")
        if pattern and not re.search(pattern, value):
            says = schema.get("x-says", "written as it must be")
            return f"{shown} is not {says}", schema.get("x-hint", "")
        if len(value) < schema.get("minLength", 0):
            return "the text is empty", ""
        known_format = FORMATS.get(schema.get("format", ""))
        if known_format and not known_format[0].match(value):
            return f"{shown} is not {known_format[1]}", known_format[2]
    elif isinstance(value, int | float) and not isinstance(value, bool):
        if value < schema.get("minimum", value):
            return f"{shown} is less than {schema['minimum']}", ""
        if value > schema.get("maximum", value):
            return f"{shown} is more than {schema['maximum']}", ""
    return None


def _among(value: Any, allowed: Iterable[Any]) -> bool:
    return any(value == each and isinstance(value, bool) == isinstance(each, bool) for each in allowed)  # fmt: skip


def _kinds(schema: Mapping[str, Any]) -> tuple[str, ...]:
    kind = schema.get("type")
    if isinstance(kind, str):
        return (kind,)
    if kind:
        return tuple(kind)
    return tuple(name for each in schema.get("anyOf", ()) for name in _kinds(each))


def _takes_text(schema: Mapping[str, Any]) -> bool:
    """Whether an expression can stand for such a value: a text, or anything at all."""
    if any(not _kinds(each) for each in schema.get("anyOf", ()) if "required" not in each):
        return True
    kinds = _kinds(schema)
    return not kinds or "string" in kinds


def _is_kind(node: Node, kind: Any) -> bool:
    if kind is None:
        return True
    kinds = (kind,) if isinstance(kind, str) else kind
    return node.kind in kinds or (node.kind == "integer" and "number" in kinds)


def _takes_kind(node: Node, schema: Mapping[str, Any]) -> bool:
    if "anyOf" in schema and not _only_required(schema["anyOf"]):
        return any(_takes_kind(node, each) for each in schema["anyOf"])
    return _is_kind(node, schema.get("type"))


def _only_required(alternatives: Sequence[Mapping[str, Any]]) -> bool:
    return all(list(each) == ["required"] for each in alternatives)


def _kinds_in_words(schema: Mapping[str, Any]) -> str:
    words = list(dict.fromkeys(_KIND_WORDS[kind] for kind in _kinds(schema) if kind != "null"))
    if not words:
        return "something else"
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _formats_of(schema: Mapping[str, Any]) -> list[str]:
    own = [schema["format"]] if schema.get("format") in FORMATS else []
    return own + [name for each in schema.get("anyOf", ()) for name in _formats_of(each)]


def _choices_of(schema: Mapping[str, Any]) -> list[str]:
    own = [each for each in schema.get("enum", ()) if isinstance(each, str)]
    return own + [name for each in schema.get("anyOf", ()) for name in _choices_of(each)]


def _misspelled(name: str, unknown: Sequence[str]) -> bool:
    """Whether an unknown key is probably this one, so that it is not missed as well."""
    return any(closest(each, [name]) for each in unknown)


def _example(name: str, schema: Mapping[str, Any]) -> str:
    says = schema.get("x-says")
    if says:
        return f'"{name}" takes {says}.'
    choices = _choices_of(schema)
    return f"Allowed: {quoted(choices)}." if choices else ""


def _short(what: str) -> str:
    """The innermost name of a chain, so that sentences do not grow with depth."""
    head, _, rest = what.partition(" of ")
    return head if rest and not head.startswith("an entry") else what
