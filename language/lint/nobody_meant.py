"""A who that excludes everybody whom it means: nobody can ever do the work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from language.draft import EMPTY, Draft
from language.source import Node

_KINDS = ("person", "group", "role")


def check(draft: Draft) -> None:
    """Look at every `assign` and `roster` with people who must not do it."""
    for task in draft.tasks:
        arguments = task.node.get("with") or EMPTY
        for name in ("assign", "roster"):
            who = arguments.get(name)
            exclude = (who or EMPTY).get("exclude")
            if who is None or exclude is None or not exclude.items:
                continue
            if who.get("ifNone") is None and _leaves_nobody(draft, who, exclude):
                draft.report.say(
                    "CW237",
                    who.key("exclude") or exclude,
                    f'"exclude" leaves nobody of those who are meant by "{name}"',
                    "Exclude fewer, or say under ifNone who does it then.",
                )


def _leaves_nobody(draft: Draft, who: Node, exclude: Node) -> bool:
    meant = [node for kind, node in _named(who)]
    kinds = [kind for kind, _ in _named(who)]
    if len(meant) != 1 or not meant[0].text or "${" in meant[0].text:
        return False
    barred = list(_barred(exclude))
    if (kinds[0], meant[0].text) in barred:
        return True
    people = _people(draft, kinds[0], meant[0].text)
    out = {name for kind, text in barred for name in _people(draft, kind, text)}
    # A group without people is found by another check, and may be filled tomorrow.
    return bool(people) and people <= out


def _barred(exclude: Node) -> Iterator[tuple[str, str]]:
    for each in exclude.items or ():
        for kind, node in _named(each):
            if node.text and "${" not in node.text:
                yield kind, node.text


def _named(who: Node) -> Iterator[tuple[str, Node]]:
    for kind in _KINDS:
        node = who.get(kind)
        if node is not None:
            yield kind, node


def _people(draft: Draft, kind: str, name: str) -> set[str]:
    """The people of today; nobody where the organization is not known."""
    if kind == "person":
        return {name}
    if draft.organization is None:
        return set()
    document: Mapping[str, Any] = draft.organization.document
    people: Mapping[str, Any] = document.get("people") or {}
    where = "groups" if kind == "group" else "roles"
    found = {each for each, data in people.items() if name in ((data or {}).get(where) or ())}
    if kind == "role":
        entry = (document.get("roles") or {}).get(name) or {}
        found |= set(entry.get("people") or ())
    return found
