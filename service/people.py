"""Who is meant: people, groups and roles of the organization, absences and deputies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from service.errors import NotInOrganization, WhoInvalid
from service.rota import on_call

RELATIVE = ("requester", "owner", "assignees", "watchers")
KINDS = ("person", "group", "role", "skill", "onCall", "managerOf")


@dataclass(frozen=True, slots=True)
class Resolution:
    """People who are meant, in order and once each; `groups` where a group was named."""

    people: tuple[Mapping[str, Any], ...]
    groups: tuple[str, ...] = ()
    scores: tuple[tuple[str, int], ...] = ()
    """Person -> how good they are at the skills that were asked for."""

    def score(self, person: str) -> int:
        """How good somebody is at the skills asked for; 0 where none were."""
        return dict(self.scores).get(person, 0)

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the people."""
        return tuple(str(person["id"]) for person in self.people)


def resolve(
    organization: Mapping[str, Any],
    who: Any,
    case: Mapping[str, Any],
    at: datetime,
    exclude: Iterable[Any] = (),
) -> Resolution:
    """The people that a Who means at an instant.

    `case` holds requester, owner, assignees, watchers and group. Absent people are left in: who is
    told is not who is asked (`assignment` leaves them out).

    Raises:
        WhoInvalid: the Who cannot be read.
        NotInOrganization: it names something that is not there.
    """
    people: dict[str, Mapping[str, Any]] = {}
    groups: dict[str, None] = {}
    scores: dict[str, int] = {}
    for each in who if isinstance(who, list) else [who]:
        found = _one(organization, each, case, at)
        people.update({str(person["id"]): person for person in found.people})
        groups.update(dict.fromkeys(found.groups))
        scores.update(found.scores)
    for each in exclude:
        for gone in resolve(organization, each, case, at).ids:
            people.pop(gone, None)
    return Resolution(tuple(people.values()), tuple(groups), tuple(scores.items()))


def _one(
    organization: Mapping[str, Any], who: Any, case: Mapping[str, Any], at: datetime
) -> Resolution:
    if isinstance(who, str):
        if who in RELATIVE:
            return _relative(organization, case.get(who))
        raise WhoInvalid(
            who, f"known are {', '.join(RELATIVE)} and objects with {', '.join(KINDS)}"
        )
    if not isinstance(who, Mapping):
        raise WhoInvalid(who, "it must be a word or an object")
    kinds = [kind for kind in KINDS if kind in who]
    if len(kinds) != 1:
        raise WhoInvalid(who, f"it must have exactly one of {', '.join(KINDS)}")
    kind = kinds[0]
    value = who[kind]
    match kind:
        case "person":
            return _relative(organization, value)
        case "group":
            return Resolution(members(organization, value), (value,))
        case "role":
            return Resolution(holders(organization, value))
        case "skill":
            scored = _skilled(organization, value, who.get("level", 1))
            found_people = tuple(person(organization, name) for name, _ in scored)
            return Resolution(found_people, scores=tuple(scored))
        case "onCall":
            return Resolution(covering(organization, value, at))
        case _:
            return Resolution(_managers(organization, value, case, at))


def _relative(organization: Mapping[str, Any], value: Any) -> Resolution:
    """People of the case: an id, a value with an id or an address, or a list of these."""
    if value is None:
        return Resolution(())
    if isinstance(value, list):
        found: dict[str, Mapping[str, Any]] = {}
        for each in value:
            found.update({str(p["id"]): p for p in _relative(organization, each).people})
        return Resolution(tuple(found.values()))
    known = organization.get("people") or {}
    if isinstance(value, str):
        if value in known:
            return Resolution((person(organization, value),))
        if "@" in value:
            return _relative(organization, {"mail": value})
        return Resolution(({"id": value, "name": value, "mail": None},))
    if isinstance(value, Mapping):
        if value.get("id") in known:
            return Resolution((person(organization, value["id"]),))
        mail = value.get("mail")
        for name, entry in known.items():
            if mail and str(entry.get("mail", "")).lower() == str(mail).lower():
                return Resolution((person(organization, name),))
        return Resolution(
            (
                {
                    "id": value.get("id") or mail or value.get("name"),
                    "name": value.get("name") or mail,
                    "mail": mail,
                    "language": value.get("language"),
                    "channels": ["mail"],
                },
            )
        )
    raise WhoInvalid(value, "a person is an id or an object with id, name and mail")


def person(organization: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A person of the organization, with the id.

    Raises:
        NotInOrganization: nobody has this id.
    """
    entry = _entry(organization, "people", name)
    return {
        "id": name,
        "name": entry.get("name", name),
        "mail": entry.get("mail"),
        "language": entry.get("language"),
        "channels": entry.get("channels") or ["mail"],
    }


def members(organization: Mapping[str, Any], group: str) -> tuple[Mapping[str, Any], ...]:
    """Members of a group, in the order of the people's data."""
    _entry(organization, "groups", group)
    known = organization.get("people") or {}
    return tuple(
        person(organization, name)
        for name, entry in known.items()
        if group in (entry.get("groups") or ())
    )


def holders(organization: Mapping[str, Any], role: str) -> tuple[Mapping[str, Any], ...]:
    """People with a role, whether the role or the person names the other."""
    listed = _entry(organization, "roles", role).get("people") or []
    known = organization.get("people") or {}
    own = [name for name, entry in known.items() if role in (entry.get("roles") or ())]
    return tuple(person(organization, name) for name in dict.fromkeys([*listed, *own]))


def covering(
    organization: Mapping[str, Any], rota: str, at: datetime
) -> tuple[Mapping[str, Any], ...]:
    """Who is on call at an instant; in a gap the holders of the rota's fallback role."""
    entry = _entry(organization, "rota", rota)
    found = on_call(rota, entry, at, organization.get("calendars"))
    if found is not None:
        return (person(organization, found),)
    fallback = entry.get("fallback")
    return holders(organization, fallback) if fallback else ()


def _skilled(organization: Mapping[str, Any], skills: Any, level: int) -> list[tuple[str, int]]:
    """People who have all skills at the level at least, the best first, each with the sum."""
    wanted = skills if isinstance(skills, list) else [skills]
    known = organization.get("people") or {}
    scored = [
        (name, sum((entry.get("skills") or {}).get(skill, 0) for skill in wanted))
        for name, entry in known.items()
        if all((entry.get("skills") or {}).get(skill, 0) >= level for skill in wanted)
    ]
    scored.sort(key=lambda each: -each[1])
    return scored


def _managers(
    organization: Mapping[str, Any], who: Any, case: Mapping[str, Any], at: datetime
) -> tuple[Mapping[str, Any], ...]:
    known = organization.get("people") or {}
    start = who if isinstance(who, Mapping) or who in RELATIVE else {"person": who}
    found: dict[str, Mapping[str, Any]] = {}
    for each in _one(organization, start, case, at).people:
        manager = (known.get(each["id"]) or {}).get("manager")
        if manager:
            found[manager] = person(organization, manager)
    return tuple(found.values())


def absence(organization: Mapping[str, Any], name: str, day: date) -> Mapping[str, Any] | None:
    """The absence of a person on a local date, or None. `until` is the first day back."""
    for each in organization.get("absences") or ():
        if each.get("person") == name and str(each["from"]) <= day.isoformat() < str(each["until"]):
            entry: Mapping[str, Any] = each
            return entry
    return None


def _entry(organization: Mapping[str, Any], kind: str, name: str) -> Mapping[str, Any]:
    entries = organization.get(kind) or {}
    if not isinstance(name, str) or name not in entries:
        single = {"people": "person", "groups": "group", "roles": "role", "rota": "rota"}[kind]
        raise NotInOrganization(single, str(name), entries)
    return entries[name] or {}
