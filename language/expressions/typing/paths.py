"""What a condition tells about the values at fixed paths."""

from __future__ import annotations

from language.expressions import tree
from language.expressions.typing.functions import SIGNATURES
from language.expressions.typing.types import (
    ANYTHING,
    ARRAY,
    BOOLEAN,
    FALSY,
    NULL,
    NUMBER,
    OBJECT,
    STRING,
    Change,
)

_TYPES = {
    "null": NULL, "boolean": BOOLEAN, "number": NUMBER, "string": STRING, "array": ARRAY,
    "object": OBJECT,
}  # fmt: skip


def static_path(node: tree.Node) -> tuple[str, tuple[str, ...]] | None:
    """The root ("." or a variable's name) and the fixed keys of a read; None for others."""
    keys: list[str] = []
    while isinstance(node, tree.Index):
        if not isinstance(node.key, tree.Literal) or not isinstance(node.key.value, str):
            return None
        keys.append(node.key.value)
        node = node.target
    keys.reverse()
    if isinstance(node, tree.Identity):
        return ".", tuple(keys)
    if isinstance(node, tree.Variable):
        return node.name, tuple(keys)
    return None


def changes(node: tree.Node, held: bool) -> list[Change]:
    """What is known of values by fixed paths after a condition held, or did not."""
    path = static_path(node)
    if path is not None:
        return [Change(*path, ANYTHING & ~FALSY if held else FALSY)]
    if isinstance(node, tree.Logic):
        if (node.op == "and") is held:
            return [*changes(node.left, held), *changes(node.right, held)]
        # One of the two at least was asked for: that it could be is known.
        return []
    if isinstance(node, tree.Binary):
        return _compared(node, held)
    if isinstance(node, tree.Pipe):
        return _piped(node, held)
    if isinstance(node, tree.Call) and not node.arguments and node.name == "not":
        return [Change(".", (), FALSY if held else ANYTHING & ~FALSY)]
    if isinstance(node, tree.Call) and node.name == "has" and held:
        key = node.arguments[0]
        if isinstance(key, tree.Literal) and isinstance(key.value, str):
            return [Change(".", (), OBJECT)]
    if isinstance(node, tree.Alternative) and held:
        other = node.right
        if isinstance(other, tree.Literal) and other.value in (None, False):
            return changes(node.left, held)
    return []


def _compared(node: tree.Binary, held: bool) -> list[Change]:
    for one, other in ((node.left, node.right), (node.right, node.left)):
        if not isinstance(other, tree.Literal):
            continue
        path = static_path(one)
        if path is None:
            subject = _of_type(one)
            if subject is not None and isinstance(other.value, str) and other.value in _TYPES:
                root, keys = static_path(subject) or ("", ())
                kinds = _TYPES[other.value]
                if root and node.op in ("==", "!="):
                    same = (node.op == "==") is held
                    return [Change(root, keys, kinds if same else ANYTHING & ~kinds)]
            continue
        if node.op in ("==", "!="):
            same = (node.op == "==") is held
            if other.value is None:
                return [Change(*path, NULL if same else ANYTHING & ~NULL)]
            return [Change(*path, ANYTHING & ~NULL)] if same else []
        # null is less than everything: what is more than something is not null.
        above = node.op in (">", ">=") if one is node.left else node.op in ("<", "<=")
        if above is held and other.value is not None:
            return [Change(*path, ANYTHING & ~NULL)]
    return []


def _of_type(node: tree.Node) -> tree.Node | None:
    """What a `type` asks for: the left of `left | type`, or the input."""
    if isinstance(node, tree.Pipe):
        return node.left if _of_type(node.right) is not None else None
    if isinstance(node, tree.Call) and node.name == "type" and not node.arguments:
        return tree.Identity(node.offset, node.offset, 1)
    return None


def _piped(node: tree.Pipe, held: bool) -> list[Change]:
    right = node.right
    if isinstance(right, tree.Call) and right.name == "not" and not right.arguments:
        return changes(node.left, not held)
    path = static_path(node.left)
    if path is None:
        return []
    found = [
        Change(path[0], (*path[1], *each.keys), each.kinds)
        for each in changes(right, held)
        if each.root == "."
    ]
    first = right.left if isinstance(right, tree.Binary) else right
    while isinstance(first, tree.Pipe):
        first = first.left
    if isinstance(first, tree.Call):
        signature = SIGNATURES.get(f"{first.name}/{len(first.arguments)}")
        if signature is not None and signature.takes != ANYTHING:
            # It did not fail, so it was given what it takes.
            found.append(Change(*path, signature.takes))
    if isinstance(right, tree.Binary) and _length_above_zero(right, held):
        found.append(Change(*path, ANYTHING & ~NULL))
    return found


def _length_above_zero(node: tree.Binary, held: bool) -> bool:
    return (
        held
        and node.op in (">", "!=")
        and isinstance(node.left, tree.Call)
        and node.left.name == "length"
        and isinstance(node.right, tree.Literal)
        and node.right.value == 0
    )
