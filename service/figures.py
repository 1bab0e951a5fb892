"""What figures are computed from: cases and what happened in them, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a case. `told_at` is when the records heard of it."""

    kind: str
    """began, status, clock, breached, answered, reopened, escalated, held or ended"""
    at: datetime
    told_at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """A case, as it stands now, and its events in order."""

    case: str
    definition: str
    priority: str | None
    type: str | None
    group: str | None
    started_at: datetime
    ended_at: datetime | None
    events: tuple[Event, ...] = ()
