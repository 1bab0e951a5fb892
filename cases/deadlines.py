"""How a deadline was counted: of a case's clock, from what the case tells of it, or of a question."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cases.bundles.store import OrganizationStore
from cases.errors import Refused
from service.calendars import Calendar, calendar_from
from service.clocks import ClockState
from service.durations import parse_duration
from service.errors import ServiceError
from service.explaining import Explanation, Line, explain_clock, explain_duration, said
from service.instants import read_instant

__all__ = ["Explanation", "Line", "ask", "explain", "said"]


def ask(
    calendars: Mapping[str, Any], since: str | None, target: Any, named: str | None
) -> Explanation:
    """Explain a duration from a time, of the calendar's zone where it has no offset; else from now.

    Raises:
        Refused: there is no such calendar, or the duration cannot be read.
        ValueError: `since` is no time.
    """
    try:
        duration = parse_duration(target)
        wanted = named or duration.calendar
        if wanted is None and duration.is_business:
            raise Refused(
                f"working time needs a calendar: {' or '.join(calendars) or 'there is none'}"
            )
        if wanted is not None and wanted not in calendars:
            raise Refused(f"there is no calendar {wanted!r}; there are {', '.join(calendars)}")
        calendar = None if wanted is None else calendar_from(wanted, calendars[wanted])
        zone = UTC if calendar is None else calendar.zone
        start = datetime.now(UTC) if since is None else read_instant(since, zone)
        return explain_duration(start, target, calendar)
    except ServiceError as error:
        raise Refused(str(error)) from error


async def explain(view: Mapping[str, Any], name: str, store: OrganizationStore) -> Explanation:
    """Explain a clock of a case, in the calendar that it is counted in.

    Raises:
        Refused: there is no such clock, or its calendar is nowhere.
    """
    known = {each["name"]: each for each in view["counted"]}
    if name not in known:
        raise Refused(
            f"{view['case']['id']} has no clock {name!r} that has begun; "
            f"it has {', '.join(known) or 'none'}"
        )
    kept = known[name]
    state = ClockState.from_json(kept)
    ended = (view.get("ended") or {}).get("at")
    now = read_instant(ended) if ended else datetime.now(UTC)
    current = (await store.current()).get("calendars") or {}
    try:
        duration = None if state.target is None else parse_duration(state.target)
        wanted = state.calendar if duration is None else duration.calendar or state.calendar
        calendar = await _calendar(wanted, kept["digests"], store, current)
        counts = calendar if duration is not None and duration.is_business else None
        if duration is not None and duration.is_business and counts is None:
            raise Refused(f"there is no calendar {wanted!r} any more, in which {name} is counted")
        edited = counts is not None and (
            counts.name not in current
            or calendar_from(counts.name, current[counts.name]).digest != counts.digest
        )
        why = {
            each["at"]: str(each.get("text") or "")
            for each in view["timeline"]
            if each["kind"] == "status"
        }
        return explain_clock(state, counts, now, why=why, edited=edited, zone_of=calendar)
    except ServiceError as error:
        raise Refused(str(error)) from error


async def _calendar(
    name: str | None,
    digests: Mapping[str, str],
    store: OrganizationStore,
    current: Mapping[str, Any],
) -> Calendar | None:
    """The calendar that a clock keeps; the one of now where it keeps none."""
    if name is None:
        return None
    digest = digests.get(name)
    data = None if digest is None else await store.calendar(digest)
    data = current.get(name) if data is None else data
    return None if data is None else calendar_from(name, data)
