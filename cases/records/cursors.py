"""Where the next part of a list begins: opaque to callers, stable while rows come and go."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cases.errors import InputInvalid, Problem


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a list, and the cursor of the next part (None at the end)."""

    items: Sequence[Mapping[str, Any]]
    cursor: str | None


def write_cursor(place: Sequence[str | None]) -> str:
    """The place after which the next part begins, as a text."""
    return base64.urlsafe_b64encode(json.dumps(list(place)).encode()).decode().rstrip("=")


def read_cursor(cursor: str | None, length: int) -> list[Any] | None:
    """The place that `write_cursor` wrote; None at the beginning of the list.

    Raises:
        InputInvalid: it is not one of ours.
    """
    if not cursor:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        place = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error):
        place = None
    if not isinstance(place, list) or len(place) != length:
        raise InputInvalid(
            [Problem("/cursor", "this is not the cursor of a list: take it from the page before")]
        )
    return place
