"""Functions with a body: the file's own, and those of other files and addresses; schemas likewise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from language.calls import Resolved
from language.draft import EMPTY, Draft, FunctionDraft
from language.functions.schemas import record
from language.json_schema import SchemaCheck
from language.report import Place, Report
from language.resources import ResourceLater, ResourceMissing
from language.shape import Shape
from language.source import Node
from language.tree import TaskNode

_LATER = "It is fetched and checked when the definition is published, and pinned by its digest."
_KEPT = ("type", "enum", "const", "minLength", "minimum", "maximum", "minItems")
"""Keywords of a function's schema that are held against what stands in the definition."""


def check(draft: Draft) -> None:
    """Check calls of functions that come from elsewhere, and schemas."""
    for task in draft.tasks:
        for key in ("input", "output", "export"):
            check_schema(draft, task.node.get(key))
    for key in ("input", "output"):
        check_schema(draft, draft.root.get(key))


def check_circles(draft: Draft) -> None:
    """Say where a function comes to call itself, over whichever others."""
    done: dict[str, None] = {}
    for name in draft.own_functions:
        _follow(draft, f"use.functions.{name}", (), done)
    for each in draft.elsewhere.all_functions():
        assert isinstance(each, FunctionDraft)
        _follow(draft, each.base, (), done)


def check_call(
    draft: Draft, task: TaskNode, called: Node, resolved: Resolved, *, is_alias: bool
) -> None:
    """Check the call of a function with a body, and its arguments against what it takes."""
    body = _body(draft, resolved, called)
    if body is None or is_alias:
        return
    owner, node = body
    schema = owner.known_schema(node.get("input"))
    given = task.node.get("with")
    place: Place = called if given is None else task.node.key("with") or called
    if schema is not None:
        arguments = given or Node(called.line, called.column, called.length, entries=())
        what = f'the function "{called.text}"'
        Shape(draft.report, expressions=True).check(arguments, _plain(schema.value), what, place)


def check_schema(draft: Draft, part: Node | None) -> None:
    """Check that a schema of another document can be read, and is one."""
    resource = ((part.get("schema") if part is not None else None) or EMPTY).key("resource")
    if part is None or resource is None:
        return
    endpoint = ((part.get("schema") or EMPTY).get("resource") or EMPTY).get("endpoint")
    place = endpoint or resource
    try:
        found = draft.schema(part)
    except ResourceLater:
        draft.report.say("CW219", place, "the schema is not read here", _LATER)
        return
    except ResourceMissing as error:
        draft.report.say("CW218", place, f"the schema cannot be read: {error}")
        return
    if found is None:
        return
    if found.entries is None and found.kind != "boolean":
        draft.report.say(
            "CW220",
            place,
            "the document is no JSON Schema",
            "A schema has keys such as type: object.",
        )
        return
    report = Report(draft.schema_file(part))
    SchemaCheck(report, "CW119").check(found, "the schema")
    draft.report.findings += report.findings


def _body(draft: Draft, resolved: Resolved, called: Node) -> tuple[Draft, Node] | None:
    """The body of a function, and the document that it stands in."""
    if resolved.body is not None:
        return draft, resolved.body
    if not resolved.elsewhere:
        return None
    try:
        function = draft.function_elsewhere(resolved)
    except ResourceLater:
        draft.report.say("CW219", called, f'the function "{called.text}" is not read here', _LATER)
        return None
    except ResourceMissing as error:
        draft.report.say(
            "CW218",
            called,
            f'the function "{called.text}" cannot be read: {error}',
            "Check its name and its folder; the path starts at the file that names it.",
        )
        return None
    if function.source.root is None or function.body.entries is None:
        draft.report.say(
            "CW220",
            called,
            f'"{called.text}" is no function',
            "A function is one task: `set:`, `do:` or `call:` with its keys, and perhaps input and output.",
        )
        return None
    return function, function.body


def _plain(schema: Any) -> Mapping[str, Any]:
    """What of a JSON Schema can be said about arguments of which some are expressions."""
    if not isinstance(schema, dict) or not isinstance(schema.get("properties", {}), dict):
        return {}
    required = schema.get("required")
    return record(
        {
            name: {key: each[key] for key in _KEPT if key in each}
            for name, each in schema.get("properties", {}).items()
            if isinstance(each, dict)
        },
        [each for each in required if isinstance(each, str)] if isinstance(required, list) else [],
        closed=schema.get("additionalProperties") is False,
    )


def _follow(draft: Draft, place: str, above: tuple[str, ...], done: dict[str, None]) -> None:
    if place in done:
        return
    for report, task, target in _calls(draft, place):
        if target in (*above, place):
            called = task.node.get("call") or task.node
            report.say(
                "CW217",
                called,
                f'"{called.text}" comes to call itself',
                "A function that calls itself never ends: repeat with `for`, or with `then`.",
            )
        else:
            _follow(draft, target, (*above, place), done)
    done[place] = None


def _calls(draft: Draft, place: str) -> Iterator[tuple[Report, TaskNode, str]]:
    """The functions with a body that a function calls."""
    own = place.removeprefix("use.functions.")
    found = draft.elsewhere.functions.get(place)
    owner = found or draft
    tasks = found.tasks if found is not None else tuple(draft.own_functions[own].walk())
    for task in tasks:
        resolved = owner.resolve(task.function) if task.function else None
        if resolved is None:
            continue
        if resolved.body is not None:
            yield owner.report, task, f"use.functions.{resolved.body_name}"
        elif resolved.elsewhere:
            try:
                yield owner.report, task, owner.function_elsewhere(resolved).base
            except (ResourceLater, ResourceMissing):
                continue
