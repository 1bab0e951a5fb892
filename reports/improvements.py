"""The improvement register as people read it: one row per entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reports.saying import said_value
from service.register import OVER, STATUSES, last_measurement, said_of

COLUMNS = ("ENTRY", "STATUS", "TITLE", "OWNER", "FIGURE", "BASELINE", "TARGET", "NOW", "")


def statuses(named: Sequence[str] = (), *, only_open: bool = False) -> list[str]:
    """Which statuses are meant: those that are named or else all; open are those not over."""
    return [
        each
        for each in STATUSES
        if (not named or each in named) and not (only_open and each in OVER)
    ]


def row(entry: Mapping[str, Any]) -> list[Any]:
    """What stands below `COLUMNS`: values of the baseline, the target and the last measurement."""
    baseline, last = entry["baseline"], last_measurement(entry)
    now = None if last is None else last["result"]
    owner = entry["owner"]
    return [
        entry["id"],
        entry["status"],
        entry["title"],
        next(iter(owner.values()), None) if isinstance(owner, Mapping) else owner,
        entry["kpi"],
        _said(baseline, "value", baseline),
        _said(entry, "target", baseline or now),
        _said(now, "value", now),
        None if last is None else said_of(last),
    ]


def _said(of: Mapping[str, Any] | None, name: str, figure: Mapping[str, Any] | None) -> str | None:
    """A value in the unit of a figure; nothing where there is none of it."""
    if of is None or (name == "target" and of[name] is None):
        return None
    return said_value(of[name], (figure or {}).get("unit"))
