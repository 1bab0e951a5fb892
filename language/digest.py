"""Digests of JSON: the same value has the same digest on every machine.

The order of an object's members counts: the first status of a definition is where a case begins,
and people are asked in the order in which the organization lists them.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any


def canonical_json(value: Any) -> str:
    """JSON without spaces, its members in their order."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical_json(value).encode("utf-8", "surrogatepass")).hexdigest()
