"""When a checklist is over, and how: from the states of its items alone.

A finished item is done, failed, missed (not in time) or skipped (not needed). Skipped items do not
count for `all` and `percent`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

DONE, FAILED, MISSED, SKIPPED = "done", "failed", "missed", "skipped"
COMPLETE = "complete"
OUTCOMES = {
    DONE: {"label": {"en": "Done", "zh-TW": "完成"}},
    FAILED: {"label": {"en": "Failed", "zh-TW": "失敗"}},
    SKIPPED: {"label": {"en": "Not needed", "zh-TW": "不需要"}},
}
"""What a person may say of an item."""
REMARK_FORM: Mapping[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Remark / 備註",
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "remark": {
            "title": "Remark / 備註", "type": "string", "minLength": 1, "maxLength": 2000,
        }
    },
}  # fmt: skip
"""The form of an item that names none."""


def stops_on_failure(arguments: Mapping[str, Any]) -> bool:
    """Whether the first failed item ends it: so it is where all items are needed."""
    default = "failed" if arguments.get("completeWhen", "all") == "all" else "never"
    return bool((arguments.get("stopOn") or default) == "failed")


def needed(rule: Any, total: int, skipped: int) -> int:
    """How many items must be done."""
    if isinstance(rule, Mapping) and "count" in rule:
        return int(rule["count"])
    share = rule["percent"] / 100 if isinstance(rule, Mapping) else 1
    return math.ceil(round((total - skipped) * share, 9))


def decided(arguments: Mapping[str, Any], states: Sequence[str | None]) -> str | None:
    """complete, failed or missed as soon as that is certain; None while it is not.

    `states` has one entry per item, None for one that is not finished. It is complete once enough
    is done, whatever the others come to.
    """
    counted = Counter(states)
    rule = arguments.get("completeWhen", "all")
    wanted = needed(rule, len(states), counted[SKIPPED])
    finished = counted[None] == 0
    if counted[DONE] >= wanted and (finished or rule != "all"):
        return COMPLETE
    if counted[FAILED] and stops_on_failure(arguments):
        return FAILED
    if finished:
        return FAILED if counted[FAILED] else MISSED
    return None


def reversed_items(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The items of a result that are undone, the one finished last first."""
    done = [each for each in result["items"] if each["state"] == DONE and each.get("undo")]
    return sorted(done, key=lambda each: each["order"], reverse=True)
