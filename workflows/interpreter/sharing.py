"""What the cases of one matter have in common: fields of the record, and how they are compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SHARED = (
    "priority",
    "type",
    "subject",
    "requester",
    "customer",
    "group",
    "owner",
    "watchers",
    "ticket",
    "assets",
    "tags",
    "data",
)
"""Fields of the record that are the matter's. `assignees` go up only: each case has its own work."""

UPWARDS = (*SHARED, "assignees")
"""What a child tells the root."""

JOIN = "matter.join"
"""A child asks to work on a record: {case, run, parent, waits, definition, status, phase}."""
TOLD = "matter.told"
"""The root tells a child how the record stands."""
ACT = "matter.act"
"""A child has done something that concerns the matter."""
OVER = "matter.over"
"""The root has ended, or does not know the child."""
KINDS = (JOIN, TOLD, ACT, OVER)


def of(record: Mapping[str, Any], fields: tuple[str, ...] = UPWARDS) -> dict[str, Any]:
    """These fields of a record; nested values are shared, since functions replace them."""
    return {name: record[name] for name in fields if name in record}


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What was written: of `data` only the values that differ, of others the whole field."""
    found: dict[str, Any] = {}
    for name, value in after.items():
        was = before.get(name)
        if value == was:
            continue
        if name == "data" and isinstance(value, Mapping):
            known = was if isinstance(was, Mapping) else {}
            found[name] = {
                key: each for key, each in value.items() if key not in known or known[key] != each
            }
        else:
            found[name] = value
    return found


def write(record: dict[str, Any], written: Mapping[str, Any]) -> dict[str, Any]:
    """Write into a record as `case.update` does, `data` merged; gives field -> {from, to}."""
    changed: dict[str, Any] = {}
    for name, value in written.items():
        if name not in UPWARDS:
            continue
        before = record.get(name)
        after = {**(before or {}), **value} if name == "data" and isinstance(value, dict) else value
        if after != before:
            record[name] = after
            changed[name] = {"from": before, "to": after}
    return changed
