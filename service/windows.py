"""Freeze and maintenance windows of the organization, and what they say of assets at a time.

All intervals are half-open. A window holds for the assets that it names and for everything that
hangs on them; what is planned for an asset also touches what hangs on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from service.calendars import CALENDARS, Calendar, calendar_from
from service.errors import NotInOrganization, Refused, WindowInvalid
from service.instants import read_instant, write_instant
from service.recurring import hours_of

Interval = tuple[datetime, datetime]
"""From and until; until does not belong to it."""

ALL = "all"
SEARCH = timedelta(days=400)
"""How far ahead the next time of a window is looked for."""
WIDEST = timedelta(days=8)
"""A recurring window is cut where one time of it would be longer: it is open all week."""
FIRST_PLANNED, LAST_PLANNED = 1900, 2999
"""Beyond these years a time is a slip, and near the ends of the calendar nothing can be counted."""
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Window:
    """A window. `assets` is None where it holds for all; `hours` where it recurs."""

    name: str
    kind: str
    """freeze | maintenance"""
    begins: datetime
    ends: datetime
    assets: tuple[str, ...] | None
    hours: Calendar | None = None
    override: str | None = None
    """The role that may put a change into a freeze all the same."""
    title: str | None = None
    """In all languages that it is given in."""

    @property
    def recurs(self) -> bool:
        """Whether it comes again every week."""
        return self.hours is not None

    def times(self, begin: datetime, end: datetime) -> Iterator[Interval]:
        """The times of the window that have an instant in common with [begin, end), each whole."""
        if self.hours is None:
            found: Iterable[Interval] = [(self.begins, self.ends)]
        else:
            found = (
                (max(low, self.begins), min(high, self.ends))
                for low, high in self.hours.stretches(_moved(begin, -WIDEST), _moved(end, WIDEST))
            )
        for low, high in found:
            if low < high and overlap((low, high), (begin, end)):
                yield low, high

    def holds_for(self, asset: str, assets: Mapping[str, Any]) -> bool:
        """Whether it holds for an asset: it names the asset, or something that the asset hangs on."""
        if self.assets is None:
            return True
        return any(each in self.assets for each in (asset, *above(assets, asset)))

    def touches(self, asset: str, assets: Mapping[str, Any]) -> bool:
        """Whether what is done to an asset touches one that the window holds for."""
        return self.holds_for(asset, assets) or any(
            each in (self.assets or ()) for each in below(assets, asset)
        )


def overlap(one: Interval, other: Interval) -> bool:
    """Whether two half-open intervals have an instant in common."""
    return one[0] < other[1] and other[0] < one[1]


def hold_to_plans(at: datetime) -> None:
    """Hold an instant to the years for which windows, calendars and absences are counted.

    Raises:
        Refused: it lies so far away that nobody can mean it.
    """
    if not FIRST_PLANNED <= at.year <= LAST_PLANNED:
        raise Refused(
            f"{write_instant(at)} is no time for a plan: it lies outside of the years "
            f"{FIRST_PLANNED} to {LAST_PLANNED}"
        )


def read_windows(organization: Mapping[str, Any], zone: tzinfo = UTC) -> tuple[Window, ...]:
    """The windows of an organization, in their order; `zone` is for those that name none.

    Raises:
        WindowInvalid: with what cannot be read.
    """
    found = organization.get("windows") or {}
    return tuple(window_from(name, data, zone) for name, data in found.items())


def window_from(name: str, data: Mapping[str, Any], zone: tzinfo = UTC) -> Window:
    """A window of its data.

    Raises:
        WindowInvalid: with what cannot be read.
    """
    here = _zone(name, data.get("timezone"), zone)
    begins = _time(name, "from", data.get("from"), here, _EARLIEST)
    ends = _time(name, "until", data.get("until"), here, _LATEST)
    if begins >= ends:
        raise WindowInvalid(name, "until is not after from")
    hours: Calendar | None = None
    if data.get("every") is not None:
        try:
            week = hours_of(str(data["every"]))
        except ValueError as error:
            raise WindowInvalid(name, f"every: {error}") from error
        hours = calendar_from(name, {"timezone": str(here), "week": week})
    elif data.get("from") is None or data.get("until") is None:
        raise WindowInvalid(name, "it needs from and until, or every")
    assets = data.get("assets", ALL)
    return Window(
        name,
        str(data.get("kind")),
        begins,
        ends,
        None if assets == ALL else tuple(map(str, assets)),
        hours,
        data.get("override"),
        _title(data.get("title")),
    )


def above(assets: Mapping[str, Any], asset: str) -> tuple[str, ...]:
    """What an asset hangs on, the nearest first; a circle ends where it began."""
    found: dict[str, None] = {}
    parent = (assets.get(asset) or {}).get("parent")
    while isinstance(parent, str) and parent != asset and parent not in found:
        found[parent] = None
        parent = (assets.get(parent) or {}).get("parent")
    return tuple(found)


def below(assets: Mapping[str, Any], asset: str) -> tuple[str, ...]:
    """Everything that hangs on an asset, in the order of the assets' data."""
    return tuple(name for name in assets if name != asset and asset in above(assets, name))


def family(assets: Mapping[str, Any], wanted: Iterable[str]) -> dict[str, str]:
    """Every asset that is touched when these are worked on -> which of these it is touched by."""
    found: dict[str, str] = {}
    for asset in wanted:
        for each in (asset, *above(assets, asset), *below(assets, asset)):
            found.setdefault(each, asset)
    return found


def known_assets(organization: Mapping[str, Any], wanted: Sequence[str]) -> Mapping[str, Any]:
    """The assets of the organization.

    Raises:
        NotInOrganization: one of those wanted is none of them.
    """
    assets = organization.get("assets") or {}
    for each in wanted:
        if each not in assets:
            raise NotInOrganization("asset", str(each), assets)
    found: Mapping[str, Any] = assets
    return found


def maintenance_at(
    organization: Mapping[str, Any], wanted: Sequence[str], at: datetime, zone: tzinfo = UTC
) -> dict[str, Any]:
    """Whether one of these assets is in maintenance at an instant: {inside, window, title, until}.

    `until` is when it is over: windows that follow each other without a gap count as one. A name
    that is no asset is only in windows for all.

    Raises:
        Refused: nothing is planned for that time.
    """
    hold_to_plans(at)
    assets = organization.get("assets") or {}
    found: Window | None = None
    until = at
    while True:
        following = _in_force(organization, assets, wanted, until, zone)
        if following is None:
            break
        found, until = found or following[0], following[1]
        if until >= _moved(at, SEARCH):
            break
    if found is None:
        return {"inside": False, "window": None, "title": None, "until": None}
    return {
        "inside": True,
        "window": found.name,
        "title": found.title,
        "until": write_instant(until),
    }


def _in_force(
    organization: Mapping[str, Any],
    assets: Mapping[str, Any],
    wanted: Sequence[str],
    at: datetime,
    zone: tzinfo,
) -> tuple[Window, datetime] | None:
    """The maintenance window of these assets at an instant that ends last, and when."""
    found: tuple[Window, datetime] | None = None
    for window in read_windows(organization, zone):
        holds = window.assets is None or any(window.holds_for(each, assets) for each in wanted)
        if window.kind != "maintenance" or not holds:
            continue
        for _, end in window.times(at, at + timedelta(microseconds=1)):
            if found is None or end > found[1]:
                found = window, end
    return found


def uncovered(wanted: Interval, times: Iterable[Interval]) -> Interval | None:
    """The first part of an interval that none of these times covers; None where all is covered."""
    at = wanted[0]
    for begin, end in sorted(times):
        if begin > at:
            return at, min(begin, wanted[1])
        at = max(at, end)
        if at >= wanted[1]:
            return None
    return (at, wanted[1]) if at < wanted[1] else None


def next_time(windows: Sequence[Window], wanted: Interval) -> tuple[Window, Interval] | None:
    """The next time of one of these windows that has room for an interval; else the next at all."""
    begin, end = wanted
    times = [
        (time, number)
        for number, window in enumerate(windows)
        for time in window.times(begin, _moved(begin, SEARCH))
    ]
    # Those that have begun before are no place for it any more, but for their rest.
    rest = sorted(((max(low, begin), high), number) for (low, high), number in times)
    roomy = [each for each in rest if each[0][1] - each[0][0] >= end - begin]
    for time, number in (*roomy, *rest):
        return windows[number], time
    return None


def _title(given: Any) -> str | None:
    if isinstance(given, Mapping):
        return " / ".join(dict.fromkeys(str(each) for each in given.values())) or None
    return None if given is None else str(given)


def zone_of(organization: Mapping[str, Any], calendar: str | None) -> tzinfo:
    """The zone in which times without one are meant: that of a calendar; UTC where none is named.

    Raises:
        NotInOrganization: there is no such calendar.
    """
    if calendar is None:
        return UTC
    known = organization.get("calendars") or {}
    if calendar not in known:
        raise NotInOrganization("calendar", calendar, known)
    return CALENDARS(calendar, known[calendar]).zone


def _moved(at: datetime, span: timedelta) -> datetime:
    try:
        return at + span
    except OverflowError:
        return _LATEST if span > timedelta() else _EARLIEST


def _zone(name: str, given: Any, default: tzinfo) -> tzinfo:
    if given is None:
        return default
    try:
        return ZoneInfo(str(given))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise WindowInvalid(name, f"{given!r} is not a time zone") from error


def _time(name: str, key: str, given: Any, zone: tzinfo, default: datetime) -> datetime:
    if given is None:
        return default
    try:
        return read_instant(str(given), zone)
    except (ValueError, OverflowError) as error:
        raise WindowInvalid(name, f"{key}: {given!r} is not a date or time") from error
