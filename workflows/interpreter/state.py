"""Everything that a case remembers, as plain JSON: the position, the record, the queues.

A snapshot is this state and nothing else. Coroutines walk it and can start again from it, so
whatever must survive a wait is written here before the wait begins.
"""

from __future__ import annotations

import copy
import dataclasses
from dataclasses import dataclass, field
from typing import Any

from workflows.interpreter.levels import FIRST

FORMAT = 1
"""Number of the snapshot's form; a later worker reads older ones."""

REMEMBERED_IDS = 1000
"""How many event and answer ids are kept for refusing duplicates."""

TIMELINE_LENGTH = 500
"""Lines that a running case keeps; the records have all of them."""

MESSAGES_KEPT = 1000


@dataclass(slots=True)
class CaseState:
    """State of one case. All fields hold JSON."""

    id: str
    key: str
    first_run: str
    started_at: str
    schedule: dict[str, Any] | None = None
    """{name, kind, at, why, calendar, digest} of the schedule that started the case; of a chain
    also `closed`, when its end was clear, and `next`, what became of the case after it."""
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
    bookings: dict[str, Any] = field(default_factory=dict)
    """Id -> what the case has booked, or is booking (`workflows.interpreter.bookings`)."""
    booked: int = 0
    """How many bookings were begun: each has its own number."""
    rounds: dict[str, Any] = field(default_factory=dict)
    """Rounds of approvals; of each seat there is a work item as well."""
    clocks: dict[str, Any] = field(default_factory=dict)
    clock_queue: list[dict[str, Any]] = field(default_factory=list)
    flow: dict[str, Any] = field(default_factory=dict)
    reactions: list[dict[str, Any]] = field(default_factory=list)
    """Begun and waiting runs of reactions and thresholds, in order of arrival."""
    every: dict[str, Any] = field(default_factory=dict)
    buffer: list[dict[str, Any]] = field(default_factory=list)
    seen_events: list[str] = field(default_factory=list)
    subscriptions: dict[str, Any] = field(default_factory=dict)
    """Id -> {wanted, told}: what the case listens to, and what the routers of events know of it."""
    answered: dict[str, Any] = field(default_factory=dict)
    """Answer or command id -> the result given first."""
    asked: dict[str, str] = field(default_factory=dict)
    """The same id -> a digest of what was asked."""
    children: dict[str, Any] = field(default_factory=dict)
    parts: dict[str, int] = field(default_factory=dict)
    """Id of a part without its number -> how many were begun."""
    escalations: dict[str, Any] = field(default_factory=dict)
    """Case of a ladder -> {ladder, item, task, until, severity, triggers, state, level, by, at, ...}:
    how far it has come, and what is to be told to it."""
    held_notices: list[dict[str, Any]] = field(default_factory=list)
    """Notices that a delivery window holds back: when, whom, and the action that tells them."""
    unwanted: list[str] = field(default_factory=list)
    """Parts of the case that are being asked to end."""
    undos: list[dict[str, Any]] = field(default_factory=list)
    """What can be undone, and is, in the order of finishing: {seq, task, path, n, attempts, result,
    names, at, state, for?, frame?}; `state` is ready, asked, running, undone, skipped or failed."""
    undo_count: int = 0
    marks: dict[str, Any] = field(default_factory=dict)
    """Task that an undo goes back to -> {path, n, from}: where in `undos` it began."""
    spent: dict[str, int] = field(default_factory=dict)
    """Task path -> newest occurrence that was undone: a retry counts on from there."""
    matter: dict[str, Any] | None = None
    """Of a case that works on the record of another one (`interpreter.membership`)."""
    members: dict[str, Any] = field(default_factory=dict)
    """Cases that work on this one's record (`interpreter.matter`)."""
    posts: list[dict[str, Any]] = field(default_factory=list)
    """{to, event}: what other cases of the matter are still to be sent."""
    waits_inside: bool = False
    """Whether the innermost cases that this one waits for wait themselves."""
    linking: list[dict[str, Any]] = field(default_factory=list)
    """Links that are asked for: {id, to, kind, reason, by, reply} (`interpreter.linking`)."""
    linked: dict[str, Any] = field(default_factory=dict)
    """Id of a request or a question -> {linked, reason}."""
    merged: dict[str, Any] | None = None
    """{into, reason, by}: the case is a duplicate of another one, and ends."""
    held: dict[str, Any] = field(default_factory=dict)
    """Task path -> {error, since, act?}: tasks that wait for an operator."""
    withdrawals: dict[str, Any] = field(default_factory=dict)
    """Work item -> whom to tell that it was withdrawn, until they were told."""
    operator_items: dict[str, Any] = field(default_factory=dict)
    """What operators had and have to do, by id: an item for each time that a task was held."""
    outbox: dict[str, Any] = field(default_factory=dict)
    timeline: list[dict[str, Any]] = field(default_factory=list)
    facts: int = 0
    """Number of the newest line of the timeline: every line of the audit has its own."""
    written: int = 0
    """Number of the newest write of the projection; grows with every write, resets included."""
    messages: list[dict[str, Any]] = field(default_factory=list)
    """Mails of the case, in and out: {messageId, direction, at}."""
    told: dict[str, Any] | None = None
    """The row that was written last, without its number."""
    rested: bool = False
    """Whether the case ever waited for anything but an action."""
    cancel: dict[str, Any] | None = None
    suspended: dict[str, Any] | None = None
    """{since, by, reason, pauseClocks, whole} while no task may begin."""
    migrating: dict[str, Any] | None = None
    """{id, plan, map, by, reason}: the version to which the case moves at its next quiet moment."""
    migrated: dict[str, Any] | None = None
    """{id, state, from, to, obstacles} of the newest migration."""
    key_paths: dict[str, str] = field(default_factory=dict)
    """Task path -> the path of an earlier version, which the keys of its actions keep."""
    orders: list[dict[str, Any]] = field(default_factory=list)
    """What parts of the case are still to be told: {case, event}."""
    go_to: str | None = None
    output: Any = None
    over: bool = False
    """Whether the flow has come to its end, for a definition whose cases can be reopened."""
    closed: dict[str, Any] | None = None
    """{as, at, until} while the flow is over and the case can be reopened."""
    reopened: dict[str, Any] | None = None
    """The event that reopens the case."""
    reopenings: list[str] = field(default_factory=list)
    """When the case was reopened within the last hour."""
    duplicates: int = 0
    """Events that came again and were ignored."""
    hops: int = 0
    """From how many other cases the newest event has come, one after the other."""
    ended: dict[str, Any] | None = None
    announces: bool = False
    """Whether there was a sink for lifecycle events when the case started."""
    announcements: list[dict[str, Any]] = field(default_factory=list)
    """Lifecycle events that are not delivered yet."""
    announced: dict[str, int] = field(default_factory=dict)
    """Phase of the case -> how often it was told."""
    semantics: int = FIRST
    """Level of the interpreter that the case started with."""
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
