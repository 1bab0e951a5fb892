"""Who is on call: layers that rotate weekly or daily, and dated overrides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from service.calendars import DAYS
from service.errors import RotaInvalid
from service.instants import read_instant


def on_call(name: str, rota: Mapping[str, Any], at: datetime) -> str | None:
    """The person on call at an instant, or None in a gap.

    An override wins; then the first layer that has begun.

    Raises:
        RotaInvalid: with the entry that cannot be read.
    """
    try:
        zone = ZoneInfo(rota["timezone"])
    except (KeyError, ValueError, OSError) as error:
        raise RotaInvalid(name, "timezone is missing or unknown") from error
    for each in rota.get("overrides") or ():
        if read_instant(each["from"], zone) <= at < read_instant(each["until"], zone):
            return str(each["person"])
    for layer in rota.get("layers") or ():
        people = layer.get("people") or []
        turn = _turn(name, layer, zone, at)
        if people and turn >= 0:
            return str(people[turn % len(people)])
    return None


def _turn(name: str, layer: Mapping[str, Any], zone: ZoneInfo, at: datetime) -> int:
    """How many hand-overs have passed since the layer began; negative before it."""
    rotate = layer.get("rotate", "weekly")
    days = {"daily": 1, "weekly": 7}.get(rotate)
    if days is None:
        raise RotaInvalid(name, f"rotate is {rotate!r}; possible: daily, weekly")
    day, _, clock = str(layer.get("handover", "Mon 00:00")).partition(" ")
    if day.lower()[:3] not in DAYS:
        raise RotaInvalid(name, f"handover {layer.get('handover')!r} is not like 'Mon 09:00'")
    hours, _, minutes = (clock or "00:00").partition(":")
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    # Counted in wall time: a hand-over at 09:00 stays at 09:00 through clock changes.
    local = at.astimezone(zone).replace(tzinfo=None) - offset
    begins = datetime.fromisoformat(str(layer["starts"])).replace(tzinfo=None)
    if days == 7:
        begins += timedelta(days=(DAYS.index(day.lower()[:3]) - begins.weekday()) % 7)
    return (local - begins) // timedelta(days=days)
