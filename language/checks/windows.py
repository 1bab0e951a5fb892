"""Windows and assets of the organization: what has the right shape and cannot be, or is not clear."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from language.functions.schemas import Schema
from language.report import Report
from language.source import Node

_DAY = (
    "([Mm]on(day)?|[Tt]ue(sday)?|[Ww]ed(nesday)?|[Tt]hu(rsday)?|[Ff]ri(day)?|[Ss]at(urday)?"
    "|[Ss]un(day)?)"
)
_DAYS = f"([Dd]aily|{_DAY}(-{_DAY})?)"
_HOURS = r"([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)"
_ENTRY = f"{_DAYS}(, *{_DAYS})* +{_HOURS}"
EVERY: Schema = {
    "type": "string",
    "pattern": f"^{_ENTRY}(, *{_ENTRY})*$",
    "x-says": "days and hours such as 'Sun 01:00-05:00' or 'Mon-Fri 22:00-02:00'",
    "description": "the times of the week in which it recurs",
}


def check_windows(windows: Node, report: Report) -> None:
    """Look at every window of a file."""
    for key, window in windows.entries or ():
        if window.entries is None:
            continue
        every, begin, end = (window.get(name) for name in ("every", "from", "until"))
        if every is None and (begin is None or end is None):
            report.say(
                "CW428",
                key,
                f'the window "{key.name}" says no time',
                "Give from and until, or every: 'Sun 01:00-05:00'.",
            )
        if begin is not None and end is not None and not _in_order(begin, end):
            report.say(
                "CW428",
                end,
                f'until "{end.text}" is not after from "{begin.text}"',
                "until is the first moment that does not belong to the window any more.",
            )
        for hours in re.finditer(_HOURS, every.text or "" if every is not None else ""):
            first, _, last = hours[0].partition("-")
            if first == last and every is not None:
                report.say(
                    "CW428",
                    every,
                    f'"{hours[0]}" ends when it begins',
                    "A whole day is 00:00-24:00.",
                )
        _check_zone(window, every, (begin, end), report)


def _check_zone(
    window: Node, every: Node | None, limits: tuple[Node | None, Node | None], report: Report
) -> None:
    local = [each for each in (every, *limits) if each is not None and _is_local(each.text)]
    if local and window.get("timezone") is None:
        report.say(
            "CW429",
            local[0],
            f'"{local[0].text}" is a local time, and the window does not say where',
            "Add timezone: Asia/Taipei; without one it is the zone of the calendar of whichever "
            "definition asks.",
        )


def check_assets(assets: Node, document: Mapping[str, Any], report: Report) -> None:
    """Look for assets that hang on themselves, over whichever others."""
    known = document.get("assets") or {}
    for _, asset in assets.entries or ():
        parent = asset.get("parent")
        if parent is not None and parent.text is not None and _circle(known, parent.text):
            report.say(
                "CW254",
                parent,
                f'"{parent.text}" comes to hang on itself',
                "A parent is what an asset hangs on; one of them has none.",
            )


def _circle(assets: Mapping[str, Any], begin: str) -> bool:
    seen: dict[str, None] = {}
    name: Any = begin
    while isinstance(name, str) and name in assets:
        if name in seen:
            return name == begin
        seen[name] = None
        entry = assets[name]
        name = entry.get("parent") if isinstance(entry, Mapping) else None
    return False


def _is_local(text: str | None) -> bool:
    """Whether a time is one of the wall, without an offset."""
    if text is None:
        return False
    try:
        return datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        # Days and hours of the week.
        return True


def _in_order(begin: Node, end: Node) -> bool:
    try:
        first, last = (datetime.fromisoformat(each.text or "") for each in (begin, end))
    except ValueError:
        # What is no time has a finding of its own.
        return True
    if (first.tzinfo is None) != (last.tzinfo is None):
        return True
    return first < last
