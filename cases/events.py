"""The form of an event, checked before a case gets it: what is in its history cannot be mended."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from cases.errors import InputInvalid, Problem

LONGEST = 1000


def checked(event: Mapping[str, Any]) -> dict[str, Any]:
    """The event with an id, which makes it repeatable; a new one where it has none.

    Raises:
        InputInvalid: it has no type, or an id that is no text; with JSON pointers.
    """
    told = {**event, "id": event.get("id") or uuid.uuid4().hex}
    problems = [
        Problem(f"/{name}", f"must be a text of 1 to {LONGEST} characters")
        for name in ("id", "type")
        if not isinstance(told.get(name), str) or not 0 < len(told[name]) <= LONGEST
    ]
    if problems:
        raise InputInvalid(problems)
    return told
