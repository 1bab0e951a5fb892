"""Statistics with one fixed definition each, so that two reports mean the same by a word."""

from __future__ import annotations

import math
from collections.abc import Sequence

PERCENTILE = "nearest rank: the smallest measured value that at least p % of all do not exceed"
"""Stands in the digest of every figure that uses one."""


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The percentile by nearest rank: always a value that was measured. None without values."""
    if not values:
        return None
    ordered = sorted(values)
    rank = max(math.ceil(percent / 100 * len(ordered)), 1)
    return ordered[rank - 1]


def mean(values: Sequence[float]) -> float | None:
    """The arithmetic mean; None without values, which is not zero."""
    return math.fsum(values) / len(values) if values else None
