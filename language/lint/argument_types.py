"""Expressions that give a value of another kind than the argument takes: an object for a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from language.draft import EMPTY, Draft
from language.expressions.typing import UNKNOWN, of_schema
from language.expressions.typing import check as check_types
from language.expressions.typing.types import (
    ANYTHING,
    ARRAY,
    BOOLEAN,
    NULL,
    NUMBER,
    OBJECT,
    STRING,
    kinds_text,
)
from language.lint.case_types import case_type
from language.sites import Site, sites_of
from language.tree import TaskNode

_KINDS: Mapping[str, int] = {
    "string": STRING,
    "number": NUMBER,
    "integer": NUMBER,
    "boolean": BOOLEAN,
    "object": OBJECT,
    "array": ARRAY,
    "null": NULL,
}


def check(draft: Draft) -> None:
    """Hold what expressions of the case's data give against the schemas of arguments."""
    said = [(each.line, each.column) for each in draft.report.findings]
    schema = draft.part("input", "schema").get("document")
    given = (
        UNKNOWN if schema is None or draft.part("input").get("from") else of_schema(schema.value)
    )
    case: Any = None
    for site in sites_of(draft):
        if site.program is None or site.task is None or site.variables:
            continue
        wanted = _wanted(draft, site.task, site)
        allowed = ANYTHING if wanted is None else _kinds(wanted)
        if allowed == ANYTHING or not site.program.paths:
            continue
        if any(path.root != "$case" for path in site.program.paths):
            continue
        case = case or case_type(draft, given)
        kinds = check_types(site.program, UNKNOWN, {"case": case}).type.kinds
        # Null is another matter: whether it may come is not what this is about.
        if kinds in (0, ANYTHING) or kinds & allowed & ~NULL or not kinds & ~NULL:
            continue
        line, column = site.place_of(0)
        # One cause is one finding: an expression that is wrong in itself has been named.
        if any(line == at and column <= where for at, where in said):
            continue
        source = site.source.strip()
        offset = len(site.source) - len(site.source.lstrip())
        line, column = site.place_of(offset)
        draft.report.say_at(
            "CW322",
            line,
            column,
            f'"{site.where[-1]}" takes {kinds_text(allowed & ~NULL)}, '
            f"and this gives {kinds_text(kinds & ~NULL)}",
            "Name one of its fields." if kinds & OBJECT else "",
            len(source),
        )


def _wanted(draft: Draft, task: TaskNode, site: Site) -> Mapping[str, Any] | None:
    """The schema of the place at which an expression stands, where it is known."""
    if site.where[:1] == ("with",):
        name = task.function
        function = draft.resolve(name).function if name else None
        return None if function is None else _at(function.arguments, site.where[1:])
    if site.where[:3] == ("run", "workflow", "input"):
        called = ((task.node.get("run") or EMPTY).get("workflow") or EMPTY).get("name")
        schema = draft.inputs.get(called.text) if called is not None and called.text else None
        return _at(schema, site.where[3:]) if isinstance(schema, Mapping) else None
    return None


def _at(schema: Mapping[str, Any], keys: Sequence[str]) -> Mapping[str, Any] | None:
    for key in keys:
        if "anyOf" in schema or ("oneOf" in schema and "properties" not in schema):
            return None
        properties = schema.get("properties")
        inner = properties.get(key) if isinstance(properties, Mapping) else None
        if inner is None:
            inner = schema.get("items") if key.isdigit() else None
        if not isinstance(inner, Mapping):
            return None
        schema = inner
    return schema


def _kinds(schema: Mapping[str, Any]) -> int:
    """The kinds that a schema allows, as bits; everything where it does not say."""
    kind = schema.get("type")
    if kind is not None:
        bits = 0
        for each in [kind] if isinstance(kind, str) else kind:
            bits |= _KINDS.get(each, ANYTHING) if isinstance(each, str) else ANYTHING
        return bits
    alternatives = schema.get("anyOf")
    if isinstance(alternatives, list):
        bits = 0
        for each in alternatives:
            bits |= _kinds(each) if isinstance(each, Mapping) else ANYTHING
        return bits
    return ANYTHING
