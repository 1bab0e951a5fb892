"""An OpenAPI document: its operations by id, and references within it and to others."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

import yaml
from referencing import Registry, Resource
from referencing.exceptions import Unresolvable

LONGEST_CHAIN = 20
"""References that only lead to further ones."""

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

Read = Callable[[str], str]
"""Gives the text of another document by its address, or raises."""


class DocumentUnusable(Exception):
    """A document from which nothing can be called; the argument says why."""


class Part(NamedTuple):
    """A part of a document, and the resolver of references that stand in it."""

    value: Any
    resolver: Any


class Found(NamedTuple):
    """An operation where it stands."""

    path: str
    method: str
    operation: Part
    item: Part
    """The path's own fields, which hold for all its operations."""


class Document:
    """One document, as it was read."""

    def __init__(self, text: str, address: str, read: Read) -> None:
        """Read it; `read` gives the documents that it refers to.

        Raises:
            DocumentUnusable: it is no OpenAPI document of a version that we know.
        """
        self.address = address
        self.root = parsed(text)
        if not isinstance(self.root, dict):
            raise DocumentUnusable("it holds no object")
        self.version = _version(self.root)
        registry: Registry[Any] = Registry(
            retrieve=lambda uri: Resource.opaque(parsed(read(uri)))  # type: ignore[call-arg]
        )
        registry = registry.with_resource(address, Resource.opaque(self.root))
        self._top = Part(self.root, registry.resolver(base_uri=address))

    @property
    def is_old(self) -> bool:
        """Whether it is of version 2.0, which says many things otherwise."""
        return self.version == "2.0"

    @cached_property
    def operations(self) -> Mapping[str, Found]:
        """Operations by their id.

        Raises:
            DocumentUnusable: a path is described in another document that cannot be had.
        """
        found: dict[str, Found] = {}
        for path, item in self.items(self.child(self._top, "paths")):
            item = self.resolved(item)
            for method in METHODS:
                operation = self.child(item, method)
                name = operation.value.get("operationId") if _is_map(operation) else None
                if isinstance(name, str):
                    found.setdefault(name, Found(path, method, operation, item))
        return found

    @property
    def top(self) -> Part:
        """The whole document."""
        return self._top

    def resolved(self, part: Part) -> Part:
        """What a part refers to, or the part itself.

        Raises:
            DocumentUnusable: a reference leads nowhere.
        """
        for _ in range(LONGEST_CHAIN):
            reference = part.value.get("$ref") if isinstance(part.value, dict) else None
            if not isinstance(reference, str):
                return part
            try:
                found = part.resolver.lookup(reference)
            except Unresolvable as error:
                cause = error.__cause__
                while cause is not None and isinstance(cause, Unresolvable):
                    cause = cause.__cause__
                why = f": {cause}" if cause is not None and str(cause) else ""
                raise DocumentUnusable(f"its reference {reference} leads nowhere{why}") from error
            part = Part(found.contents, found.resolver)
        raise DocumentUnusable("its references lead in a circle")

    def child(self, part: Part, name: str) -> Part:
        """The value under a name, with null where there is none."""
        value = part.value.get(name) if isinstance(part.value, dict) else None
        return Part(value, part.resolver)

    def items(self, part: Part) -> Iterator[tuple[str, Part]]:
        """Names and values of an object."""
        if isinstance(part.value, dict):
            for name, value in part.value.items():
                yield str(name), Part(value, part.resolver)

    def entries(self, part: Part) -> Iterator[Part]:
        """The entries of a list, references resolved."""
        if isinstance(part.value, list):
            for value in part.value:
                yield self.resolved(Part(value, part.resolver))


def parsed(text: str) -> Any:
    """JSON or YAML.

    Raises:
        DocumentUnusable: it is neither.
    """
    if text.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            # YAML may begin so as well.
            pass
    try:
        return yaml.load(text, _Loader)  # noqa: S506  # a safe loader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark is not None else ""
        raise DocumentUnusable(f"it is neither JSON nor YAML{where}") from error


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Plain values only; a date stays the text that it is, as in JSON."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _version(root: Mapping[str, Any]) -> str:
    old, new = root.get("swagger"), root.get("openapi")
    if str(old) == "2.0":
        return "2.0"
    if isinstance(new, str | int | float) and str(new).startswith("3."):
        return str(new)
    raise DocumentUnusable(
        f"it is of version {old or new}; versions 2.0 and 3.x are known"
        if old or new
        else "it is no OpenAPI document: it names no version under `openapi` or `swagger`"
    )


def _is_map(part: Part) -> bool:
    return isinstance(part.value, dict)
