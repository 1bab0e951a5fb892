"""`document.metadata`: owner, statuses, clocks, reactions, and what they name."""

from __future__ import annotations

import re

from language.draft import EMPTY, Draft
from language.metadata import METADATA
from language.names import NameCheck
from language.shape import Shape
from language.source import Key, Node

_CAMEL = re.compile(r"[a-z][A-Za-z0-9]*\Z")
_KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")


def check(draft: Draft) -> None:
    """Check the rules of the case, when the file has any."""
    if not draft.has_rules:
        return
    metadata = draft.metadata
    Shape(draft.report, expressions=True, on_name=NameCheck(draft, None)).check(
        metadata, METADATA, "document.metadata"
    )
    if metadata.get("owner") is None:
        place = draft.part("document").key("metadata") or draft.root.key("document")
        draft.report.say(
            "CW601",
            place or draft.root,
            "nobody owns this definition",
            "Say the role or person that answers for it: metadata: { owner: support-manager }.",
        )
    for section, pattern, says in (
        ("statuses", _KEBAB, "small letters with -"),
        ("clocks", _CAMEL, "camelCase"),
        ("reactions", _CAMEL, "camelCase"),
        ("schedules", _CAMEL, "camelCase"),
    ):
        for key, _ in (metadata.get(section) or EMPTY).entries or ():
            _check_name(draft, key, pattern, says)
    for _, clock in (metadata.get("clocks") or EMPTY).entries or ():
        _check_thresholds(draft, clock)


def _check_name(draft: Draft, key: Key, pattern: re.Pattern[str], says: str) -> None:
    if not pattern.match(key.name):
        draft.report.say("CW111", key, f'"{key.name}" is written in {says} here')


def _check_thresholds(draft: Draft, clock: Node) -> None:
    for threshold in (clock.get("at") or EMPTY).items or ():
        elapsed = threshold.get("elapsed")
        if elapsed is not None and elapsed.text and re.match(r"0+(\.0+)?\s*%", elapsed.text):
            draft.report.say(
                "CW403",
                elapsed,
                "0% is the start of the clock",
                "A reaction on the event or status that starts it says what happens then.",
            )
