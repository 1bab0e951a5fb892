"""Ladders of the organization: whether each of them ends, and reaches somebody on its way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from language.report import Report
from language.source import Node

_OF_THE_CASE = ("requester", "owner", "assignees", "watchers")


def check_ladders(ladders: Node, report: Report, document: Mapping[str, Any]) -> None:
    """Say which ladders stop without anybody, and which of their levels nobody hears."""
    for key, ladder in ladders.entries or ():
        if ladder.entries is None:
            continue
        last = ladder.get("finally")
        if last is None:
            report.say(
                "CW240",
                key,
                f'the ladder "{key.name}" does not say who gets what nobody took',
                "Say it: finally: { to: { role: support-manager } }. "
                "Who is named there gets a task that stays open.",
            )
        elif last.get("to") is not None and not reaches(last.get("to"), document):
            report.say(
                "CW241",
                last.get("to") or last,
                f'nobody is meant here: the ladder "{key.name}" would end with no one',
                "Name a person, or a group or role that has people.",
            )
        levels = ladder.get("levels")
        for level in (levels.items if levels is not None else None) or ():
            to = level.get("to")
            if to is not None and not reaches(to, document):
                report.say(
                    "CW242",
                    to,
                    "this level reaches nobody, so it is always passed over",
                    "Name a person, or a group or role that has people; or leave the level out.",
                )


def reaches(who: Node | None, document: Mapping[str, Any]) -> bool:
    """Whether a Who may mean somebody, as far as the files can tell."""
    if who is None:
        return False
    if who.items is not None:
        return any(reaches(each, document) for each in who.items)
    if who.entries is None:
        return True
    people: Mapping[str, Any] = document.get("people") or {}
    if not people:
        # A directory has the people; nothing is known of them here.
        return True
    group, role, skill = (_name(who, kind) for kind in ("group", "role", "skill"))
    if group is not None:
        return any(group in _listed(each, "groups") for each in people.values())
    if role is not None:
        listed = _listed((document.get("roles") or {}).get(role), "people")
        return bool(listed) or any(role in _listed(each, "roles") for each in people.values())
    if skill is not None:
        level = who.get("level")
        least = level.raw if level is not None and isinstance(level.raw, int) else 1
        return any(_has_skill(each, skill, least) for each in people.values())
    manager = who.get("managerOf")
    person = None if manager is None else _name(manager, "person")
    if person is not None and person in people:
        return bool((people[person] or {}).get("manager"))
    return manager is None or manager.text in _OF_THE_CASE or reaches(manager, document)


def _name(who: Node, kind: str) -> str | None:
    found = who.get(kind)
    return None if found is None else found.text


def _listed(entry: Any, name: str) -> Any:
    found = entry.get(name) if isinstance(entry, Mapping) else None
    return found if isinstance(found, list) else ()


def _has_skill(entry: Any, skill: str, least: int) -> bool:
    skills = entry.get("skills") if isinstance(entry, Mapping) else None
    found = skills.get(skill) if isinstance(skills, Mapping) else None
    return isinstance(found, int) and found >= least
