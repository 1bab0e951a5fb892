"""Assignment: who gets a work item, and why (C5). An empty pool is an outcome.

A queue waits for people: with the strategy `pool` everybody who is not absent may take the item,
at whatever hour it comes. A strategy that chooses somebody chooses among those who are at work
now, and where nobody is, among those who begin first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from service.errors import WhoInvalid
from service.people import Resolution, resolve
from service.presence import presence

STRATEGIES = ("pool", "round-robin", "least-open", "skills", "previous")
BY_RECORDS = ("round-robin", "least-open", "skills")
"""Those that ask who has how much to do, and whose turn it was."""
BY_HOURS = ("group", "role", "skill")
"""Kinds of a Who that mean whoever is at work; the others mean somebody in person, at any hour."""
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
    strategy: str = "pool"

    def to_json(self) -> dict[str, Any]:
        """The assignment as JSON."""
        return {
            "outcome": self.outcome,
            "groups": list(self.groups),
            "people": list(self.people),
            "person": self.person,
            "reason": self.reason,
            "who": self.who,
            "strategy": self.strategy,
        }


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of work that was given before.

    `load` is person -> open items. `turns` is person -> number of the newest turn at this task,
    which is larger the later it was; who has had none is not in it. `previous` had it before.
    """

    load: Mapping[str, int] = field(default_factory=dict)
    turns: Mapping[str, int] = field(default_factory=dict)
    previous: str | None = None


@dataclass(frozen=True, slots=True)
class _Pool:
    """Who can do it: name -> when they work next, in the order in which they were found."""

    wanted: Resolution
    begins: Mapping[str, datetime]
    notes: tuple[str, ...]

    def is_there_by(self, until: datetime | None) -> bool:
        """Whether one of them works before an instant."""
        return bool(self.begins) and (until is None or min(self.begins.values()) < until)


def assign(
    organization: Mapping[str, Any],
    spec: Any,
    case: Mapping[str, Any],
    at: datetime,
    past: Past | None = None,
    *,
    until: datetime | None = None,
) -> Assignment:
    """The assignment for `{Who..., strategy, preferPrevious, exclude, ifNone}`.

    Where the pool is empty the Who of `ifNone` is asked, else the lead and the fallback role of
    the group. The Who of `ifNone` is asked as well where nobody of the pool works before `until`,
    by when the item is due.

    Raises:
        WhoInvalid, NotInOrganization: the Who cannot be read, or names what is not there.
    """
    who, options = parts(spec)
    strategy = options.get("strategy", "pool")
    if strategy not in STRATEGIES:
        raise WhoInvalid(spec, f"strategy is one of {', '.join(STRATEGIES)}")
    exclude = _listed(options.get("exclude") or [])

    def find(each: Any) -> _Pool:
        return _found(organization, each, case, at, exclude)

    choose = _Choice(strategy, bool(options.get("preferPrevious")), at, past or Past())
    pool = find(who)
    instead = options.get("ifNone")
    if instead and not pool.is_there_by(until):
        other = find(instead)
        if other.is_there_by(until) or (other.begins and not pool.begins):
            said = "nobody of those asked first"
            if pool.begins:
                said += " is at work before it is due"
            return replace(choose.of(other, (*pool.notes, said)), who=instead)
    if pool.begins:
        return choose.of(pool, ())
    notes = pool.notes
    for each in _last_resorts(organization, pool.wanted):
        other = find(each)
        if other.begins:
            return replace(choose.of(other, (*notes, "nobody of those asked first")), who=each)
        notes = (*notes, *other.notes)
    reason = "; ".join(dict.fromkeys([*notes, "nobody is there"]))
    return Assignment("no-assignee", pool.wanted.groups, (), None, reason, strategy=strategy)


def parts(spec: Any) -> tuple[Any, Mapping[str, Any]]:
    """The Who of an `assign`, and its options: strategy, preferPrevious, exclude, ifNone."""
    if not isinstance(spec, Mapping):
        return spec, {}
    who = {name: value for name, value in spec.items() if name not in _OWN}
    options = {name: value for name, value in spec.items() if name in _OWN}
    if set(who) == {"who"}:
        return who["who"], options
    return who, options


def _found(
    organization: Mapping[str, Any],
    who: Any,
    case: Mapping[str, Any],
    at: datetime,
    exclude: Sequence[Any],
) -> _Pool:
    """Who of the people is not absent, deputies in place of the absent; never who is excluded."""
    wanted = resolve(organization, who, case, at, exclude)
    personal = [each for each in _listed(who) if not _goes_by_hours(each)]
    at_any_hour = resolve(organization, personal, case, at).ids
    barred = {each for one in exclude for each in resolve(organization, one, case, at).ids}
    begins: dict[str, datetime] = {}
    notes: list[str] = []
    unknown = _unknown(organization, who)
    for name in wanted.ids:
        if name in unknown:
            notes.append(f"the organization has no person {name}")
            continue
        there = presence(organization, name, at, at_any_hour=name in at_any_hour)
        if there.away is None:
            begins.setdefault(name, there.begins)
            continue
        deputy = there.away.get("delegate")
        if not deputy:
            notes.append(f"{name} is absent")
            continue
        stands_in = presence(organization, str(deputy), at, at_any_hour=name in at_any_hour)
        if deputy in barred:
            notes.append(f"{name} is absent, and {deputy}, who stands in, must not do it")
        elif stands_in.away is not None:
            notes.append(f"{name} is absent, and so is {deputy}, who stands in")
        else:
            notes.append(f"{name} is absent, {deputy} stands in")
            begins.setdefault(str(deputy), stands_in.begins)
    return _Pool(wanted, begins, tuple(notes))


def _unknown(organization: Mapping[str, Any], who: Any) -> frozenset[str]:
    """Ids that somebody wrote, and that nobody has: a misspelled name must not get work."""
    known = organization.get("people") or {}
    written = [each.get("person") for each in _listed(who) if isinstance(each, Mapping)]
    return frozenset(
        each for each in written if isinstance(each, str) and each not in known and "@" not in each
    )


def reachable(
    organization: Mapping[str, Any], wanted: Resolution, at: datetime
) -> tuple[list[str], list[str]]:
    """Who of the people is not absent, at whatever hour, deputies in place of the absent; and why.

    For notices that cannot wait for the hours of somebody's calendar.
    """
    people: list[str] = []
    notes: list[str] = []
    for name in wanted.ids:
        away = presence(organization, name, at, at_any_hour=True).away
        deputy = None if away is None else away.get("delegate")
        if away is None:
            people.append(name)
        elif not deputy:
            notes.append(f"{name} is absent")
        elif presence(organization, str(deputy), at, at_any_hour=True).away is not None:
            notes.append(f"{name} is absent, and so is {deputy}, who stands in")
        else:
            notes.append(f"{name} is absent, {deputy} stands in")
            people.append(str(deputy))
    return list(dict.fromkeys(people)), notes


def _goes_by_hours(who: Any) -> bool:
    return isinstance(who, Mapping) and any(kind in who for kind in BY_HOURS)


def _last_resorts(organization: Mapping[str, Any], wanted: Resolution) -> Iterator[Any]:
    """Who is asked where a group has nobody: its lead, then its fallback role."""
    for group in wanted.groups:
        entry = (organization.get("groups") or {}).get(group) or {}
        if entry.get("lead"):
            yield {"person": entry["lead"]}
        if entry.get("fallback"):
            yield {"role": entry["fallback"]}


@dataclass(frozen=True, slots=True)
class _Choice:
    """Chooses one of a pool, or leaves the item to all of them."""

    strategy: str
    prefers_previous: bool
    at: datetime
    past: Past

    def of(self, pool: _Pool, notes: Sequence[str]) -> Assignment:
        """The assignment to this pool, which is not empty."""
        said = [*notes, *pool.notes]
        everybody = list(pool.begins)
        if self.strategy == "pool" and not self.prefers_previous:
            return self._queue(pool, everybody, said)
        first = max(min(pool.begins.values()), self.at)
        ready = [name for name in everybody if pool.begins[name] <= first]
        if first > self.at:
            said.append(f"nobody is at work before {first:%Y-%m-%d %H:%M} UTC")
        elif len(ready) < len(everybody):
            said.append(f"{len(ready)} of {len(everybody)} are at work")
        previous = self.past.previous
        if previous in ready and (self.prefers_previous or self.strategy == "previous"):
            return self._one(pool, str(previous), f"{previous} had it before", said)
        return self._by_strategy(pool, ready, said)

    def _by_strategy(self, pool: _Pool, ready: list[str], said: list[str]) -> Assignment:
        load, turns = self.past.load, self.past.turns
        orders: Mapping[str, tuple[Callable[[str], tuple[int, ...]], str]] = {
            # Of equals the one whose last turn is longest ago, then the first of the group: fair,
            # and the same again on the same records.
            "round-robin": (lambda name: (turns.get(name, 0),), "it is the turn of {}"),
            "least-open": (
                lambda name: (load.get(name, 0), turns.get(name, 0)),
                "{} has the fewest open items",
            ),
            "skills": (
                lambda name: (-pool.wanted.score(name), load.get(name, 0), turns.get(name, 0)),
                "{} has the best skills",
            ),
        }
        if self.strategy not in orders:
            return self._queue(pool, list(pool.begins), said)
        key, words = orders[self.strategy]
        chosen = min(ready, key=key)
        return self._one(pool, chosen, words.format(chosen), said)

    def _queue(self, pool: _Pool, people: list[str], said: list[str]) -> Assignment:
        if len(people) == 1:
            return self._one(pool, people[0], f"{people[0]} is the only one", said)
        reason = "; ".join([*said, f"{len(people)} can take it"])
        return Assignment(
            "pool", pool.wanted.groups, tuple(people), None, reason, strategy=self.strategy
        )

    def _one(self, pool: _Pool, chosen: str, reason: str, said: list[str]) -> Assignment:
        whole = "; ".join([*said, reason])
        return Assignment(
            "assigned", pool.wanted.groups, (chosen,), chosen, whole, strategy=self.strategy
        )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
