"""A form (JSON Schema) as fields of a page, and what a browser sends back as JSON.

Browsers send texts only, so every value is read as its schema says; an empty field is left out.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

PREFIX = "f."
"""Stands before a field's name in the page, apart from our own fields."""

LONG_TEXT = 200

_INPUT_TYPES = {"date": "date", "date-time": "datetime-local", "email": "email", "uri": "url"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One offered value; `value` is its JSON text."""

    value: str
    label: str
    selected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of the page. `kind` is text, long, choice, many, yes-no or number."""

    name: str
    kind: str
    label: str
    help: str = ""
    input_type: str = "text"
    required: bool = False
    value: str = ""
    choices: Sequence[Choice] = ()
    longest: int | None = None
    problem: str = ""

    @property
    def id(self) -> str:
        """Name and id of its element in the page."""
        return f"{PREFIX}{self.name}"


@dataclass(slots=True)
class Filled:
    """What was sent: values by field, and per field the key of what is wrong with it."""

    values: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


def fields_of(
    schema: Any,
    texts: Mapping[str, str],
    values: Mapping[str, Any],
    problems: Mapping[str, str],
) -> list[Field]:
    """The fields of a form in the order of its schema.

    Args:
        texts: In the reader's language, where there are any: field -> title,
            `field.description` -> help, `field.value` -> what an offered value is called.
        values: What stands in the fields.
        problems: Field -> sentence.
    """
    required = set(_mapping(schema).get("required", ()))
    found = []
    for name, rules in _properties(schema).items():
        value = values.get(name, rules.get("default"))
        kind = _kind(rules)
        found.append(
            Field(
                name=name,
                kind=kind,
                label=texts.get(name) or str(rules.get("title") or name),
                help=texts.get(f"{name}.description") or str(rules.get("description") or ""),
                input_type=_INPUT_TYPES.get(str(rules.get("format")), "text"),
                required=name in required,
                value=_shown(value),
                choices=(
                    _choices(name, rules, texts, value)
                    if kind in ("choice", "many", "yes-no")
                    else ()
                ),
                longest=rules.get("maxLength"),
                problem=problems.get(name, ""),
            )
        )
    return found


def read_fields(schema: Any, sent: Mapping[str, Sequence[str]]) -> Filled:
    """The values that a browser sent, each in the type of its schema. Unknown fields are ignored."""
    filled = Filled()
    for name, rules in _properties(schema).items():
        texts = [text for text in sent.get(f"{PREFIX}{name}", ()) if text.strip()]
        if not texts:
            continue
        _read(filled, name, rules, texts)
    return filled


def _read(filled: Filled, name: str, rules: Mapping[str, Any], texts: Sequence[str]) -> None:
    kind = _kind(rules)
    match kind:
        case "choice" | "many" | "yes-no":
            offered = {
                choice.value: json.loads(choice.value) for choice in _choices(name, rules, {}, None)
            }
            if any(text not in offered for text in texts):
                filled.problems[name] = "choice"
            elif kind == "many":
                filled.values[name] = [offered[text] for text in texts]
            else:
                filled.values[name] = offered[texts[0]]
        case "number":
            whole = rules.get("type") == "integer"
            try:
                filled.values[name] = int(texts[0]) if whole else _finite(texts[0])
            except ValueError:
                filled.problems[name] = "whole" if whole else "number"
        case _:
            text = texts[0].replace("\r\n", "\n").strip()
            filled.values[name] = _in_utc(text) if rules.get("format") == "date-time" else text


def _in_utc(text: str) -> str:
    """A time as browsers send it, without an offset: the page speaks of times in UTC."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return text if at.tzinfo else at.isoformat() + "Z"


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _kind(rules: Mapping[str, Any]) -> str:
    if "enum" in rules:
        return "choice"
    match rules.get("type"):
        case "boolean":
            return "yes-no"
        case "integer" | "number":
            return "number"
        case "array" if "enum" in _mapping(rules.get("items")):
            return "many"
        case _:
            longest = rules.get("maxLength")
            short = "format" in rules or (isinstance(longest, int) and longest <= LONG_TEXT)
            return "text" if short else "long"


def _choices(
    name: str, rules: Mapping[str, Any], texts: Mapping[str, str], value: Any
) -> list[Choice]:
    if rules.get("type") == "boolean":
        offered: Sequence[Any] = (True, False)
    else:
        offered = rules.get("enum") or _mapping(rules.get("items")).get("enum") or ()
    chosen = value if isinstance(value, list) else [value]
    return [
        Choice(
            json.dumps(each, ensure_ascii=False),
            "✓"
            if each is True
            else "✗"
            if each is False
            else texts.get(f"{name}.{each}", str(each)),
            any(each == one and type(each) is type(one) for one in chosen),
        )
        for each in offered
    ]


def _shown(value: Any) -> str:
    if value is None or isinstance(value, dict | list):
        return ""
    return str(value)


def _properties(schema: Any) -> Mapping[str, Mapping[str, Any]]:
    return {
        name: _mapping(rules)
        for name, rules in _mapping(_mapping(schema).get("properties")).items()
    }


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
