"""`metadata.onCancel`: whether a part of the case ends with it. A misspelled one would leave it running."""

from __future__ import annotations

from language.draft import EMPTY, Draft
from language.words import suggestion

KNOWN = ("cancel", "abandon")


def check(draft: Draft) -> None:
    """Look at every task that has it."""
    if not draft.has_rules:
        return
    for task in draft.tasks:
        metadata = task.node.get("metadata") or EMPTY
        given, place = metadata.get("onCancel"), metadata.key("onCancel")
        if given is None or place is None or task.type is None:
            continue
        if task.type.keyword != "run":
            draft.report.say(
                "CW251",
                place,
                f'"{task.name}" runs no other definition: onCancel has no effect',
                "It says of `run: workflow` whether the part ends with the case; `undo` takes work back.",
            )
        elif given.text not in KNOWN:
            draft.report.say(
                "CW251",
                given,
                f'onCancel of "{task.name}" cannot be {given.text or given.kind}',
                suggestion(given.text or "", KNOWN, allowed="Allowed"),
            )
