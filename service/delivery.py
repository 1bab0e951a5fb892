"""When and by which channel a person is told: delivery windows and preferred channels (C22)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from service.calendars import CALENDARS
from service.errors import NotInOrganization, WindowInvalid
from service.ladders import URGENT, rank

LAST_CHANNEL = "mail"
"""Tried where every preferred channel has failed or is not there."""

_LATEST = "24:00"


def opens(
    organization: Mapping[str, Any],
    arguments: Mapping[str, Any],
    case: Mapping[str, Any],
    person: Mapping[str, Any],
    at: datetime,
) -> datetime:
    """When a notice may reach a person: now, or when the window of `arguments` opens next.

    What is urgent, and every notice of a case of P1, knows no quiet hours.

    Raises:
        NotInOrganization, WindowInvalid, NoWorkingTime: the window cannot be read, or never opens.
    """
    window = arguments.get("window")
    if window is None or arguments.get("urgent") or rank(case.get("priority")) == URGENT:
        return at
    known = organization.get("calendars") or {}
    if isinstance(window, str):
        if window not in known:
            raise NotInOrganization("calendar", window, known)
        return CALENDARS(window, known[window]).next_working(at)
    if not isinstance(window, Mapping):
        raise WindowInvalid(str(window), "it is a calendar, or { from, until }")
    return _of_day(window, _zone(organization, person), at)


def channels(given: Any, person: Mapping[str, Any]) -> tuple[str, ...]:
    """The channels to be tried in turn: those of the notice, or the person's own, and mail at last."""
    own = [str(each) for each in person.get("channels") or ()]
    wanted: list[str] = []
    for each in given if isinstance(given, list) else [given or "preferred"]:
        wanted += own if each == "preferred" else [str(each)]
    return tuple(dict.fromkeys([*wanted, LAST_CHANNEL]))


def _zone(organization: Mapping[str, Any], person: Mapping[str, Any]) -> tzinfo:
    """The clock of a person: of the own calendar; in UTC where nothing is known."""
    entry = (organization.get("people") or {}).get(str(person.get("id"))) or {}
    known = organization.get("calendars") or {}
    groups = organization.get("groups") or {}
    named = [entry.get("calendar")]
    named += [(groups.get(each) or {}).get("calendar") for each in entry.get("groups") or ()]
    for each in named:
        if each in known:
            return ZoneInfo(known[each]["timezone"])
    return UTC


def _of_day(window: Mapping[str, Any], zone: tzinfo, at: datetime) -> datetime:
    """The instant, or the next `from` of the clock in this zone; `until` is exclusive."""
    begin, end = _minutes(window.get("from")), _minutes(window.get("until"))
    local = at.astimezone(zone)
    now = local.hour * 60 + local.minute + local.second / 60
    # From 22:00 until 06:00 goes over midnight.
    inside = begin <= now < end if begin < end else now >= begin or now < end
    if inside or begin == end:
        return at
    day = local.date() + timedelta(days=1 if now >= begin else 0)
    opening = datetime.combine(day, time(begin // 60, begin % 60), zone).astimezone(UTC)
    return max(opening, at)


def _minutes(text: Any) -> int:
    try:
        if text == _LATEST:
            return 24 * 60
        hours, _, minutes = str(text).partition(":")
        found = time(int(hours), int(minutes))
    except ValueError as error:
        raise WindowInvalid(str(text), "it is not a time such as 08:00") from error
    return found.hour * 60 + found.minute
