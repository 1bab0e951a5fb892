"""What stands in the way of a planned piece of work: bookings, freezes, hours, people.

A booking is JSON: {id, case, title, assets, people, from, to, conflicts}. `conflicts` says what a planned one
collides with; `may_override` whether a person may go on all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any

from service.calendars import CALENDARS
from service.errors import Refused, listed
from service.instants import read_instant, write_instant
from service.people import absence
from service.presence import local_day
from service.standing import is_meant, same_person
from service.windows import (
    ALL,
    Interval,
    Window,
    family,
    hold_to_plans,
    known_assets,
    next_time,
    overlap,
    read_windows,
    uncovered,
)

KINDS = ("freeze", "booking", "outside-window", "person")
"""Kinds of conflicts, in the order in which they are told."""

LONGEST = timedelta(days=366)
"""A longer booking is a slip: nothing could be planned beside it."""

ABSENT = "absence"
"""What a person who is away collides with."""
UNKNOWN = "unknown"
"""What a person whom the organization does not know collides with: a misspelled name is not free."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is planned: for which assets and people, and when. `case` is whose plan it is."""

    case: str
    assets: tuple[str, ...]
    people: tuple[str, ...]
    begin: datetime
    end: datetime

    @property
    def interval(self) -> Interval:
        """From and until."""
        return self.begin, self.end


def wanted_from(case: str, arguments: Mapping[str, Any], zone: tzinfo = UTC) -> Wanted:
    """What the arguments {assets, people, window: {from, to}} plan.

    Times without an offset are of `zone`.

    Raises:
        Refused: the window cannot be.
    """
    window = arguments["window"]
    begin, end = (_time(name, window.get(name), zone) for name in ("from", "to"))
    if begin >= end:
        raise Refused(
            f"the window ends ({write_instant(end)}) before it begins ({write_instant(begin)})"
        )
    if end - begin > LONGEST:
        raise Refused(f"the window is longer than {LONGEST.days} days")
    for each in (begin, end):
        hold_to_plans(each)
    assets = tuple(dict.fromkeys(str(each) for each in arguments.get("assets") or ()))
    people = (_person(each) for each in arguments.get("people") or ())
    return Wanted(case, assets, tuple(dict.fromkeys(each for each in people if each)), begin, end)


def conflicts(
    organization: Mapping[str, Any],
    wanted: Wanted,
    bookings: Iterable[Mapping[str, Any]],
    zone: tzinfo = UTC,
) -> list[dict[str, Any]]:
    """All that a plan collides with: {kind, with, from, to, title, asset, person, override}.

    `with` is the other case, the window, `absence`, or `unknown`; `from` and `to` are its times, of hours that
    do not fit the next ones that would (null where there are none). `override` is the role that a
    freeze names.

    Raises:
        NotInOrganization: an asset that is not known.
        WindowInvalid: a window that cannot be read.
    """
    assets = known_assets(organization, wanted.assets)
    touched = family(assets, wanted.assets)
    windows = read_windows(organization, zone)
    found = [
        *_frozen(windows, wanted, assets),
        *_booked(bookings, wanted, touched),
        *_outside(windows, wanted, assets),
        *_absent(organization, wanted),
        *_unknown(organization, wanted),
    ]
    found.sort(key=lambda each: KINDS.index(each["kind"]))
    return found


def booking_of(
    wanted: Wanted, id: str, title: str, found: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """The booking of a plan; `found` are the conflicts in spite of which it is made."""
    return {
        "id": id,
        "case": wanted.case,
        "title": title,
        "assets": list(wanted.assets),
        "people": list(wanted.people),
        "from": write_instant(wanted.begin),
        "to": write_instant(wanted.end),
        "conflicts": [dict(each) for each in found],
    }


def check_override(
    found: Sequence[Mapping[str, Any]],
    standing: Mapping[str, Any],
    reason: Any,
    role: str | None,
) -> None:
    """Whether a person may go on in spite of these conflicts, with a reason.

    A freeze is lifted by the role that it names, everything else by `role`.

    Raises:
        Refused: with the reason, in a sentence.
    """
    if not isinstance(reason, str) or not reason.strip():
        raise Refused("an override needs a reason")
    person = standing.get("person")
    for each in found:
        needed = each["override"] if each["kind"] == "freeze" else role
        if needed is None:
            lifts = "nobody can lift it" if each["kind"] == "freeze" else "no role is named for it"
            raise Refused(f"{described(each)}, and {lifts}")
        if not _has(needed, standing):
            raise Refused(
                f"{described(each)}; only {needed} may override that, which {person} is not"
            )


def described(conflict: Mapping[str, Any]) -> str:
    """A conflict as a clause of a sentence."""
    title = conflict.get("title") or conflict["with"]
    times = f"{conflict['from']} to {conflict['to']}"
    match conflict["kind"]:
        case "freeze":
            asset = "everything" if conflict["asset"] == ALL else conflict["asset"]
            return f"{asset} is frozen by {conflict['with']} ({times})"
        case "booking":
            return f"{conflict['asset']} is booked by {conflict['with']}, {title} ({times})"
        case "outside-window":
            following = f"; the next one is {times}" if conflict["from"] else ""
            return f"it is outside the maintenance windows of {conflict['asset']}{following}"
        case _ if conflict["with"] == UNKNOWN:
            return f"the organization has no person {conflict['person']}"
        case _ if conflict["with"] == ABSENT:
            return f"{conflict['person']} is away ({times})"
        case _:
            return f"{conflict['person']} is booked by {conflict['with']}, {title} ({times})"


def all_described(found: Sequence[Mapping[str, Any]]) -> str:
    """Conflicts as one sentence."""
    return listed((described(each) for each in found), 5)


# --- one kind each --------------------------------------------------------------------------------


def _frozen(
    windows: Sequence[Window], wanted: Wanted, assets: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    for window in windows:
        if window.kind != "freeze":
            continue
        hit = [each for each in wanted.assets if window.touches(each, assets)]
        if not hit:
            continue
        for begin, end in window.times(*wanted.interval):
            yield _conflict(
                "freeze", window.name, begin, end, window.title,
                asset=ALL if window.assets is None else hit[0], override=window.override,
            )  # fmt: skip


def _booked(
    bookings: Iterable[Mapping[str, Any]], wanted: Wanted, touched: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    others = [
        (read_instant(each["from"]), read_instant(each["to"]), each)
        for each in bookings
        if each["case"] != wanted.case
    ]
    others.sort(key=lambda each: (each[0], each[2]["case"], each[2]["id"]))
    for begin, end, each in others:
        if not overlap((begin, end), wanted.interval):
            continue
        about = (each["case"], begin, end, each.get("title"))
        hit = next((touched[one] for one in each.get("assets") or () if one in touched), None)
        if hit is not None:
            yield _conflict("booking", *about, asset=hit)
        for person in each.get("people") or ():
            if person in wanted.people:
                yield _conflict("person", *about, person=person)


def _outside(
    windows: Sequence[Window], wanted: Wanted, assets: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Assets that have hours of their own for work, where the plan is not inside of them."""
    for asset in wanted.assets:
        mine = [
            each for each in windows if each.kind == "maintenance" and each.holds_for(asset, assets)
        ]
        # A single one allows more, and says nothing of all other times.
        if not any(each.recurs for each in mine):
            continue
        times = [time for each in mine for time in each.times(*wanted.interval)]
        if uncovered(wanted.interval, times) is None:
            continue
        following = next_time(mine, wanted.interval)
        window, (begin, end) = following or (mine[0], (None, None))
        yield _conflict("outside-window", window.name, begin, end, window.title, asset=asset)


def _absent(organization: Mapping[str, Any], wanted: Wanted) -> Iterator[dict[str, Any]]:
    for person in wanted.people:
        day = local_day(organization, person, wanted.begin)
        # The window is half-open: one that ends at midnight does not touch the day after.
        last = local_day(organization, person, wanted.end - timedelta(microseconds=1))
        while day <= last:
            away = absence(organization, person, day)
            if away is not None:
                zone = _zone_of(organization, person)
                begin, end = (_day_begins(away[name], zone) for name in ("from", "until"))
                yield _conflict("person", ABSENT, begin, end, None, person=person)
                break
            day += timedelta(days=1)


def _unknown(organization: Mapping[str, Any], wanted: Wanted) -> Iterator[dict[str, Any]]:
    known = organization.get("people") or {}
    for person in wanted.people:
        if person not in known and "@" not in person:
            yield _conflict("person", UNKNOWN, None, None, None, person=person)


def _conflict(
    kind: str,
    with_: str,
    begin: datetime | None,
    end: datetime | None,
    title: Any,
    *,
    asset: str | None = None,
    person: str | None = None,
    override: str | None = None,
) -> dict[str, Any]:
    return {
        "kind": kind,
        "with": with_,
        "from": None if begin is None else write_instant(begin),
        "to": None if end is None else write_instant(end),
        "title": title,
        "asset": asset,
        "person": person,
        "override": override,
    }


def _person(given: Any) -> str | None:
    """The id of a person, given as such or as a value with one."""
    if isinstance(given, Mapping):
        given = given.get("person") or given.get("id") or given.get("mail")
    return str(given) if given else None


def _time(name: str, given: Any, zone: tzinfo) -> datetime:
    try:
        return read_instant(str(given), zone)
    except (ValueError, OverflowError) as error:
        raise Refused(
            f"{name} of the window is {given!r}; write a time such as 2026-03-08T01:00+08:00"
        ) from error


def _zone_of(organization: Mapping[str, Any], person: str) -> tzinfo:
    entry = (organization.get("people") or {}).get(person) or {}
    data = (organization.get("calendars") or {}).get(entry.get("calendar"))
    return UTC if data is None else CALENDARS(str(entry["calendar"]), data).zone


def _day_begins(text: Any, zone: tzinfo) -> datetime:
    day = read_instant(str(text)[:10]).date()
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _has(role: str, standing: Mapping[str, Any]) -> bool:
    """Whether somebody has a role, or is the person of that name, or stands in for one who is."""
    who = [{"role": role}, {"person": role}]
    if is_meant(who, standing) or same_person(role, standing):
        return True
    return any(is_meant(who, each) for each in standing.get("standsInFor") or ())
