"""JSON Schemas inside of a definition: what goes in, what comes out, forms that stand in a task."""

from __future__ import annotations

from collections.abc import Iterator

from language.draft import EMPTY, Draft
from language.json_schema import SchemaCheck
from language.source import Node

_POINTS = ("input", "output", "export")


def check(draft: Draft) -> None:
    """Check every schema that is written out."""
    schemas = SchemaCheck(draft.report, "CW119")
    for what, part in _parts(draft):
        schema = part.get("schema") or EMPTY
        document = schema.get("document")
        form = schema.get("format")
        if document is not None and (form is None or (form.text or "").startswith("json")):
            schemas.check(document, f"the schema of {what}")
    forms = SchemaCheck(draft.report, "CW308", known_only=True)
    for task in draft.tasks:
        written = (task.node.get("with") or EMPTY).get("form")
        if task.function and written is not None and written.entries is not None:
            forms.check(written, "the form")


def _parts(draft: Draft) -> Iterator[tuple[str, Node]]:
    for point in ("input", "output"):
        part = draft.root.get(point)
        if part is not None:
            yield f"the definition's {point}", part
    for task in draft.tasks:
        foreach = task.node.get("foreach") or EMPTY
        for point in _POINTS:
            for part in (task.node.get(point), foreach.get(point)):
                if part is not None:
                    yield f'{point} of "{task.name}"', part
