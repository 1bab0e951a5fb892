"""What an act on a case asks, in short: the same id again must ask the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.digests import digest_of

_CIRCUMSTANCES = ("id", "standing", "language", "via")
"""What a door adds by itself, and may be another at the second attempt."""


def content_of(act: str, request: Mapping[str, Any]) -> str:
    """A digest of what is asked, the same for each attempt to ask it."""
    asked = {name: value for name, value in request.items() if name not in _CIRCUMSTANCES}
    to = asked.get("to")
    if isinstance(to, Mapping):
        # Whom a Who means may be others a moment later; what was asked for is the Who.
        asked["to"] = to.get("who") or to.get("person") or to
    return digest_of({"act": act, **asked})[:16]
