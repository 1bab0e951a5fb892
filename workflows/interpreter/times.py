"""The standard's form of `startedAt`."""

from __future__ import annotations

from datetime import datetime

from service.instants import write_instant


def started_at(at: datetime) -> dict[str, object]:
    """ISO 8601 and epoch of an instant."""
    milliseconds = int(at.timestamp() * 1000)
    return {
        "iso8601": write_instant(at),
        "epoch": {"seconds": milliseconds // 1000, "milliseconds": milliseconds},
    }
