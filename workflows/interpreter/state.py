"""Everything that a case remembers, as plain JSON: the position, the record, the queues.

A snapshot is this state and nothing else. Coroutines walk it and can start again from it, so
whatever must survive a wait is written here before the wait begins.
"""

from __future__ import annotations

import copy
import dataclasses
from dataclasses import dataclass, field
from typing import Any

FORMAT = 1
"""Number of the snapshot's form; a later worker reads older ones."""

REMEMBERED_IDS = 1000
"""How many event and answer ids are kept for refusing duplicates."""

TIMELINE_LENGTH = 200


@dataclass(slots=True)
class CaseState:
    """State of one case. All fields hold JSON."""

    id: str
    key: str
    first_run: str
    started_at: str
    input: Any = None
    transformed: Any = None
    """The workflow's input after `input.from`: `$input` of the workflow."""
    context: Any = None
    record: dict[str, Any] = field(default_factory=dict)
    """What only functions write: status, priority, requester, ticket ..."""
    results: dict[str, Any] = field(default_factory=dict)
    runs: dict[str, int] = field(default_factory=dict)
    occurrences: dict[str, int] = field(default_factory=dict)
    """Task path -> times begun; part of every idempotency key."""
    items: dict[str, Any] = field(default_factory=dict)
    clocks: dict[str, Any] = field(default_factory=dict)
    clock_queue: list[dict[str, Any]] = field(default_factory=list)
    flow: dict[str, Any] = field(default_factory=dict)
    reactions: list[dict[str, Any]] = field(default_factory=list)
    """Begun and waiting runs of reactions and thresholds, in order of arrival."""
    every: dict[str, Any] = field(default_factory=dict)
    buffer: list[dict[str, Any]] = field(default_factory=list)
    seen_events: list[str] = field(default_factory=list)
    answered: dict[str, Any] = field(default_factory=dict)
    """Answer or command id -> the result given first."""
    children: dict[str, Any] = field(default_factory=dict)
    held: dict[str, Any] = field(default_factory=dict)
    """Task path -> {error, since, act?}: tasks that wait for an operator."""
    outbox: dict[str, Any] = field(default_factory=dict)
    timeline: list[dict[str, Any]] = field(default_factory=list)
    facts: int = 0
    """Numbers audit facts and writes of the projection, in the order in which they happened."""
    cancel: dict[str, Any] | None = None
    go_to: str | None = None
    output: Any = None
    ended: dict[str, Any] | None = None
    semantics: int = 1
    format: int = FORMAT

    def to_json(self) -> dict[str, Any]:
        """A copy that shares nothing with the running case."""
        return {
            each.name: copy.deepcopy(getattr(self, each.name)) for each in dataclasses.fields(self)
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> CaseState:
        """The state that `to_json` wrote.

        Raises:
            ValueError: the snapshot is of a newer form than this worker knows.
        """
        if data.get("format", 1) > FORMAT:
            raise ValueError(f"snapshot of form {data['format']}; this worker knows up to {FORMAT}")
        known = {each.name for each in dataclasses.fields(cls)}
        return cls(**{name: value for name, value in data.items() if name in known})
