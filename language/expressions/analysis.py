"""Static facts about an expression: the variables it reads, and the paths it reads by name."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from language.expressions import tree
from language.expressions.binding import pattern_names


@dataclass(frozen=True, slots=True)
class Path:
    """A read by fixed names: `root` is "." or "$name"; place and length are in characters."""

    root: str
    keys: tuple[str, ...]
    offset: int
    length: int


def free_variables(node: tree.Node) -> tuple[str, ...]:
    """The variables that an expression reads and does not bind, in order of appearance."""
    found: dict[str, int] = {}
    _walk(node, frozenset(), None, found, [])
    return tuple(sorted(found, key=lambda name: (found[name], name)))


def static_paths(node: tree.Node) -> tuple[Path, ...]:
    """The longest reads by fixed names from the input and from free variables.

    Where `.` has become something else (right of a pipe, inside `map`), reads from it are left out;
    a variable bound to such a read is followed no further.
    """
    paths: list[Path] = []
    _walk(node, frozenset(), ".", {}, paths)
    return tuple(sorted(paths, key=lambda path: (path.offset, path.length)))


_KEEP_INPUT = frozenset({"select", "empty", "error", "first", "last", "limit", "skip", "isempty"})


def _walk(
    node: Any,
    bound: frozenset[str],
    here: str | None,
    variables: dict[str, int],
    paths: list[Path],
) -> None:
    """Visits a construct; `here` is "." while the input is still the expression's own."""
    kind = node.__class__
    if kind is tree.Variable:
        if node.name not in bound:
            variables.setdefault(node.name, node.offset)
            paths.append(Path("$" + node.name, (), node.offset, node.end - node.offset))
        return
    if kind is tree.Index or kind is tree.Iterate or kind is tree.Slice:
        if _static(node, bound, here, variables, paths):
            return
        _walk(node.target, bound, here, variables, paths)
        for part in _keys(node):
            _walk(part, bound, here, variables, paths)
    elif kind is tree.Pipe:
        _walk(node.left, bound, here, variables, paths)
        after = here if _passes(node.left) else None
        _walk(node.right, bound, after, variables, paths)
    elif kind is tree.Bind:
        _walk(node.source, bound, here, variables, paths)
        inner = bound | frozenset(pattern_names(node.patterns))
        for pattern in node.patterns:
            _walk_pattern(pattern, inner, variables, paths)
        _walk(node.body, inner, here, variables, paths)
    elif kind is tree.Reduce or kind is tree.Foreach:
        _walk(node.source, bound, here, variables, paths)
        _walk(node.start, bound, here, variables, paths)
        inner = bound | frozenset(pattern_names(node.patterns))
        for pattern in node.patterns:
            _walk_pattern(pattern, inner, variables, paths)
        _walk(node.update, inner, None, variables, paths)
        if kind is tree.Foreach and node.extract is not None:
            _walk(node.extract, inner, None, variables, paths)
    elif kind is tree.Define:
        values = frozenset(name[1:] for name in node.parameters if name.startswith("$"))
        _walk(node.body, bound | values, None, variables, paths)
        _walk(node.rest, bound, here, variables, paths)
    elif kind is tree.Call:
        for argument in node.arguments:
            inner_here = here if node.name in _KEEP_INPUT else None
            _walk(argument, bound, inner_here, variables, paths)
    elif kind is tree.Try:
        _walk(node.body, bound, here, variables, paths)
        if node.handler is not None:
            _walk(node.handler, bound, None, variables, paths)
    elif kind is tree.Assign:
        _walk(node.left, bound, here, variables, paths)
        _walk(node.right, bound, None if node.op == "|=" else here, variables, paths)
    elif kind is tree.Object:
        for key, value in node.entries:
            _walk(key, bound, here, variables, paths)
            _walk(value, bound, here, variables, paths)
    else:
        for entry in fields(node):
            child = getattr(node, entry.name)
            if isinstance(child, tree.Node):
                _walk(child, bound, here, variables, paths)
            elif isinstance(child, tuple):
                for part in child:
                    if isinstance(part, tree.Node):
                        _walk(part, bound, here, variables, paths)


def _passes(node: Any) -> bool:
    """Whether a stage of a pipe gives its own input on, as `select` does."""
    return node.__class__ is tree.Identity or (
        node.__class__ is tree.Call and node.name == "select" and len(node.arguments) == 1
    )


def _keys(node: Any) -> list[tree.Node]:
    if node.__class__ is tree.Index:
        return [node.key]
    if node.__class__ is tree.Slice:
        return [part for part in (node.start, node.stop) if part is not None]
    return []


def _static(
    node: Any,
    bound: frozenset[str],
    here: str | None,
    variables: dict[str, int],
    paths: list[Path],
) -> bool:
    """Notes the read when the whole chain is fixed names on a root."""
    keys: list[str] = []
    at = node
    while at.__class__ is tree.Index:
        if at.key.__class__ is not tree.Literal or at.key.value.__class__ is not str:
            return False
        keys.append(at.key.value)
        at = at.target
    keys.reverse()
    length = node.end - node.offset
    if at.__class__ is tree.Identity:
        if here is not None:
            paths.append(Path(here, tuple(keys), node.offset, length))
        return True
    if at.__class__ is tree.Variable:
        if at.name not in bound:
            variables.setdefault(at.name, at.offset)
            paths.append(Path("$" + at.name, tuple(keys), node.offset, length))
        return True
    return False


def _walk_pattern(
    pattern: tree.Pattern,
    bound: frozenset[str],
    variables: dict[str, int],
    paths: list[Path],
) -> None:
    if isinstance(pattern, tree.ArrayPattern):
        for item in pattern.items:
            _walk_pattern(item, bound, variables, paths)
    elif isinstance(pattern, tree.ObjectPattern):
        for _, key, inner in pattern.entries:
            _walk(key, bound, None, variables, paths)
            if inner is not None:
                _walk_pattern(inner, bound, variables, paths)
