"""What is known of a value before there is one: kinds, fields, items, and the values it may have.

A type is a claim: what it does not say, it leaves open. `UNKNOWN` claims nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

NULL, FALSE, TRUE, NUMBER, STRING, ARRAY, OBJECT = 1, 2, 4, 8, 16, 32, 64
BOOLEAN = FALSE | TRUE
ANYTHING = 127
FALSY = NULL | FALSE

_NAMES = (
    (OBJECT, "an object"), (ARRAY, "a list"), (STRING, "a text"), (NUMBER, "a number"),
    (BOOLEAN, "true or false"), (NULL, "null"),
)  # fmt: skip
_DEEPEST = 12
_MOST_VALUES = 50

Presence = Literal["always", "maybe", "unstated"]
"""Whether a field is there: `maybe` where the claim says that it may be missing."""


class Property(NamedTuple):
    """A field of an object."""

    type: Type
    presence: Presence = "unstated"


@dataclass(frozen=True, slots=True, eq=False)
class Type:
    """A claim about a value.

    `kinds`: the kinds that it may have, as bits. `properties`, `rest`, `closed`: its fields if it is
    an object; other fields have the type `rest`, or are not there when it is closed. `items`: what it
    holds if it is a list; None is unknown. `values`: the only texts or numbers that it may be.
    `doubtful`: it may be null, though nobody has said so.
    """

    kinds: int
    properties: Mapping[str, Property] = field(default_factory=dict)
    rest: Type | None = None
    closed: bool = False
    items: Type | None = None
    values: tuple[Any, ...] | None = None
    doubtful: bool = False

    @property
    def known(self) -> bool:
        """Whether the claim is narrow enough to say that something is wrong with the value."""
        return self.kinds > 0 and (self.kinds & ~NULL).bit_count() <= 4

    @property
    def may_be_null(self) -> bool:
        """Whether it is claimed that the value may be null."""
        return bool(self.kinds & NULL) and not self.doubtful


UNKNOWN = Type(ANYTHING)
NEVER = Type(0)
NOTHING = Type(NULL)
YES_OR_NO = Type(BOOLEAN)
A_NUMBER = Type(NUMBER)
A_TEXT = Type(STRING)
A_LIST = Type(ARRAY)
AN_OBJECT = Type(OBJECT)


def kinds_text(kinds: int) -> str:
    """The kinds in words: `a text or null`."""
    words = [word for bits, word in _NAMES if kinds & bits]
    return " or ".join(words) if words else "nothing"


def only(kind: Type, kinds: int) -> Type:
    """The type without the kinds that are not among these."""
    left = kind.kinds & kinds
    if left == kind.kinds:
        return kind
    doubtful = kind.doubtful and bool(left & NULL)
    return replace(kind, kinds=left, doubtful=doubtful)


def or_null(kind: Type, *, doubtful: bool = True) -> Type:
    """The type, or null; `doubtful` where that is only possible."""
    if kind.kinds & NULL:
        return kind
    return replace(kind, kinds=kind.kinds | NULL, doubtful=doubtful)


def list_of(items: Type) -> Type:
    """A list of these."""
    return Type(ARRAY, items=items if items.kinds else None)


def record_of(fields: Mapping[str, Type], *, closed: bool = True) -> Type:
    """An object that has all these fields."""
    properties = {name: Property(kind, "always") for name, kind in fields.items()}
    return Type(OBJECT, properties=properties, closed=closed)


def open_record(fields: Mapping[str, Type]) -> Type:
    """An object that may have these fields and others."""
    return Type(OBJECT, properties={name: Property(kind) for name, kind in fields.items()})


def of_value(value: Any, depth: int = 0) -> Type:
    """The type of a value that is written out."""
    if value is None:
        return NOTHING
    if value is True or value is False:
        return Type(TRUE if value else FALSE)
    if isinstance(value, str):
        return Type(STRING, values=(value,))
    if isinstance(value, int | float):
        return Type(NUMBER, values=(value,))
    if depth > _DEEPEST:
        return UNKNOWN
    if isinstance(value, list):
        return list_of(join_all([of_value(item, depth + 1) for item in value]))
    if isinstance(value, Mapping):
        return record_of({str(k): of_value(v, depth + 1) for k, v in value.items()})
    return UNKNOWN


def join_all(kinds: list[Type]) -> Type:
    """The type of a value that has one of these types."""
    joined = NEVER
    for kind in kinds:
        joined = join(joined, kind)
    return joined


def join(left: Type, right: Type, depth: int = 0) -> Type:
    """The type of a value that has one of the two."""
    if left is right or right.kinds == 0:
        return left
    if left.kinds == 0:
        return right
    if ANYTHING in (left.kinds, right.kinds) or depth > _DEEPEST:
        return UNKNOWN
    kinds = left.kinds | right.kinds
    nullable = [each for each in (left, right) if each.kinds & NULL]
    joined = Type(
        kinds,
        items=_joined_items(left, right, depth),
        values=_joined_values(left, right),
        doubtful=bool(nullable) and all(each.doubtful for each in nullable),
    )
    if not left.kinds & OBJECT or not right.kinds & OBJECT:
        holder = left if left.kinds & OBJECT else right
        return replace(joined, properties=holder.properties, rest=holder.rest, closed=holder.closed)
    properties: dict[str, Property] = {}
    for name in dict.fromkeys((*left.properties, *right.properties)):
        one, other = field_of(left, name), field_of(right, name)
        properties[name] = Property(
            join(one.type, other.type, depth + 1), _joined_presence(one.presence, other.presence)
        )
    rest = None
    if left.rest is not None and right.rest is not None:
        rest = join(left.rest, right.rest, depth + 1)
    return replace(joined, properties=properties, rest=rest, closed=left.closed and right.closed)


def field_of(kind: Type, name: str) -> Property:
    """A field of an object; of one that is not there, a property without a type."""
    found = kind.properties.get(name)
    if found is not None:
        return found
    if kind.closed:
        return Property(NEVER, "maybe")
    return Property(kind.rest or UNKNOWN)


def _joined_presence(one: Presence, other: Presence) -> Presence:
    if "maybe" in (one, other):
        return "maybe"
    return "always" if one == other == "always" else "unstated"


def _joined_items(left: Type, right: Type, depth: int) -> Type | None:
    if left.kinds & ARRAY and right.kinds & ARRAY:
        if left.items is None or right.items is None:
            return None
        return join(left.items, right.items, depth + 1)
    return left.items if left.kinds & ARRAY else right.items


def _joined_values(left: Type, right: Type) -> tuple[Any, ...] | None:
    listed = NUMBER | STRING
    if left.kinds & listed and right.kinds & listed:
        if left.values is None or right.values is None:
            return None
        values = tuple(dict.fromkeys((*left.values, *right.values)))
        return values if len(values) <= _MOST_VALUES else None
    return left.values if left.kinds & listed else right.values


def items_of(kind: Type) -> Type:
    """The type of what `.[]` gives."""
    if not kind.known:
        return UNKNOWN
    found: list[Type] = []
    if kind.kinds & ARRAY:
        found.append(kind.items or UNKNOWN)
    if kind.kinds & OBJECT:
        found += [each.type for each in kind.properties.values()]
        if not kind.closed:
            found.append(kind.rest or UNKNOWN)
    joined = join_all(found)
    return joined if joined.kinds else UNKNOWN


# Narrowing: what is known after a condition held


class Change(NamedTuple):
    """What is known of the value at a path: it has one of these kinds."""

    root: str
    keys: tuple[str, ...]
    kinds: int


def narrowed(kind: Type, keys: tuple[str, ...], kinds: int) -> Type:
    """The type when the value at a path below it has one of these kinds."""
    if not keys:
        return only(kind, kinds)
    if not kind.kinds & OBJECT:
        return kind
    found = field_of(kind, keys[0])
    if found.type.kinds == 0:
        return kind
    before = found.type if found.presence == "always" else or_null(found.type)
    inner = narrowed(before, keys[1:], kinds)
    there: Presence = found.presence if kinds & NULL else "always"
    if len(keys) > 1 and not kinds & NULL:
        inner = only(inner, ANYTHING & ~NULL)
    if inner.kinds == 0:
        # It cannot come to this: nothing is claimed of what cannot be.
        return NEVER
    holder = kind if kinds & NULL else only(kind, ANYTHING & ~NULL)
    return replace(holder, properties={**kind.properties, keys[0]: Property(inner, there)})


def with_field(kind: Type, keys: tuple[str, ...], value: Type) -> Type:
    """The type after a value was set at a path below it."""
    if not keys:
        return value
    found = field_of(kind, keys[0]).type if kind.kinds & OBJECT else NEVER
    inner = with_field(found, keys[1:], value)
    if not kind.kinds & OBJECT:
        return record_of({keys[0]: inner}) if kind.kinds in (0, NULL) else UNKNOWN
    kinds = kind.kinds & ~NULL
    properties = {**kind.properties, keys[0]: Property(inner, "always")}
    return replace(kind, kinds=kinds, properties=properties, doubtful=False)


def without_field(kind: Type, name: str) -> Type:
    """The type after a field was deleted."""
    if not kind.kinds & OBJECT:
        return kind
    left = {key: found for key, found in kind.properties.items() if key != name}
    # An object that was open may have had the field: it has it no more, which nothing here says.
    return replace(kind, properties=left)
