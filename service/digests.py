"""Digests of organization data, so that a decision can say which version of it was used."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Generic, TypeVar

Made = TypeVar("Made")

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical(value: Any) -> str:
    """JSON text that is equal exactly where the values are: sorted keys, no blanks."""
    return _ENCODER.encode(value)


def digest_of(value: Any) -> str:
    """SHA-256 over the canonical JSON of a value, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


class ByIdentity(Generic[Made]):
    """Remembers what was made of named data, so that equal data need not be compared again.

    The data are kept as well: no other object can get their identity. They must never be changed.
    """

    def __init__(self, make: Callable[[str, Any], Made], size: int = 512) -> None:
        self._make = make
        self._size = size
        self._known: OrderedDict[tuple[str, int], tuple[Any, Made]] = OrderedDict()

    def __call__(self, name: str, data: Any) -> Made:
        """What the function makes of these data; the same object for the same data."""
        key = (name, id(data))
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = (data, self._make(name, data))
            while len(self._known) > self._size:
                self._known.popitem(last=False)
        return found[1]
