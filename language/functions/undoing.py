"""Undoing: what was done since a task began is taken back."""

from __future__ import annotations

from language.functions.descriptor import Function
from language.functions.schemas import FLAG, choice, list_of, named, record, text

UNDO = Function(
    name="undo",
    kind="waits",
    doc="Undoes what has finished since a task began, that task included, the newest first.",
    arguments=record(
        {
            "backTo": named(
                "task to go back to",
                "the task whose work is undone, and all after it",
                literal=True,
            ),
            "reason": text("why; it stands in the case"),
        },
        ["backTo", "reason"],
    ),
    result=record(
        {
            "complete": {**FLAG, "description": "whether no undo was given up"},
            "undone": list_of(
                record(
                    {"task": text(), "state": choice("undone", "skipped", "failed")},
                    ["task", "state"],
                )
            ),
        },
        ["complete", "undone"],
    ),
    summary="backTo",
)

FUNCTIONS = (UNDO,)
