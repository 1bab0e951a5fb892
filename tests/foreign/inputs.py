"""Inputs for a foreign definition, from its input schema or from what its expressions read."""

from __future__ import annotations

import re
from collections.abc import Iterator
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
_ENDPOINTS = ("endpoint", "uri")


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
        pair
        for pair in expressions(document)
        if pair[0][-1] == "expect" or not any(part in _OF_EVENTS for part in pair[0])
    ]
    # What a loop goes through is decided last: it has to be a list.
    for place, source in sorted(read, key=lambda pair: pair[0][-1:] == ("in",)):
        for path, end in paths(source):
            leaf = guess(source, path, end)
            if place[-1] == "in":
                leaf = _items(document, place)
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


def _items(document: Json, place: tuple[str | int, ...]) -> list[Json]:
    """Two things to loop over: objects, where the loop reads fields of its variable."""
    loop: Json = document
    for part in place[:-1]:
        loop = loop[part]
    name = re.escape(str(loop.get("each") or "item"))
    item: dict[str, Json] = {}
    for _, source in expressions(document):
        for found in re.finditer(rf"\${name}\.([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)", source):
            path = found[1].split(".")
            put(item, path, guess(source, path, found.end()))
    return [item, item] if item else [1, 2]


def answers(document: Json) -> dict[str, Json]:
    """Fields that the expressions of a definition read: what a host of which nothing is known answers."""
    value: dict[str, Json] = {}
    for place, source in expressions(document):
        for found in re.finditer(r"\.([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)", source):
            path = found[1].removeprefix("content.").split(".")
            is_address = place[-1] in _ENDPOINTS or path[-1].lower().endswith(("url", "uri"))
            leaf = guess(source, path, found.end())
            put(value, path, "https://example.org/next" if is_address else leaf)
    for address, name in _addresses(document):
        value[name] = address
        for place, source in expressions(document):
            # It was read, and kept under that name, before.
            if place[-1] == name:
                for path, _ in paths(source):
                    put(value, [part for part in path if part != "content"] or path, address)
    return value


def _addresses(document: Json) -> Iterator[tuple[str, str]]:
    """An address, and the name under which an earlier answer must have given it."""
    for place, source in expressions(document):
        found = re.search(r"([A-Za-z_]\w*)\s*$", source)
        if place[-1] in _ENDPOINTS and found is not None:
            yield "https://example.org/next", found[1]


def secrets(document: Json) -> dict[str, Json]:
    """A secret of the form in which the definition reads it: a text, or an object with these fields."""
    found: dict[str, Json] = {}
    for _, source in expressions(document):
        for read in re.finditer(r"\$secrets\.([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*)*)", source):
            if read[2]:
                kept = found.setdefault(read[1], {})
                put(kept if isinstance(kept, dict) else {}, read[2][1:].split("."), "a word")
            else:
                found.setdefault(read[1], "a word")
    return found


def _filled(value: Json, leaf: Json) -> Json:
    if isinstance(value, dict):
        return {name: _filled(each, leaf) for name, each in value.items()}
    return leaf
