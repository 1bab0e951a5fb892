"""How much room a value takes as JSON in ASCII, as Temporal keeps it."""

from __future__ import annotations

import json
from typing import Any

_ENCODER = json.JSONEncoder(separators=(",", ":"), default=str)
_LONGEST_NUMBER = 26


def json_size(value: Any) -> int:
    """Bytes of a value as JSON in ASCII."""
    return len(_ENCODER.encode(value))


def surely_fits(value: Any, limit: int) -> bool:
    """Whether a value takes at most `limit` bytes for certain, without writing it.

    False says nothing: `json_size` counts. Most values are small, and this is a tenth of the work.
    """
    left = limit
    stack = [value]
    while stack:
        each = stack.pop()
        kind = each.__class__
        if kind is str:
            # A letter is up to six characters, one beyond the basic plane twelve.
            left -= len(each) * (6 if each.isascii() else 12) + 3
        elif kind is dict:
            left -= 2 + len(each)
            stack.extend(each)
            stack.extend(each.values())
        elif kind is list:
            left -= 2 + len(each)
            stack.extend(each)
        elif each is None or kind is bool or kind is float:
            left -= _LONGEST_NUMBER
        elif kind is int:
            left -= each.bit_length() // 3 + 3
        else:
            return False
        if left < 0:
            return False
    return True
