"""A case that was found by what it is about."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCase:
    """One case that matches. `sender` is its requester's address in lower case."""

    case: str
    definition: str
    status: str | None
    phase: str
    ticket: str | None
    subject: str | None
    sender: str | None
    merged_into: str | None = None
