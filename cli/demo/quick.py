"""The demo's clock: what takes days of a customer's silence takes seconds here."""

from __future__ import annotations

import copy
from typing import Any

CLOSES_AFTER_SECONDS = 20
REMINDS_AFTER_SECONDS = 8


def in_seconds(document: dict[str, Any]) -> dict[str, Any]:
    """The organization document with a customer's time to confirm in seconds; else unchanged."""
    changed = copy.deepcopy(document)
    table = (changed.get("tables") or {}).get("confirmation") or {}
    for row in table.get("rows") or ():
        row["then"] = {
            "within": {"seconds": CLOSES_AFTER_SECONDS},
            "remindAfter": {"seconds": REMINDS_AFTER_SECONDS},
        }
    return changed
