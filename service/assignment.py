"""Assignment: who gets a work item, and why (C5). An empty pool is an outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from service.calendars import CALENDARS
from service.errors import WhoInvalid
from service.people import Resolution, absence, resolve

STRATEGIES = ("pool", "round-robin", "least-open", "skills", "previous")
_OWN = ("strategy", "preferPrevious", "exclude", "ifNone")


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who was found. `person` is set where a strategy chose one; else `people` is the pool."""

    outcome: str
    """assigned, pool or no-assignee."""
    groups: tuple[str, ...]
    people: tuple[str, ...]
    person: str | None
    reason: str
    who: Any = None
    """The Who that was asked instead of the one that found nobody."""

    def to_json(self) -> dict[str, Any]:
        """The assignment as JSON."""
        return {
            "outcome": self.outcome,
            "groups": list(self.groups),
            "people": list(self.people),
            "person": self.person,
            "reason": self.reason,
            "who": self.who,
        }


def assign(
    organization: Mapping[str, Any],
    spec: Any,
    case: Mapping[str, Any],
    at: datetime,
    load: Mapping[str, int],
    previous: str | None,
) -> Assignment:
    """The assignment for `{Who..., strategy, preferPrevious, exclude, ifNone}`.

    Where the pool is empty the Who of `ifNone` is asked, else the lead and the fallback role of
    the group.

    Raises:
        WhoInvalid, NotInOrganization: the Who cannot be read, or names what is not there.
    """
    who, options = parts(spec)
    strategy = options.get("strategy", "pool")
    if strategy not in STRATEGIES:
        raise WhoInvalid(spec, f"strategy is one of {', '.join(STRATEGIES)}")
    exclude = options.get("exclude") or []
    exclude = exclude if isinstance(exclude, list) else [exclude]
    wanted = resolve(organization, who, case, at, exclude)
    pool, notes = present(organization, wanted, at)
    if not pool:
        return _if_none(organization, options, wanted, case, at, exclude, notes)
    if options.get("preferPrevious") and previous in pool:
        return _one(wanted, previous, f"{previous} had it before", notes)
    if strategy == "previous" and previous in pool:
        return _one(wanted, previous, f"{previous} had it before", notes)
    if strategy == "least-open":
        chosen = min(pool, key=lambda name: load.get(name, 0))
        return _one(wanted, chosen, f"{chosen} has the fewest open items", notes)
    if strategy == "skills":
        return _one(wanted, pool[0], f"{pool[0]} has the best skills", notes)
    if strategy == "round-robin":
        turn = (pool.index(previous) + 1) % len(pool) if previous in pool else 0
        return _one(wanted, pool[turn], f"it is the turn of {pool[turn]}", notes)
    if len(pool) == 1:
        return _one(wanted, pool[0], f"{pool[0]} is the only one", notes)
    return Assignment(
        "pool", wanted.groups, tuple(pool), None, _reason(f"{len(pool)} can take it", notes)
    )


def parts(spec: Any) -> tuple[Any, Mapping[str, Any]]:
    """The Who of an `assign`, and its options: strategy, preferPrevious, exclude, ifNone."""
    if not isinstance(spec, Mapping):
        return spec, {}
    who = {name: value for name, value in spec.items() if name not in _OWN}
    options = {name: value for name, value in spec.items() if name in _OWN}
    if set(who) == {"who"}:
        return who["who"], options
    return who, options


def present(
    organization: Mapping[str, Any], wanted: Resolution, at: datetime
) -> tuple[list[str], list[str]]:
    """Who of the people is not absent today, deputies in place of the absent."""
    pool: list[str] = []
    notes: list[str] = []
    for name in wanted.ids:
        gone = absence(organization, name, local_day(organization, name, at))
        if gone is None:
            pool.append(name)
        elif gone.get("delegate"):
            notes.append(f"{name} is absent, {gone['delegate']} stands in")
            pool.append(str(gone["delegate"]))
        else:
            notes.append(f"{name} is absent")
    return list(dict.fromkeys(pool)), notes


def local_day(organization: Mapping[str, Any], name: str, at: datetime) -> date:
    """The date where a person works, at an instant; of UTC where no calendar says."""
    entry = (organization.get("people") or {}).get(name) or {}
    data = (organization.get("calendars") or {}).get(entry.get("calendar"))
    if data is None:
        return at.date()
    return at.astimezone(CALENDARS(str(entry["calendar"]), data).zone).date()


def _if_none(
    organization: Mapping[str, Any],
    options: Mapping[str, Any],
    wanted: Resolution,
    case: Mapping[str, Any],
    at: datetime,
    exclude: list[Any],
    notes: list[str],
) -> Assignment:
    asked: list[Any] = [options["ifNone"]] if options.get("ifNone") else []
    for group in wanted.groups:
        entry = (organization.get("groups") or {}).get(group) or {}
        if entry.get("lead"):
            asked.append({"person": entry["lead"]})
        if entry.get("fallback"):
            asked.append({"role": entry["fallback"]})
    for who in asked:
        found = resolve(organization, who, case, at, exclude)
        pool, more = present(organization, found, at)
        notes = [*notes, *more]
        if len(pool) == 1:
            reason = f"nobody of those asked first; {pool[0]} instead"
            return replace(_one(found, pool[0], reason, notes), who=who)
        if pool:
            reason = _reason("nobody of those asked first", notes)
            return Assignment("pool", found.groups, tuple(pool), None, reason, who)
    return Assignment("no-assignee", wanted.groups, (), None, _reason("nobody is there", notes))


def _one(wanted: Resolution, chosen: str | None, reason: str, notes: list[str]) -> Assignment:
    assert chosen is not None
    return Assignment("assigned", wanted.groups, (chosen,), chosen, _reason(reason, notes))


def _reason(reason: str, notes: list[str]) -> str:
    return "; ".join([*notes, reason])
