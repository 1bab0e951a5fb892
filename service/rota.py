"""Who is on call: layers that rotate daily, weekly or monthly, dated overrides, and gaps in cover."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from service.calendars import CALENDARS, DAYS, Calendar
from service.errors import NotInOrganization, RotaInvalid
from service.instants import read_instant

ROTATIONS = ("daily", "weekly", "monthly")
LOOK_AHEAD = timedelta(days=30)
"""How far ahead a gap in cover is an error of the organization's data."""

_GRID = timedelta(minutes=15)
"""How finely the hours of a layer are looked at when gaps are searched."""

_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\Z")


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which nobody is on call; `until` is the first instant with cover again."""

    begin: datetime
    until: datetime


def on_call(
    name: str,
    rota: Mapping[str, Any],
    at: datetime,
    calendars: Mapping[str, Any] | None = None,
) -> str | None:
    """The person on call at an instant, or None in a gap.

    An override wins; then the first layer that covers the instant: it has begun, has not ended, and
    works then where it names hours.

    Raises:
        RotaInvalid: with the entry that cannot be read.
        NotInOrganization: a layer names a calendar that is not there.
    """
    zone = _zone(name, rota)
    for each in rota.get("overrides") or ():
        if _instant(name, each.get("from"), zone) <= at < _instant(name, each.get("until"), zone):
            return str(each["person"])
    for layer in rota.get("layers") or ():
        people = layer.get("people") or []
        if people and _covers(name, layer, zone, at, calendars or {}):
            return str(people[_turn(name, layer, zone, at) % len(people)])
    return None


def gaps(
    name: str,
    rota: Mapping[str, Any],
    begin: datetime,
    until: datetime,
    calendars: Mapping[str, Any] | None = None,
) -> tuple[Gap, ...]:
    """The times between two instants in which nobody is on call, in order.

    Raises:
        RotaInvalid, NotInOrganization: as `on_call`.
    """
    found: list[Gap] = []
    open_since: datetime | None = None
    for at in _moments(name, rota, begin, until):
        if on_call(name, rota, at, calendars) is None:
            open_since = open_since or at
        elif open_since is not None:
            found.append(Gap(open_since, at))
            open_since = None
    if open_since is not None:
        found.append(Gap(open_since, until))
    return tuple(found)


def _moments(
    name: str, rota: Mapping[str, Any], begin: datetime, until: datetime
) -> list[datetime]:
    """Every instant at which cover may begin or end, in order; where hours count, a grid."""
    zone = _zone(name, rota)
    bounds = [begin]
    for each in rota.get("overrides") or ():
        bounds += [_instant(name, each.get(end), zone) for end in ("from", "until")]
    for layer in rota.get("layers") or ():
        bounds.append(_handovers(name, layer, zone)(0))
        if layer.get("until"):
            bounds.append(_instant(name, layer["until"], zone))
    if any(layer.get("hours") for layer in rota.get("layers") or ()):
        count = -(-(until - begin) // _GRID)
        bounds += [begin + number * _GRID for number in range(count)]
    return sorted(each for each in bounds if begin <= each < until)


def _zone(name: str, rota: Mapping[str, Any]) -> ZoneInfo:
    try:
        return ZoneInfo(rota["timezone"])
    except (KeyError, ValueError, OSError) as error:
        raise RotaInvalid(name, "timezone is missing or unknown") from error


def _instant(name: str, text: Any, zone: ZoneInfo) -> datetime:
    try:
        return read_instant(text, zone)
    except (TypeError, ValueError) as error:
        raise RotaInvalid(name, f"{text!r} is not a time such as 2026-03-02T09:00") from error


def _covers(
    name: str,
    layer: Mapping[str, Any],
    zone: ZoneInfo,
    at: datetime,
    calendars: Mapping[str, Any],
) -> bool:
    if at < _handovers(name, layer, zone)(0):
        return False
    if layer.get("until") and at >= _instant(name, layer["until"], zone):
        return False
    hours = layer.get("hours")
    return hours is None or _calendar(hours, calendars).next_working(at) == at


def _calendar(name: str, calendars: Mapping[str, Any]) -> Calendar:
    if name not in calendars:
        raise NotInOrganization("calendar", name, calendars)
    return CALENDARS(name, calendars[name])


def _turn(name: str, layer: Mapping[str, Any], zone: ZoneInfo, at: datetime) -> int:
    """How many hand-overs have passed since the layer began."""
    handed = _handovers(name, layer, zone)
    low, high = 0, 1
    while handed(high) <= at:
        low, high = high, high * 2
    # Hand-overs are instants in order, so the last one that has passed is found by halving.
    while high - low > 1:
        middle = (low + high) // 2
        if handed(middle) <= at:
            low = middle
        else:
            high = middle
    return low


def _handovers(name: str, layer: Mapping[str, Any], zone: ZoneInfo) -> Callable[[int], datetime]:
    """A layer, read once, as its hand-overs: number -> instant; the first one, 0, is where it begins.

    Counted in wall time: a hand-over at 09:00 stays at 09:00 through clock changes. Of a time that
    the clock shows twice the first one counts, and one that it jumps over comes as much later.
    """
    rotate = layer.get("rotate", "weekly")
    if rotate not in ROTATIONS:
        raise RotaInvalid(name, f"rotate is {rotate!r}; possible: {', '.join(ROTATIONS)}")
    word, clock = handover(name, rotate, layer.get("handover"))
    starts = _instant(name, str(layer.get("starts")), zone).astimezone(zone).date()

    def instant(number: int) -> datetime:
        match rotate:
            case "daily":
                day = starts + timedelta(days=number)
            case "weekly":
                first = starts + timedelta(days=(DAYS.index(str(word)) - starts.weekday()) % 7)
                day = first + timedelta(days=7 * number)
            case _:
                wanted = int(word or 1)
                # The first one that is not before the layer's start.
                months = starts.year * 12 + starts.month - 1 + number + (starts.day > wanted)
                day = starts.replace(year=months // 12, month=months % 12 + 1, day=wanted)
        return datetime.combine(day, clock, zone).astimezone(UTC)

    return instant


def handover(name: str, rotate: str, text: Any) -> tuple[str | None, time]:
    """The day word and the time of `Mon 09:00`, `09:00` or `1 09:00`.

    Raises:
        RotaInvalid: it is not of the form that the rotation needs.
    """
    given = str(text) if text is not None else {"weekly": "Mon 00:00"}.get(rotate, "00:00")
    *days, clock = given.split() or [""]
    found = _CLOCK.match(clock)
    word = days[0].lower() if len(days) == 1 else None
    fits = {
        "daily": not days,
        "weekly": word is not None and word[:3] in DAYS,
        "monthly": not days or (word is not None and word.isdigit() and 1 <= int(word) <= 28),
    }.get(rotate, False)
    if found is None or not fits:
        like = {"daily": "'09:00'", "weekly": "'Mon 09:00'", "monthly": "'1 09:00', day 1 to 28"}
        raise RotaInvalid(name, f"handover {text!r} is not like {like.get(rotate, 'a time')}")
    if rotate == "weekly" and word is not None:
        word = word[:3]
    return word, time(int(found[1]), int(found[2]))
