"""Where a person stands in the organization now, and whether a Who means that person.

Whoever lets people act on a case (API, links, command line, rehearsals) makes the `standing` of
the person from the organization in force and hands it to the case, which decides. So membership
is always the current one, and a case needs to read nothing before it can refuse.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from service.errors import NotInOrganization, Refused, shown
from service.people import KINDS, RELATIVE, absence, covering
from service.presence import local_day

MANAGER_LEVELS = 2
"""How far down from a manager people are listed: a manager, and a manager's manager."""


def standing(organization: Mapping[str, Any], person: str, at: datetime) -> dict[str, Any]:
    """What the organization says of a person at an instant, as JSON.

    {person, mail, groups, roles, skills, leads: groups, onCall: rotas, manages: [standings],
    standsInFor: [standings]}. `standsInFor` are those who are absent on their local day and have
    named the person as their deputy; with `approvals: false` where not for votes. Somebody who is not
    in the organization has only an id, and an address where the id is one.
    """
    known = organization.get("people") or {}
    found = _own(organization, person, at)
    found["manages"] = _reports(organization, person, at, MANAGER_LEVELS)
    absent = [
        (name, gone)
        for name in known
        if name != person
        and (gone := absence(organization, name, local_day(organization, name, at))) is not None
        and gone.get("delegate") == person
    ]
    found["standsInFor"] = [
        {
            **_own(organization, name, at),
            "manages": _reports(organization, name, at, 1),
            **({"approvals": False} if gone.get("approvals") is False else {}),
        }
        for name, gone in absent
    ]
    return found


def receives(organization: Mapping[str, Any], person: str, at: datetime) -> dict[str, Any]:
    """The `to` of delegating something to a person: {person, standing}.

    Raises:
        NotInOrganization: nobody has this id.
        Refused: the person is absent.
    """
    known = organization.get("people") or {}
    if person not in known:
        raise NotInOrganization("person", person, known)
    gone = absence(organization, person, local_day(organization, person, at))
    if gone is not None:
        raise Refused(f"{person} is absent until {gone['until']}: name somebody who is there")
    return {"person": person, "standing": _own(organization, person, at)}


def _own(organization: Mapping[str, Any], person: str, at: datetime) -> dict[str, Any]:
    entry = (organization.get("people") or {}).get(person)
    if entry is None:
        return {"person": person, "mail": person if "@" in person else None}
    roles = [*(entry.get("roles") or ())]
    for role, data in (organization.get("roles") or {}).items():
        if person in ((data or {}).get("people") or ()):
            roles.append(role)
    return {
        "person": person,
        "mail": entry.get("mail"),
        "groups": list(entry.get("groups") or ()),
        "roles": list(dict.fromkeys(roles)),
        "skills": dict(entry.get("skills") or {}),
        "leads": [
            group
            for group, data in (organization.get("groups") or {}).items()
            if (data or {}).get("lead") == person
        ],
        "onCall": [
            name
            for name in organization.get("rota") or {}
            if any(each["id"] == person for each in covering(organization, name, at))
        ],
    }


def _reports(
    organization: Mapping[str, Any], person: str, at: datetime, levels: int
) -> list[dict[str, Any]]:
    if levels == 0:
        return []
    return [
        {**_own(organization, name, at), "manages": _reports(organization, name, at, levels - 1)}
        for name, entry in (organization.get("people") or {}).items()
        if entry.get("manager") == person and name != person
    ]


def fixed(who: Any, case: Mapping[str, Any]) -> list[Any]:
    """A Who as a list in which requester, owner, assignees and watchers are people.

    Arguments are evaluated once: who was the owner when the task began is who is meant.
    """
    found: list[Any] = []
    for each in who if isinstance(who, list) else [who]:
        if isinstance(each, str) and each in RELATIVE:
            value = case.get(each)
            found += [{"person": one} for one in (value if isinstance(value, list) else [value])]
        elif isinstance(each, Mapping) and "managerOf" in each:
            found += [{"managerOf": one} for one in fixed(_described(each["managerOf"]), case)]
        else:
            found.append(each)
    return [each for each in found if each != {"person": None}]


def _described(who: Any) -> Any:
    """A Who in which a bare id stands for its person."""
    return {"person": who} if isinstance(who, str) and who not in RELATIVE else who


def is_meant(who: Any, standing: Mapping[str, Any]) -> bool:
    """Whether a Who that was `fixed` means the person of this standing."""
    if isinstance(who, list):
        return any(is_meant(each, standing) for each in who)
    if not isinstance(who, Mapping):
        return False
    for kind in KINDS:
        if kind in who:
            return _fits(kind, who, standing)
    return False


def _fits(kind: str, who: Mapping[str, Any], standing: Mapping[str, Any]) -> bool:
    value = who[kind]
    match kind:
        case "person":
            return same_person(value, standing)
        case "group":
            return value in (standing.get("groups") or ())
        case "role":
            return value in (standing.get("roles") or ())
        case "skill":
            skills = standing.get("skills") or {}
            wanted = value if isinstance(value, list) else [value]
            return all(skills.get(each, 0) >= who.get("level", 1) for each in wanted)
        case "onCall":
            return value in (standing.get("onCall") or ())
        case _:
            return any(is_meant(value, each) for each in standing.get("manages") or ())


def same_person(value: Any, standing: Mapping[str, Any]) -> bool:
    """Whether a person as a case knows one (id, address, or {id?, name?, mail?}) is this one."""
    if isinstance(value, list):
        return any(same_person(each, standing) for each in value)
    names = list(_names(value))
    own = [standing.get("person"), standing.get("mail")]
    return any(_folded(name) in map(_folded, own) for name in names)


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value:
        yield value
    elif isinstance(value, Mapping):
        given = [value.get("id"), value.get("mail")]
        # A name is an id only where there is no other, as in `people.resolve`.
        for each in given if any(given) else [value.get("name")]:
            if isinstance(each, str) and each:
                yield each


def _folded(name: Any) -> Any:
    """Addresses are compared without case, ids as they are written."""
    return name.lower() if isinstance(name, str) and "@" in name else name or ""


def described(who: Sequence[Any]) -> str:
    """Who is meant, as words of a sentence."""
    return " or ".join(dict.fromkeys(_words(each) for each in who)) or "nobody"


def _words(who: Any) -> str:
    match who:
        case {"person": value}:
            return next(_names(value), shown(value))
        case {"group": value}:
            return f"the group {value}"
        case {"role": value}:
            return f"the role {value}"
        case {"skill": list(value)}:
            return f"those who know {', '.join(map(str, value))}"
        case {"skill": value}:
            return f"those who know {value}"
        case {"onCall": value}:
            return f"who is on call for {value}"
        case {"managerOf": value}:
            return f"the manager of {_words(value)}"
        case _:
            return shown(who)
