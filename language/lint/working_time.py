"""Working time that no calendar of the definition counts."""

from __future__ import annotations

from collections.abc import Iterator

from language.draft import EMPTY, Draft
from language.functions.schemas import WORKING_UNITS
from language.source import Key, Node


def check(draft: Draft) -> None:
    """Look at the first duration in working time that has no calendar of its own."""
    if not draft.has_rules or draft.metadata.get("calendar") is not None:
        return
    parts = [(draft.metadata.get("clocks") or EMPTY, ""), (draft.metadata, "clocks")]
    certain = [each for part, left_out in parts for each in _without_calendar(part, left_out)]
    possible: list[Key] = []
    for task in draft.tasks:
        arguments = task.node.get("with") or EMPTY
        found = _without_calendar(arguments, "")
        # A group may have hours of its own: people fill it, and this file does not say.
        of_a_group = task.function == "work-item" and _names_a_group(arguments.get("assign"))
        (possible if of_a_group else certain).extend(found)
    for code, keys in (("CW438", certain), ("CW410", possible)):
        if keys:
            first = min(keys, key=lambda key: (key.line, key.column))
            draft.report.say(
                code,
                first,
                f'"{first.name}" counts in no calendar',
                "Say which: calendar: office-taipei in document.metadata, or beside the hours.",
            )


def _names_a_group(who: Node | None) -> bool:
    who = who or EMPTY
    if any(_names_a_group(each) for each in who.items or ()):
        return True
    return who.get("group") is not None or (
        who.get("who") is not None and _names_a_group(who.get("who"))
    )


def _without_calendar(node: Node, left_out: str) -> Iterator[Key]:
    if node.get("calendar") is not None:
        return
    for key, value in node.entries or ():
        if key.name in WORKING_UNITS and value.kind == "integer":
            yield key
        elif key.name not in (left_out, "do", "data", "values"):
            yield from _without_calendar(value, "")
    for each in node.items or ():
        yield from _without_calendar(each, "")
