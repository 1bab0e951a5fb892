"""Times as people read them: on the clock where the reader works, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from service.instants import read_instant

UTC = ZoneInfo("UTC")

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip
_DAYS_ZH = "一二三四五六日"


def zone_of(organization: Mapping[str, Any], person: str | None, calendar: str | None) -> ZoneInfo:
    """The time zone of a person's calendar, else of a group's of theirs, else of `calendar`; or UTC."""
    known = organization.get("people") or {}
    entry = known.get(person) or {}
    groups = organization.get("groups") or {}
    names = [
        entry.get("calendar"),
        *((groups.get(each) or {}).get("calendar") for each in entry.get("groups") or ()),
        calendar,
    ]
    calendars = organization.get("calendars") or {}
    for name in names:
        zone = (calendars.get(name) or {}).get("timezone")
        if zone:
            try:
                return ZoneInfo(zone)
            except (ZoneInfoNotFoundError, ValueError, OSError):
                continue
    return UTC


def is_instant(text: str) -> bool:
    """Whether a text is a point in time as cases hold them, and nothing else."""
    return len(text) <= 40 and _INSTANT.fullmatch(text) is not None


def readable(text: str, zone: ZoneInfo, language: str) -> str:
    """A point in time for a reader: `Fri 27 Nov 2026 13:00 (Asia/Taipei)`; other text as it is."""
    try:
        at = read_instant(text).astimezone(zone)
    except (ValueError, OverflowError):
        return text
    if language.startswith("zh"):
        day = f"{at.year}年{at.month}月{at.day}日（週{_DAYS_ZH[at.weekday()]}）"
        return f"{day}{at:%H:%M}（{zone.key}）"
    day = f"{_DAYS[at.weekday()]} {at.day} {_MONTHS[at.month - 1]} {at.year}"
    return f"{day} {at:%H:%M} ({zone.key})"
