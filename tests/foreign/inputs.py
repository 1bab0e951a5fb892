"""Inputs for a foreign definition, from its input schema or from what its expressions read."""

from __future__ import annotations

from typing import Any

from tests.foreign.reading import (
    by_name,
    expressions,
    from_schema,
    guess,
    paths,
    put,
    uri_variables,
    walk,
)

Json = Any
_OF_EVENTS = ("to", "on", "correlate")


def inputs(document: Json) -> list[Json]:
    """Inputs to try in turn: by schema, as the expressions suggest, of one kind each, and none."""
    found: list[Json] = []
    schema = ((document.get("input") or {}).get("schema") or {}).get("document")
    if schema is not None:
        found.append(from_schema(schema))
    guessed = _guessed(document)
    if schema is not None and isinstance(found[0], dict):
        found[0] = {**guessed, **found[0]}
    found += [
        guessed,
        *(_filled(guessed, leaf) for leaf in (1, "text", ["text"], "PT1S", {"id": 1}, [])),
    ]
    found += [{}, None]
    distinct: list[Json] = []
    for each in found:
        if each not in distinct:
            distinct.append(each)
    return distinct


def _guessed(document: Json) -> dict[str, Json]:
    value: dict[str, Json] = {}
    read = [
        pair for pair in expressions(document) if not any(part in _OF_EVENTS for part in pair[0])
    ]
    # What a loop goes through is decided last: it has to be a list.
    for place, source in sorted(read, key=lambda pair: pair[0][-1:] == ("in",)):
        for path, end in paths(source):
            leaf = guess(source, path, end)
            if place[-1] == "in":
                leaf = [1, 2]
            elif place[-1] in ("wait", "after", "delay"):
                leaf = 1 if "\\(" in source else "PT1S"
            put(value, path, leaf)
    for name in uri_variables(document):
        put(value, [name], by_name(name))
    for place, each in walk(document):
        # A filter of events may compare with the input: `$input.threshold`.
        if isinstance(each, str) and any(part in _OF_EVENTS for part in place):
            for path, end in paths(each):
                if each[: end - len(".".join(path)) - 1].endswith(("$input", "$workflow.input")):
                    put(value, path, 1)
    return value


def _filled(value: Json, leaf: Json) -> Json:
    if isinstance(value, dict):
        return {name: _filled(each, leaf) for name, each in value.items()}
    return leaf
