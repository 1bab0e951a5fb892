"""What another definition is given: the names that its input asks for, and values that fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from language.data_fit import in_subset, is_understood
from language.draft import EMPTY, Draft
from language.report import OneCode, Place
from language.shape import Shape
from language.source import Node
from language.words import suggestion


def check(draft: Draft) -> None:
    """Compare `run: workflow` and `case.start` with the schema of what they start."""
    for name, given, place in _uses(draft):
        schema = draft.inputs.get(name)
        if not isinstance(schema, Mapping) or not is_understood(schema):
            continue
        if given is None:
            _check_nothing(draft, name, schema, place)
        elif given.entries is not None:
            what = f'the input of "{name}"'
            shape = Shape(OneCode(draft.report, "CW231"), expressions=True)
            shape.check(given, in_subset(schema), what, place)
            _check_known(draft, given, schema, what)


def _uses(draft: Draft) -> Iterator[tuple[str, Node | None, Place]]:
    """Name of the definition, its input, and where to say that something is missing."""
    for task in draft.tasks:
        workflow = (task.node.get("run") or EMPTY).get("workflow")
        arguments = workflow
        key = "name"
        if workflow is None:
            name = task.function
            function = draft.resolve(name).function if name else None
            if function is None or function.name != "case.start":
                continue
            arguments, key = task.node.get("with"), "definition"
        called = (arguments or EMPTY).get(key)
        if arguments is not None and called is not None and called.text:
            yield called.text, arguments.get("input"), arguments.key("input") or called


def _check_nothing(draft: Draft, name: str, schema: Mapping[str, Any], place: Place) -> None:
    required = schema.get("required")
    if isinstance(required, list) and required:
        draft.report.say(
            "CW231",
            place,
            f'"{name}" asks for {", ".join(map(str, required))}, and is given nothing',
            "Give it under input.",
        )


def _check_known(draft: Draft, given: Node, schema: Mapping[str, Any], what: str) -> None:
    known = schema.get("properties")
    if not isinstance(known, Mapping) or not known or "additionalProperties" in schema:
        return
    for key, _ in given.entries or ():
        if key.name not in known:
            draft.report.say(
                "CW224",
                key,
                f'the schema of {what} does not mention "{key.name}"',
                suggestion(key.name, known, allowed="It has"),
            )
