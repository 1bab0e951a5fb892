"""People who are asked or told as the requester, in a case that is never told who that is."""

from __future__ import annotations

from collections.abc import Iterator

from language.draft import EMPTY, Draft
from language.source import Node

_ADDRESSED = ("assign", "roster", "to", "who", "managerOf", "reassign", "ifNone")


def check(draft: Draft) -> None:
    """Look at the first who that means the requester."""
    if not draft.has_rules or _is_set(draft):
        return
    found = [each for task in draft.tasks for each in _meant(task.node.get("with") or EMPTY)]
    if found:
        first = min(found, key=lambda node: (node.line, node.column))
        draft.report.say(
            "CW271",
            first,
            "nobody is the requester here: the case is never told who it is",
            "Say it where the case starts: start: { record: { requester: '${ .requester }' } } "
            "in document.metadata, or with case.update.",
        )


def _is_set(draft: Draft) -> bool:
    if draft.metadata.get("record") is not None:
        # The case works on a record that another one has begun.
        return True
    record = (draft.metadata.get("start") or EMPTY).get("record") or EMPTY
    # A record that is one expression may have it.
    if record.text is not None or record.get("requester") is not None:
        return True
    for task in draft.tasks:
        given = task.node.get("with") or EMPTY
        if task.function == "case.update" and given.get("requester") is not None:
            return True
    return False


def _meant(arguments: Node) -> Iterator[Node]:
    for key, value in arguments.entries or ():
        if key.name in _ADDRESSED:
            yield from _requesters(value)
        elif key.name in ("remind", "onDue"):
            yield from _meant(value)
    for each in arguments.items or ():
        yield from _meant(each)


def _requesters(who: Node) -> Iterator[Node]:
    if who.text == "requester":
        yield who
    for each in who.items or ():
        yield from _requesters(each)
    for key, value in who.entries or ():
        if key.name in _ADDRESSED:
            yield from _requesters(value)
