"""Whether data fits a schema that an author wrote, as far as our own check of shapes can say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_UNDERSTOOD = frozenset(
    {
        "$schema", "$id", "$comment", "title", "description", "default", "examples", "example",
        "type", "properties", "required", "additionalProperties", "items", "enum", "const",
        "pattern", "minimum", "maximum", "minLength", "minItems", "minProperties", "format",
        "maxLength", "maxItems", "maxProperties", "uniqueItems", "deprecated", "readOnly",
    }
)  # fmt: skip
"""Keywords with which `Shape` can say whether data fits a schema; formats of authors are left be."""


def is_understood(schema: Any) -> bool:
    """Whether every keyword of a schema is one that can be judged here."""
    if isinstance(schema, bool):
        return True
    if not isinstance(schema, Mapping) or not all(
        key in _UNDERSTOOD or key.startswith("x-") for key in schema
    ):
        return False
    inner = [*(schema.get("properties") or {}).values()]
    inner += [schema[key] for key in ("items", "additionalProperties") if key in schema]
    return all(is_understood(each) for each in inner)


def in_subset(schema: Any) -> Any:
    """The schema in the subset of `Shape`: without formats and texts for people."""
    if not isinstance(schema, Mapping):
        return {} if schema is True else schema
    left = {key: value for key, value in schema.items() if key not in ("format", "title", "description")}  # fmt: skip
    if isinstance(left.get("properties"), Mapping):
        left["properties"] = {key: in_subset(value) for key, value in left["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(left.get(key), Mapping):
            left[key] = in_subset(left[key])
    return left
