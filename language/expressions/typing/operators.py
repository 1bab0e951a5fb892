"""What operators give for types, and which comparisons cannot be meant."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches

from language.expressions import tree
from language.expressions.typing.types import (
    ARRAY,
    BOOLEAN,
    NULL,
    NUMBER,
    OBJECT,
    STRING,
    UNKNOWN,
    Property,
    Type,
    join,
    kinds_text,
    or_null,
)

COMPARISONS = frozenset(["==", "!=", "<", "<=", ">", ">="])
_PAIRS: dict[str, tuple[tuple[int, int, int], ...]] = {
    "+": ((NUMBER, NUMBER, NUMBER), (STRING, STRING, STRING), (ARRAY, ARRAY, ARRAY), (OBJECT, OBJECT, OBJECT)),
    "-": ((NUMBER, NUMBER, NUMBER), (ARRAY, ARRAY, ARRAY)),
    "*": (
        (NUMBER, NUMBER, NUMBER), (STRING, NUMBER, STRING | NULL), (NUMBER, STRING, STRING | NULL),
        (OBJECT, OBJECT, OBJECT),
    ),
    "/": ((NUMBER, NUMBER, NUMBER), (STRING, STRING, ARRAY)),
    "%": ((NUMBER, NUMBER, NUMBER),),
}  # fmt: skip


def combine(op: str, left: Type, right: Type) -> Type | None:
    """The type of a sum, product and so on; None where no two values of the types go together."""
    if not left.known or not right.known:
        return UNKNOWN
    if op == "+":
        # null adds nothing.
        if left.kinds == NULL:
            return right
        if right.kinds == NULL:
            return left
    kinds = 0
    for one, other, result in _PAIRS[op]:
        if left.kinds & one and right.kinds & other:
            kinds |= result
    if not kinds:
        return None
    if op == "+" and (left.kinds | right.kinds) & NULL:
        kinds |= left.kinds if right.kinds & NULL else 0
        kinds |= right.kinds if left.kinds & NULL else 0
    if op == "+" and kinds == OBJECT:
        return _merged(left, right)
    if kinds == ARRAY and op in "+-":
        items = left.items
        if op == "+":
            items = join(left.items, right.items) if left.items and right.items else None
        return Type(ARRAY, items=items)
    if kinds & NULL:
        return or_null(Type(kinds & ~NULL))
    return Type(kinds)


def _merged(left: Type, right: Type) -> Type:
    """The type of `left + right`, both objects or null: what the right one has counts."""
    if not left.kinds & OBJECT or not right.kinds & OBJECT:
        return left if left.kinds & OBJECT else right
    properties = dict(left.properties)
    for name, found in right.properties.items():
        before = properties.get(name)
        if found.presence == "always" and not right.kinds & NULL:
            properties[name] = found
        elif before is not None:
            properties[name] = Property(join(before.type, found.type), before.presence)
        else:
            properties[name] = Property(found.type) if not left.closed else found
    if not right.closed:
        # A field that the right one does not name may replace one of the left.
        properties = {
            name: found if name in right.properties else Property(UNKNOWN, found.presence)
            for name, found in properties.items()
        }
    return Type(OBJECT, properties=properties, closed=left.closed and right.closed)


Said = tuple[str, str, str]


def compared(
    node: tree.Binary, left: Type, right: Type, text: Callable[[tree.Node], str]
) -> Said | None:
    """What is wrong with a comparison: kind of the remark, message, hint."""
    if not left.known or not right.known:
        return None
    if node.op in ("==", "!="):
        return _equality(node, left, right, text)
    one, other = left.kinds & ~NULL, right.kinds & ~NULL
    if one and other and not _groups(one) & _groups(other):
        return (
            "kinds",
            (
                f"{text(node.left)} is {kinds_text(one)}, and {text(node.right)} {kinds_text(other)}: "
                "their order says nothing"
            ),
            "Values of different kinds are ordered by kind. Compare two of the same.",
        )
    for side, kind in ((node.left, left), (node.right, right)):
        if kind.may_be_null:
            return (
                "null",
                f"{text(side)} may be null, and null is less than everything",
                (
                    "Say what counts then, for example ("
                    f"{text(side)} // {_sample(kind.kinds)}), or ask for {text(side)} != null first."
                ),
            )
    return None


def _sample(kinds: int) -> str:
    return "0" if kinds & NUMBER else '""'


def _groups(kinds: int) -> int:
    return kinds | BOOLEAN if kinds & BOOLEAN else kinds


def _equality(
    node: tree.Binary, left: Type, right: Type, text: Callable[[tree.Node], str]
) -> Said | None:
    verdict = "never equal" if node.op == "==" else "always different"
    if NULL in (left.kinds, right.kinds) or left.kinds & right.kinds & NULL:
        return None
    if not _groups(left.kinds) & _groups(right.kinds):
        return (
            "equality",
            (
                f"{text(node.left)} is {kinds_text(left.kinds)}, and {text(node.right)} "
                f"{kinds_text(right.kinds)}: they are {verdict}"
            ),
            "",
        )
    common = left.kinds & right.kinds
    if common & ~(STRING | NUMBER) or left.values is None or right.values is None:
        return None
    if any(value in right.values for value in left.values):
        return None
    listed, written = (left, right) if len(left.values) >= len(right.values) else (right, left)
    other = node.left if listed is left else node.right
    values = [str(value) for value in listed.values or ()]
    wanted = str((written.values or ("",))[0])
    close = get_close_matches(wanted, values, 1, 0.4)
    hint = f"Did you mean {close[0]}?" if close else f"It may be {', '.join(values[:10])}."
    return "equality", f'{text(other)} is never "{wanted}"', hint
