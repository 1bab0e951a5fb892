"""Votes that cannot come out as they are meant, because too few people can vote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from language.draft import EMPTY, Draft
from language.source import Node
from language.tree import TaskNode

_ONE = ("requester", "owner")


def check(draft: Draft) -> None:
    """Look at every approval."""
    for task in draft.tasks:
        function = draft.resolve(task.function).function if task.function else None
        if function is not None and function.name == "approval":
            arguments = task.node.get("with") or EMPTY
            _check_roster(draft, task, arguments)


def _check_roster(draft: Draft, task: TaskNode, arguments: Node) -> None:
    roster = arguments.get("roster") or EMPTY
    exclude = roster.get("exclude")
    who = roster.get("who") or roster
    requester_only = who.text == "requester" or [
        each.text for each in who.items or ()
    ] == ["requester"]  # fmt: skip
    if requester_only and exclude is None:
        draft.report.say(
            "CW233",
            roster,
            f'nobody can vote on "{task.name}": the requester has no vote without exclude',
            "Name others, or write { who: requester, exclude: [] } where the requester decides.",
        )
        return
    most = _most(draft, who)
    rule = arguments.get("rule") or EMPTY
    count = rule.get("count")
    if most is None or count is None or not isinstance(count.scalar, int):
        return
    if count.scalar > most:
        voters = "1 person" if most == 1 else f"{most} people"
        draft.report.say(
            "CW232",
            count,
            f'"{task.name}" can never be approved: it needs {count.scalar} of {voters}',
            "It would be rejected at once. Ask fewer, or put more people into the roster.",
        )


def _most(draft: Draft, who: Node) -> int | None:
    """How many people a Who can mean at most; None where nobody can say."""
    if who.items is not None:
        found = [_most(draft, each) for each in who.items]
        return None if None in found else sum(each for each in found if each is not None)
    if who.text is not None:
        return 1 if who.text in _ONE else None
    if who.get("person") is not None:
        return 1
    for kind, members in (("group", _in_group), ("role", _with_role)):
        named = who.get(kind)
        if named is not None and named.text and draft.organization is not None:
            document = draft.organization.to_json()
            if not document.get("people") or named.text not in (document.get(f"{kind}s") or {}):
                return None
            return members(document, named.text)
    return None


def _in_group(document: Mapping[str, Any], name: str) -> int:
    people = document["people"].values()
    return sum(1 for each in people if name in ((each or {}).get("groups") or ()))


def _with_role(document: Mapping[str, Any], name: str) -> int:
    own = [
        each
        for each, data in document["people"].items()
        if name in ((data or {}).get("roles") or ())
    ]
    listed = (document["roles"][name] or {}).get("people") or ()
    return len(dict.fromkeys([*own, *listed]))
