"""JSON Schema to type: what a schema certainly says, and nothing of what it says beyond that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from language.expressions.typing.types import (
    ANYTHING,
    ARRAY,
    BOOLEAN,
    NULL,
    NUMBER,
    OBJECT,
    STRING,
    UNKNOWN,
    Presence,
    Property,
    Type,
    field_of,
    join_all,
    of_value,
    or_null,
)

_KINDS = {
    "null": NULL, "boolean": BOOLEAN, "number": NUMBER, "integer": NUMBER, "string": STRING,
    "array": ARRAY, "object": OBJECT,
}  # fmt: skip
_OPENING = ("patternProperties", "unevaluatedProperties", "dependentSchemas", "if", "$dynamicRef")
_DEEPEST = 24


def of_schema(schema: Any, root: Any = None, depth: int = 0) -> Type:
    """The type of the values that a JSON Schema accepts.

    Args:
        schema: The schema; what is none gives `UNKNOWN`.
        root: The document in which `$ref` is looked up; the schema itself by default.
        depth: How far down this is.
    """
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        return UNKNOWN
    root = schema if root is None else root
    kind = _own(schema, root, depth)
    reference = schema.get("$ref")
    if reference is not None:
        kind = meet(kind, of_schema(_referred(reference, root), root, depth + 1))
    for part in _list(schema.get("allOf")):
        kind = meet(kind, of_schema(part, root, depth + 1))
    for word in ("anyOf", "oneOf"):
        parts = _list(schema.get(word))
        if parts:
            options = [meet(kind, of_schema(part, root, depth + 1)) for part in parts]
            possible = [option for option in options if option.kinds]
            kind = join_all(possible) if possible else UNKNOWN
    if schema.get("nullable") is True:
        kind = or_null(kind, doubtful=False)
    return kind


def _own(schema: Mapping[str, Any], root: Any, depth: int) -> Type:
    kinds = _kinds_of(schema.get("type"))
    if "type" not in schema and isinstance(schema.get("properties"), Mapping):
        # By the letter such a schema accepts any text as well; nobody who names fields means that.
        kinds = OBJECT
    values: tuple[Any, ...] | None = None
    listed = schema.get("enum")
    if "const" in schema:
        listed = [schema["const"]]
    if isinstance(listed, list) and listed:
        given = join_all([of_value(value) for value in listed])
        kinds &= given.kinds
        if not given.kinds & (ARRAY | OBJECT):
            values = given.values
    if not kinds & (ARRAY | OBJECT):
        return Type(kinds, values=values)
    properties, rest, closed = _fields(schema, root, depth)
    return Type(
        kinds,
        properties=properties,
        rest=rest,
        closed=closed,
        items=_items(schema, root, depth),
        values=values,
    )


def _kinds_of(named: Any) -> int:
    if isinstance(named, str):
        return _KINDS.get(named, ANYTHING)
    if isinstance(named, Sequence):
        kinds = 0
        for each in named:
            kinds |= _KINDS.get(each, ANYTHING) if isinstance(each, str) else ANYTHING
        return kinds or ANYTHING
    return ANYTHING


def _fields(
    schema: Mapping[str, Any], root: Any, depth: int
) -> tuple[dict[str, Property], Type | None, bool]:
    given = schema.get("properties")
    required = schema.get("required")
    names = [each for each in _list(required) if isinstance(each, str)]
    properties: dict[str, Property] = {}
    for name, part in given.items() if isinstance(given, Mapping) else ():
        presence: Presence = "unstated"
        if name in names:
            presence = "always"
        elif names:
            # Who says which fields are required says that the others may be missing.
            presence = "maybe"
        properties[str(name)] = Property(of_schema(part, root, depth + 1), presence)
    more = schema.get("additionalProperties", True)
    opened = any(word in schema for word in _OPENING)
    rest = of_schema(more, root, depth + 1) if isinstance(more, Mapping) and not opened else None
    return properties, rest, more is False and not opened


def _items(schema: Mapping[str, Any], root: Any, depth: int) -> Type | None:
    items = schema.get("items")
    if not isinstance(items, Mapping) or "prefixItems" in schema:
        return None
    return of_schema(items, root, depth + 1)


def meet(left: Type, right: Type) -> Type:
    """A type of the values that have both; never narrower than that."""
    if left is UNKNOWN:
        return right
    if right is UNKNOWN:
        return left
    kinds = left.kinds & right.kinds
    values = left.values if right.values is None else right.values
    if left.values is not None and right.values is not None:
        values = tuple(value for value in left.values if value in right.values)
    properties: dict[str, Property] = {}
    for name in dict.fromkeys((*left.properties, *right.properties)):
        one, other = field_of(left, name), field_of(right, name)
        if one.type.kinds == 0 or other.type.kinds == 0:
            continue
        presence = one.presence if other.presence == "unstated" else other.presence
        if "always" in (one.presence, other.presence):
            presence = "always"
        properties[name] = Property(meet(one.type, other.type), presence)
    return Type(
        kinds,
        properties=properties,
        rest=left.rest or right.rest,
        closed=left.closed or right.closed,
        items=left.items or right.items,
        values=values,
        doubtful=left.doubtful and right.doubtful,
    )


def _referred(reference: Any, root: Any) -> Any:
    """What a reference inside of the document means; None for others."""
    if not isinstance(reference, str) or not reference.startswith("#"):
        return None
    found = root
    for key in [part for part in reference[1:].split("/") if part]:
        key = key.replace("~1", "/").replace("~0", "~")
        if not isinstance(found, Mapping) or key not in found:
            return None
        found = found[key]
    return found


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
