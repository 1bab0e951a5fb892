"""Parts of a schema that stand in it several times, written once.

Who, when and what to say are arguments of nearly every function: spelled out each time, an editor
would have to read a megabyte.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]

_LEAST = 160
"""Characters from which on a part is worth a name."""


def with_shared_parts(schema: Mapping[str, Any]) -> Schema:
    """The same schema with references to `definitions` for whatever it says repeatedly."""
    counts: Counter[str] = Counter()
    _count(schema, counts)
    names: dict[str, str] = {}
    definitions: Schema = {}

    def shared(value: Any, *, is_root: bool = False) -> Any:
        if isinstance(value, list):
            return [shared(each) for each in value]
        if not isinstance(value, dict):
            return value
        told = _told(value)
        if is_root or counts[told] < 2 or len(told) < _LEAST or not _is_schema(value):
            return {key: shared(each) for key, each in value.items()}
        if told not in names:
            names[told] = name = _name(value, names)
            definitions[name] = {key: shared(each) for key, each in value.items()}
        return {"$ref": f"#/definitions/{names[told]}"}

    own = {name: shared(each, is_root=True) for name, each in schema.get("definitions", {}).items()}
    root = {key: shared(each) for key, each in schema.items() if key != "definitions"}
    every = own | definitions
    return {**root, "definitions": every} if every else root


def _count(value: Any, counts: Counter[str]) -> None:
    if isinstance(value, list):
        for each in value:
            _count(each, counts)
    elif isinstance(value, dict):
        told = _told(value)
        counts[told] += 1
        # What stands in a repeated part is written once with it.
        if counts[told] < 2 or len(told) < _LEAST:
            for each in value.values():
                _count(each, counts)


def _told(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _is_schema(value: Mapping[str, Any]) -> bool:
    """Whether it is a schema, and no map of properties."""
    keywords = {"type", "anyOf", "oneOf", "allOf", "enum", "const"}
    return any(
        key in keywords and not (key == "type" and isinstance(each, dict))
        for key, each in value.items()
    )


def _name(value: Mapping[str, Any], taken: Mapping[str, str]) -> str:
    words = re.findall(r"[A-Za-z]+", str(value.get("description", "")) or "part")
    base = "-".join(words[:4]).lower() or "part"
    name, number = base, 2
    while name in taken.values():
        name, number = f"{base}-{number}", number + 1
    return name
