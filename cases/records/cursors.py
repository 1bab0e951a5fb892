"""Where the next part of a list begins: opaque to callers, stable while rows come and go."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases.errors import InputInvalid, Problem
from service.instants import read_instant


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a list, and the cursor of the next part (None at the end)."""

    items: Sequence[Mapping[str, Any]]
    cursor: str | None


def write_cursor(place: Sequence[str]) -> str:
    """The place after which the next part begins, as a text."""
    return base64.urlsafe_b64encode(json.dumps(list(place)).encode()).decode().rstrip("=")


def read_cursor(cursor: str | None, length: int) -> list[str] | None:
    """The place that `write_cursor` wrote, of so many texts; None at the beginning of the list.

    Raises:
        InputInvalid: it is not one of this list.
    """
    if not cursor:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        place = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error):
        raise _not_ours() from None
    if (
        not isinstance(place, list)
        or len(place) != length
        or not all(isinstance(each, str) for each in place)
    ):
        raise _not_ours()
    return place


def read_time(text: str) -> datetime:
    """The time in a cursor.

    Raises:
        InputInvalid: it is none.
    """
    try:
        return read_instant(text)
    except (ValueError, OverflowError):
        raise _not_ours() from None


def _not_ours() -> InputInvalid:
    return InputInvalid(
        [Problem("/cursor", "this is not the cursor of this list: take it from the page before")]
    )
