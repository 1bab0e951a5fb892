"""A call of an operation in a plan: with the operation, so that no case reads its document."""

from __future__ import annotations

from language.building.authentication import entries
from language.draft import Draft
from language.plan import Literal, MapTemplate, Template
from language.tree import TaskNode


def with_operation(draft: Draft, task: TaskNode, arguments: Template) -> Template:
    """Arguments with the operation that the document has under the id."""
    # Imported late: few definitions call one, and reading its documents needs much.
    from language.openapi.calls import known_operation  # noqa: PLC0415

    operation = known_operation(draft, task)
    if operation is None:
        return arguments
    return MapTemplate((*entries(arguments).items(), ("operation", Literal(operation))))
