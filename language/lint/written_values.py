"""The only texts that a field of the case can hold, where all that writes it says which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from language.draft import EMPTY, Draft
from language.lint.case_data import result_schema
from language.sites import sites_of
from language.source import Node
from language.templates import is_expression


def written_values(draft: Draft, field: str) -> tuple[str, ...] | None:
    """Every text that the definition writes into a field of `$case`; None where one is not known.

    A part that works on the record of the whole matter does not know what others write there.
    """
    if (draft.metadata.get("record") or EMPTY).text == "matter":
        return None
    found: dict[str, None] = {}
    for node in _writers(draft, field):
        values = None if node is None else _values(draft, node)
        if values is None:
            return None
        found |= dict.fromkeys(values)
    return tuple(found) or None


def _writers(draft: Draft, field: str) -> Iterator[Node | None]:
    """What is written; None for a place that computes what it writes."""
    record = (draft.metadata.get("start") or EMPTY).get("record")
    if record is not None:
        yield from _entry(record, field)
    for task in draft.tasks:
        function = draft.resolve(task.function).function if task.function else None
        if function is not None and function.name == "case.update":
            yield from _entry(task.node.get("with") or EMPTY, field)


def _entry(node: Node, field: str) -> Iterator[Node | None]:
    if node is not EMPTY and node.entries is None:
        yield None
    elif (value := node.get(field)) is not None:
        yield value


def _values(draft: Draft, node: Node) -> list[str] | None:
    if node.text is None:
        return [] if node.kind == "null" else None
    if not is_expression(node.text):
        return [node.text]
    site = _sites(draft).get(id(node))
    paths = list(site.program.paths) if site is not None and site.program is not None else []
    if len(paths) != 1 or site is None or paths[0].length != len(site.source.strip()):
        return None
    path = paths[0]
    if path.root != "$case" or path.keys[:1] != ("results",) or len(path.keys) < 3:
        return None
    task = draft.results.get(str(path.keys[1]))
    schema: Any = None if task is None else result_schema(draft, task)
    for key in path.keys[2:]:
        properties = schema.get("properties") if isinstance(schema, Mapping) else None
        schema = properties.get(key) if isinstance(properties, Mapping) else None
    listed = schema.get("enum") if isinstance(schema, Mapping) else None
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        return None
    return list(listed)


def _sites(draft: Draft) -> dict[int, Any]:
    known: dict[int, Any] | None = draft.cache.get("sites by node")
    if known is None:
        known = draft.cache["sites by node"] = {id(each.node): each for each in sites_of(draft)}
    return known
