"""Calls of operations: the document, the operation, and the parameters that it takes."""

from __future__ import annotations

from language.draft import Draft
from language.openapi.calls import document_of, endpoint_of, operation_id
from language.openapi.document import Document, DocumentUnusable
from language.openapi.operation import operation_of, parameter_names
from language.report import Place
from language.resources import ResourceLater, ResourceMissing
from language.source import Node
from language.tree import TaskNode
from language.words import suggestion

_LATER = "It is fetched and checked when the definition is published, and pinned by its digest."


def check_call(draft: Draft, task: TaskNode) -> None:
    """Check a call whose shape is right."""
    place: Place = endpoint_of(task) or task.node.key("with") or task.key
    name = operation_id(task)
    try:
        document = document_of(draft, task)
        if document is None or name is None:
            return
        if name.text not in document.operations:
            _say_unknown(draft, name, document)
            return
        operation = operation_of(document, name.text or "")
    except ResourceLater:
        draft.report.say("CW219", place, "the OpenAPI document is not read here", _LATER)
        return
    except ResourceMissing as error:
        draft.report.say("CW505", place, f"the OpenAPI document cannot be read: {error}")
        return
    except DocumentUnusable as error:
        draft.report.say("CW505", place, f"the OpenAPI document cannot be used: {error}")
        return
    allowed, required = parameter_names(operation)
    body = operation.get("body") or {}
    _check_parameters(
        draft,
        task,
        name,
        allowed,
        [*required, *body.get("needed", ())],
        needs_body=bool(body.get("required")) and not body.get("needed"),
        body=[*body.get("names", ()), *body.get("fields", ())],
    )


def _say_unknown(draft: Draft, name: Node, document: Document) -> None:
    known = list(document.operations)
    draft.report.say(
        "CW506",
        name,
        f'the OpenAPI document has no operation "{name.text}"',
        suggestion(name.text or "", known, allowed="Operations")
        if known
        else "None of its operations has an operationId.",
    )


def _check_parameters(
    draft: Draft,
    task: TaskNode,
    name: Node,
    allowed: list[str],
    required: list[str],
    *,
    needs_body: bool,
    body: list[str],
) -> None:
    given = (task.node.get("with") or name).get("parameters")
    if given is not None and given.entries is None:
        # An expression: what it gives is checked when it runs.
        return
    names = given.names() if given is not None else ()
    place: Place = (task.node.get("with") or name).key("parameters") or name
    for key, _ in (given.entries if given is not None else None) or ():
        if key.name not in allowed:
            draft.report.say(
                "CW507",
                key,
                f'"{name.text}" has no parameter "{key.name}"',
                suggestion(key.name, allowed, allowed="Parameters")
                if allowed
                else "It takes none.",
            )
    for each in dict.fromkeys(required):
        if each not in names:
            draft.report.say(
                "CW507",
                place,
                f'"{name.text}" needs the parameter "{each}"',
                "Write it under parameters.",
            )
    if needs_body and not any(each in names for each in body):
        fields = f", or its fields: {', '.join(body[1:8])}" if len(body) > 1 else ""
        draft.report.say(
            "CW507",
            place,
            f'"{name.text}" needs a body',
            f"Write it under parameters as {body[0] if body else 'body'}{fields}.",
        )
