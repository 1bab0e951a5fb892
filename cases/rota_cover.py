"""When nobody is on call in the days after a date, for whoever checks organization data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from service.errors import ServiceError
from service.rota import LOOK_AHEAD, gaps

_FORM = "%Y-%m-%d %H:%M"


def cover_from(day: date) -> Callable[[str, Mapping[str, Any]], list[tuple[str, str]]]:
    """What `language.checks.rota` asks for: gaps of the 30 days from the start of this one."""

    def cover(name: str, organization: Mapping[str, Any]) -> list[tuple[str, str]]:
        rota = (organization.get("rota") or {})[name]
        if rota.get("fallback"):
            # Somebody is asked in a gap as well: that is what the role is named for.
            return []
        try:
            zone = ZoneInfo(rota["timezone"])
            begin = datetime.combine(day, time(), zone).astimezone(UTC)
            found = gaps(name, rota, begin, begin + LOOK_AHEAD, organization.get("calendars"))
        except (ServiceError, KeyError, ValueError, OSError):
            # What cannot be read is said where it is written.
            return []
        return [
            (
                each.begin.astimezone(zone).strftime(_FORM),
                each.until.astimezone(zone).strftime(_FORM),
            )
            for each in found
        ]

    return cover
