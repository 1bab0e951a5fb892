"""What a case reads of the organization: one function per read, from JSON to JSON.

An activity calls them with the organization in force, rehearsals with their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from service import clocks, ladders
from service.assignment import Past, assign
from service.calendars import CALENDARS, Calendar
from service.clocks import ClockState
from service.digests import ByIdentity
from service.durations import parse_duration
from service.errors import NotInOrganization, Refused
from service.instants import read_instant, write_instant
from service.ladders import Act
from service.people import resolve
from service.tables import decide, table_from
from service.windows import maintenance_at, zone_of

Json = Any


def _calendar(organization: Mapping[str, Json], name: str | None) -> Calendar | None:
    if name is None:
        return None
    known = organization.get("calendars") or {}
    if name not in known:
        raise NotInOrganization("calendar", name, known)
    return CALENDARS(name, known[name])


def kept_calendars(
    organization: Mapping[str, Json], arguments: Mapping[str, Json]
) -> dict[str, str]:
    """Calendars that a clock has kept and that are others now: name -> digest of the kept one."""
    known = organization.get("calendars") or {}
    return {
        name: digest
        for name, digest in (arguments.get("kept") or {}).items()
        if name not in known or CALENDARS(name, known[name]).digest != digest
    }


def with_calendars(
    organization: Mapping[str, Json], calendars: Mapping[str, Mapping[str, Json]]
) -> Mapping[str, Json]:
    """The organization, with some calendars as they were."""
    if not calendars:
        return organization
    return {**organization, "calendars": {**(organization.get("calendars") or {}), **calendars}}


def calendar_deadline(organization: Mapping[str, Json], arguments: Mapping[str, Json]) -> Json:
    """When a duration from a time ends: {calendar, group, from, duration} -> {at, calendar, digest}."""
    duration = parse_duration(arguments["duration"])
    groups = organization.get("groups") or {}
    of_group = (groups.get(arguments.get("group")) or {}).get("calendar")
    name = duration.calendar or of_group or arguments.get("calendar")
    calendar = _calendar(organization, name)
    begin = read_instant(arguments["from"])
    if not duration.is_business:
        return {"at": write_instant(begin + duration.elapsed), "calendar": None, "digest": None}
    if calendar is None:
        raise NotInOrganization("calendar", "(none named)", organization.get("calendars") or {})
    return {
        "at": write_instant(calendar.add(begin, duration)),
        "calendar": calendar.name,
        "digest": calendar.digest,
    }


def clock_read(organization: Mapping[str, Json], arguments: Mapping[str, Json]) -> Json:
    """What a clock says: {clock, calendar, now, thresholds, kept?} -> its reading.

    `kept` are digests of calendars by name: whoever calls gives them as they were.
    """
    state = ClockState.from_json(arguments["clock"])
    target = parse_duration(state.target)
    name = target.calendar or arguments.get("calendar")
    calendar = _calendar(organization, name) if target.is_business else None
    if target.is_business and calendar is None:
        raise NotInOrganization("calendar", "(none named)", organization.get("calendars") or {})
    reading = clocks.read(
        state, calendar, read_instant(arguments["now"]), arguments.get("thresholds") or {}
    )
    return {
        "deadline": write_instant(reading.deadline) if reading.deadline else None,
        "elapsedSeconds": reading.elapsed.total_seconds(),
        "remainingSeconds": (
            None if reading.remaining is None else reading.remaining.total_seconds()
        ),
        "breached": reading.breached,
        "breachedAt": write_instant(reading.breached_at) if reading.breached_at else None,
        "thresholds": {
            each: write_instant(at) if at else None for each, at in reading.thresholds.items()
        },
        "calendar": calendar.name if calendar else None,
        "digest": calendar.digest if calendar else None,
    }


def table_decide(organization: Mapping[str, Json], arguments: Mapping[str, Json]) -> Json:
    """The decision of a table: {table, facts} -> outputs and explain."""
    known = organization.get("tables") or {}
    name = arguments["table"]
    if name not in known:
        raise NotInOrganization("table", name, known)
    return decide(_TABLES(name, known[name]), arguments.get("facts") or {})


def people_resolve(organization: Mapping[str, Json], arguments: Mapping[str, Json]) -> Json:
    """Who is meant: {who, case, at, exclude} -> {people, groups}."""
    found = resolve(
        organization,
        arguments["who"],
        arguments.get("case") or {},
        read_instant(arguments["at"]),
        arguments.get("exclude") or (),
    )
    return {"people": [dict(each) for each in found.people], "groups": list(found.groups)}


def people_assign(organization: Mapping[str, Json], arguments: Mapping[str, Json]) -> Json:
    """Who gets a work item: {assign, case, at, until?, load, turns, previous} -> the assignment.

    `load` and `turns` are what the records know, which the caller has asked.
    """
    until = arguments.get("until")
    return assign(
        organization,
        arguments["assign"],
        arguments.get("case") or {},
        read_instant(arguments["at"]),
        Past(arguments.get("load") or {}, arguments.get("turns") or {}, arguments.get("previous")),
        until=read_instant(until) if until else None,
    ).to_json()


def windows_maintenance(organization: Mapping[str, Json], arguments: Mapping[str, Json]) -> Json:
    """Whether assets are in maintenance: {assets, at, calendar} -> {inside, window, title, until}.

    Raises:
        Refused: `at` is no time for which anything is planned.
    """
    try:
        at = read_instant(arguments["at"])
    except ValueError as error:
        raise Refused(str(error)) from error
    return maintenance_at(
        organization,
        [each for each in arguments["assets"] if each is not None],
        at,
        zone_of(organization, arguments.get("calendar")),
    )


def ladder_advance(organization: Mapping[str, Json], arguments: Mapping[str, Json]) -> Json:
    """The next step of a ladder: {ladder, before, act, about, at} -> what `ladders.advance` gives."""
    act = dict(arguments["act"])
    return ladders.advance(
        organization,
        arguments.get("ladder"),
        arguments.get("before"),
        Act(
            name=act["name"],
            by=act.get("by"),
            severity=act.get("severity"),
            level=act.get("level"),
            told=tuple(act.get("told") or ()),
        ),
        arguments.get("about") or {},
        read_instant(arguments["at"]),
    )


_TABLES = ByIdentity(table_from)

READS: Mapping[str, Callable[[Mapping[str, Json], Mapping[str, Json]], Json]] = {
    "calendar.deadline": calendar_deadline,
    "clock.read": clock_read,
    "ladder.advance": ladder_advance,
    "people.assign": people_assign,
    "people.resolve": people_resolve,
    "table.decide": table_decide,
    "windows.maintenance": windows_maintenance,
}
