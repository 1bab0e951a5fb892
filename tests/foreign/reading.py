"""What can be read from a foreign definition itself: its expressions, the data that they read, its names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

Json = Any

BARE = ("if", "when", "exceptWhen", "while", "in", "from", "as", "until", "expect", "filter")
"""Fields that are expressions by nature: the standard's examples write them without `${ }`."""

_WRAPPED = re.compile(r"^\s*\$\{(?P<source>.*)\}\s*$", re.DOTALL)
_PATH = re.compile(
    r"(?:(?P<before>\$input|\$workflow\.input)|(?<![\w\)\]\}\"?$.]))"
    r"\.(?P<path>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)"
)
_VARIABLE = re.compile(r"\{([A-Za-z_]\w*)\}")


def walk(value: Json, *place: str | int) -> Iterator[tuple[tuple[str | int, ...], Json]]:
    """Every value of a document with its place, from outside to inside."""
    yield place, value
    if isinstance(value, dict):
        for key, each in value.items():
            yield from walk(each, *place, str(key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from walk(each, *place, index)


def source_of(value: Json, key: str | int | None = None) -> str | None:
    """The jq source of a value: between `${` and `}`, or bare in a field that is an expression."""
    if not isinstance(value, str):
        return None
    found = _WRAPPED.match(value)
    if found is not None:
        return found["source"].strip()
    return value if key in BARE else None


def expressions(document: Json) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every expression of a definition with its place."""
    for place, value in walk(document):
        source = source_of(value, place[-1] if place else None)
        if source is not None:
            yield place, source


def tasks(document: Json) -> Iterator[tuple[str, Mapping[str, Json]]]:
    """Every task of a definition with its name, wherever it stands."""
    for place, value in walk(document):
        in_list = len(place) >= 2 and isinstance(place[-2], int)
        if in_list and isinstance(place[-1], str) and isinstance(value, dict):
            yield place[-1], value


def paths(source: str) -> list[tuple[list[str], int]]:
    """Fields of the value that an expression reads: each path, and where it ends in the source."""
    return [(found["path"].split("."), found.end()) for found in _PATH.finditer(source)]


def uri_variables(document: Json) -> list[str]:
    """Variables of the URI templates: `{petId}`."""
    found = [
        name
        for place, value in walk(document)
        if isinstance(value, str) and place and place[-1] in ("endpoint", "uri")
        for name in _VARIABLE.findall(value)
        if source_of(value) is None
    ]
    return list(dict.fromkeys(found))


def guess(source: str, path: list[str], end: int) -> Json:
    """A value for a field, from what the expression does with it, else from its name."""
    after = source[end:].lstrip()
    before = source[: end - len(".".join(path)) - 1].rstrip()
    if compared := re.match(r"[=!]=\s*(\"[^\"]*\"|-?\d+(?:\.\d+)?)", after):
        literal = compared[1]
        return literal.strip('"') if literal.startswith('"') else float_or_int(literal)
    if ordered := re.match(r"[<>]=?\s*(-?\d+(?:\.\d+)?)", after):
        return float_or_int(ordered[1])
    if re.match(r"[-*/%]|\+\s*\d", after) or re.search(r"\d\s*[-+*/%]$", before):
        return 1
    if re.match(r"\+\s*\[", after) or re.match(
        r"\[\]|\|\s*(?:map|length|sort|join|first|last)\b", after
    ):
        return ["text"]
    if re.match(r"\+\s*\"", after) or re.search(r"\"\s*\+$", before):
        return "text"
    if re.match(r"\+\s*\{", after):
        return {}
    return by_name(path[-1])


def by_name(name: str) -> Json:
    """A value that fits the name of a field."""
    lower = name.lower()
    if lower == "status":
        return "available"
    if lower.startswith(("is", "has")) and len(name) > 3 and name[2:3].isupper():
        return True
    if lower.endswith(
        ("id", "age", "amount", "count", "number", "index", "delay", "limit", "size")
    ):
        return 1
    if lower.endswith(("duration", "timeout")):
        return "PT1S"
    if lower.endswith(("list", "items", "array")):
        return ["text"]
    return "text"


def float_or_int(text: str) -> float | int:
    """The number that is written."""
    return float(text) if "." in text else int(text)


def put(value: dict[str, Json], path: list[str], leaf: Json) -> None:
    """Set a field below a field; what is deeper already stays."""
    *above, last = path
    for each in above:
        inner = value.get(each)
        if not isinstance(inner, dict):
            inner = value[each] = {}
        value = inner
    if not isinstance(value.get(last), dict):
        value[last] = leaf


def from_schema(schema: Json) -> Json:
    """The smallest value that fits a JSON Schema of the plain kind."""
    if not isinstance(schema, dict):
        return "text"
    if "const" in schema:
        return schema["const"]
    if "default" in schema:
        return schema["default"]
    if schema.get("enum"):
        return schema["enum"][0]
    for several in ("oneOf", "anyOf", "allOf"):
        if schema.get(several):
            return from_schema(schema[several][0])
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object" or "properties" in schema:
        return {name: from_schema(each) for name, each in (schema.get("properties") or {}).items()}
    if kind == "array":
        return [from_schema(schema.get("items"))] * max(1, int(schema.get("minItems", 1)))
    if kind in ("integer", "number"):
        return schema.get("minimum", schema.get("maximum", 1))
    if kind == "boolean":
        return True
    if kind == "null":
        return None
    return "text".ljust(int(schema.get("minLength", 0)), "x")
