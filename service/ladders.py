"""Escalation ladders (C10): who is asked at which level, and what comes next.

A step is plain JSON and holds everything that the next one needs, the levels included: they are
frozen when a ladder starts. Whom a level means is looked up each time it comes up, so a hand-over
of the rota counts at notice time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.assignment import reachable
from service.digests import digest_of
from service.errors import LadderInvalid, NotInOrganization
from service.instants import write_instant
from service.people import Resolution, resolve

Json = Any

ASKING, ACKNOWLEDGED, HANDLED, EXHAUSTED, STOPPED = STATES = (
    "asking", "acknowledged", "handled", "exhausted", "stopped",
)  # fmt: skip
"""asking: a level was told and is waited for - acknowledged: somebody took it, and must show again
in time where the ladder says so - handled, exhausted, stopped: it is over."""

OVER = (HANDLED, EXHAUSTED, STOPPED)

ACTS = (
    "start", "no-answer", "acknowledged", "still-on-it", "handed-back", "handled", "raised",
    "stopped", "no-assignee",
)  # fmt: skip
"""What may have happened since the step before."""

URGENT = 1
"""Rank of the severity that knows no quiet hours."""

_STEP = frozenset({"state", "level", "round", "severity", "triggers", "told", "frozen"})
"""What a step must have for the next one."""

_RANKS: Mapping[str, int] = {
    "critical": 1, "emergency": 1, "major": 2, "high": 2, "error": 2,
    "medium": 3, "moderate": 3, "warning": 3, "minor": 4, "low": 4, "info": 5,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """A level in a round, both counted from 1."""

    level: int
    round: int


@dataclass(frozen=True, slots=True)
class Act:
    """What happened: what, by whom, and with a raise how far up."""

    name: str
    by: str | None = None
    severity: str | None = None
    level: int | None = None
    told: tuple[str, ...] = ()
    """Who was really told at the level before."""


def rank(severity: str | None) -> int | None:
    """How grave a severity is, 1 the gravest; None where the word says nothing."""
    if not severity:
        return None
    word = severity.strip().lower()
    if word[:1] in ("p", "s") and word[1:].isdigit():
        return int(word[1:])
    return _RANKS.get(word)


def higher(one: str | None, other: str | None) -> bool:
    """Whether a severity is graver than another one."""
    first, second = rank(one), rank(other)
    return first is not None and (second is None or first < second)


def freeze(organization: Mapping[str, Json], name: str) -> dict[str, Json]:
    """A ladder as it is now, with its digest.

    Raises:
        NotInOrganization: there is none of that name.
        LadderInvalid: it has no level.
    """
    known = organization.get("ladders") or {}
    if name not in known:
        raise NotInOrganization("ladder", name, known)
    data = known[name] or {}
    if not data.get("levels"):
        raise LadderInvalid(name, "it has no level")
    return {"name": name, **data, "digest": digest_of(data)}


def rounds(ladder: Mapping[str, Json]) -> int:
    """How often all levels are gone through."""
    return 1 + int((ladder.get("repeat") or {}).get("times") or 0)


def following(ladder: Mapping[str, Json], place: Place) -> Place | None:
    """The place after one; None when the last round is over."""
    if place.level < len(ladder["levels"]):
        return Place(place.level + 1, place.round)
    if place.round < rounds(ladder):
        return Place(1, place.round + 1)
    return None


def after(ladder: Mapping[str, Json], before: Mapping[str, Json], act: Act) -> Place | str | None:
    """Where an act leads: a place to be asked, a state that is reached, or None when all were asked.

    Raises:
        LadderInvalid: the act makes no sense where the ladder stands.
    """
    name = ladder["name"]
    if act.name not in ACTS:
        raise LadderInvalid(name, f"there is no act {act.name!r}")
    if before["state"] in OVER:
        # A late acknowledgment or a second stop finds it over, and changes nothing.
        return str(before["state"])
    here = Place(before["level"], before["round"])
    match act.name:
        case "stopped":
            return STOPPED
        case "handled":
            return HANDLED
        case "acknowledged" | "still-on-it":
            within = (ladder.get("acknowledge") or {}).get("within")
            # Without a time to show again in, taking it is all that a ladder wants.
            return ACKNOWLEDGED if within else HANDLED
        case "handed-back":
            return here
        case "raised":
            at_least = min(act.level or 1, len(ladder["levels"]))
            graver = higher(act.severity, before["severity"])
            if at_least > here.level:
                return Place(at_least, here.round)
            # Who has taken it is left alone, unless it has become graver than he knew.
            return here if graver or before["state"] == ASKING else ACKNOWLEDGED
        case "no-answer" | "no-assignee":
            # Silence of somebody who took it: the same level is asked again.
            return here if before["state"] == ACKNOWLEDGED else following(ladder, here)
        case _:
            raise LadderInvalid(name, "it has started already")


def advance(
    organization: Mapping[str, Json],
    ladder: str | None,
    before: Mapping[str, Json] | None,
    act: Act,
    about: Mapping[str, Json],
    at: datetime,
) -> dict[str, Json]:
    """The next step of a ladder.

    Args:
        organization: People, groups and rotas in force now.
        ladder: Its name, for the first step.
        before: The step before; None for the first one.
        act: What has happened since.
        about: The case that is escalated: requester, owner, assignees, watchers, group.
        at: Now.

    Raises:
        NotInOrganization, LadderInvalid, WhoInvalid: it cannot be read, or names what is not there.
    """
    if before is None:
        frozen = freeze(organization, str(ladder))
        first = min(max(act.level or 1, 1), len(frozen["levels"]))
        step = _first(frozen, act)
        return _ask(organization, frozen, step, Place(first, 1), about, at)
    if not set(before) >= _STEP or not isinstance(before["frozen"], Mapping):
        raise LadderInvalid(str(ladder), "the step before is none that this function gave")
    frozen = dict(before["frozen"])
    step = {**before, "skipped": [], "at": write_instant(at)}
    step["told"] = list(dict.fromkeys([*before["told"], *act.told]))
    if act.name == "raised":
        step["triggers"] = before["triggers"] + 1
    if act.name in ("acknowledged", "still-on-it", "handled") and act.by is not None:
        step["by"] = act.by
    where = after(frozen, before, act)
    if act.name == "raised" and higher(act.severity, before["severity"]):
        step["severity"] = act.severity
        step["urgent"] = rank(act.severity) == URGENT
    if isinstance(where, str):
        return {**step, "state": where, "again": False}
    if where is None:
        return _exhausted(organization, frozen, step, about, at)
    return _ask(organization, frozen, step, where, about, at)


def _first(frozen: Mapping[str, Json], act: Act) -> dict[str, Json]:
    return {
        "ladder": frozen["name"],
        "state": ASKING,
        "level": 1,
        "levels": len(frozen["levels"]),
        "round": 1,
        "rounds": rounds(frozen),
        "severity": act.severity,
        "urgent": rank(act.severity) == URGENT,
        "triggers": 1,
        "by": None,
        "told": [],
        "skipped": [],
        "frozen": dict(frozen),
    }


def _ask(
    organization: Mapping[str, Json],
    frozen: Mapping[str, Json],
    step: Mapping[str, Json],
    place: Place,
    about: Mapping[str, Json],
    at: datetime,
) -> dict[str, Json]:
    """Ask a level; where nobody is meant, the next one at once, which is recorded."""
    skipped: list[dict[str, Json]] = []
    here: Place | None = place
    while here is not None:
        level = frozen["levels"][here.level - 1]
        people, notes = _meant(organization, level["to"], about, at)
        if people:
            return {
                **step,
                "state": ASKING,
                "level": here.level,
                "round": here.round,
                "people": people,
                "assign": [{"person": each} for each in people],
                "wait": _counted(level["wait"], about),
                "within": _counted((frozen.get("acknowledge") or {}).get("within"), about),
                "channel": level.get("channel") or "preferred",
                "urgent": bool(level.get("urgent")) or rank(step["severity"]) == URGENT,
                "window": frozen.get("window"),
                "reassign": _reassigned(organization, level, about, at),
                "by": None,
                "skipped": skipped,
                "reason": "; ".join(notes) or None,
                "at": write_instant(at),
            }
        reason = "; ".join([*notes, "nobody is meant"])
        skipped.append({"level": here.level, "round": here.round, "reason": reason})
        here = following(frozen, here)
    return _exhausted(organization, frozen, {**step, "skipped": skipped}, about, at)


def _exhausted(
    organization: Mapping[str, Json],
    frozen: Mapping[str, Json],
    step: Mapping[str, Json],
    about: Mapping[str, Json],
    at: datetime,
) -> dict[str, Json]:
    """All rounds are over: the last person, who is looked for until there is one."""
    last = frozen.get("finally") or {}
    group = about.get("group")
    entry = (organization.get("groups") or {}).get(group) or {}
    asked: list[Json] = [last["to"]] if last.get("to") else []
    asked += [{"role": entry["fallback"]}] if entry.get("fallback") else []
    asked += [{"person": entry["lead"]}] if entry.get("lead") else []
    asked += [{"managerOf": {"person": each}} for each in step["told"]]
    people: list[str] = []
    for who in asked:
        people, _ = _meant(organization, who, about, at)
        if people:
            break
    return {
        **step,
        "state": EXHAUSTED,
        "people": people,
        "assign": [{"person": each} for each in people],
        "workItem": last.get("workItem"),
        "channel": "preferred",
        "wait": None,
        "within": None,
        "window": None,
        "reassign": None,
        "by": None,
        "reason": None if people else "nobody is named who could take it",
        "at": write_instant(at),
    }


def _counted(span: Json, about: Mapping[str, Json]) -> Json:
    """A duration whose working time counts in the calendar of the case that is escalated."""
    calendar = about.get("calendar")
    if not isinstance(span, Mapping) or calendar is None or "calendar" in span:
        return span
    return {**span, "calendar": calendar} if any(n.startswith("business") for n in span) else span


def _meant(
    organization: Mapping[str, Json], who: Json, about: Mapping[str, Json], at: datetime
) -> tuple[list[str], list[str]]:
    """Who is told now: deputies in place of the absent, each person once."""
    try:
        found = resolve(organization, who, about, at)
    except NotInOrganization as error:
        # Levels are frozen, groups are not: one that is gone since must not stop the ladder.
        return [], [str(error)]
    return reachable(organization, found, at)


def _reassigned(
    organization: Mapping[str, Json],
    level: Mapping[str, Json],
    about: Mapping[str, Json],
    at: datetime,
) -> dict[str, Json] | None:
    """Who gets the work item that is escalated, when a level comes up."""
    who = level.get("reassign")
    if who is None:
        return None
    try:
        found: Resolution = resolve(organization, who, about, at)
    except NotInOrganization:
        return None
    people, _ = reachable(organization, found, at)
    if not people:
        return None
    return {"who": who, "groups": list(found.groups), "people": people}
