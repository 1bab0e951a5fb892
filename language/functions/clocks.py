"""Clocks and waiting: what depends on time alone, or on an event."""

from __future__ import annotations

from language.functions.descriptor import Function
from language.functions.schemas import (
    ANYTHING,
    DURATION,
    EVENT,
    IN,
    MATCH,
    MOMENT,
    REMIND,
    TIME,
    choice,
    named,
    optional,
    record,
    text,
)

CLOCK = Function(
    name="clock",
    kind="decides",
    doc="Starts, pauses, resumes, stops or retargets a clock by hand.",
    arguments=record(
        {
            "name": named("clock", "which clock"),
            "act": choice(
                "start", "pause", "resume", "stop", "cancel", "retarget", doc="what to do with it"
            ),
            "target": DURATION,
            "calendar": named("calendar"),
            "reason": text(),
        },
        ["name", "act"],
    ),
    result=record(
        {
            "name": text(),
            "state": choice("idle", "running", "paused", "met", "breached", "cancelled"),
            "deadline": optional(TIME),
            "elapsed": ANYTHING,
            "remaining": ANYTHING,
            "calendar": ANYTHING,
            "digest": optional(text()),
        },
        ["name", "state", "deadline", "elapsed", "remaining"],
    ),
    summary="act",
)

WAIT_FOR = Function(
    name="wait-for",
    kind="waits",
    doc="Waits for an event, a time, or whichever comes first.",
    arguments=record(
        {
            "event": {**EVENT, "description": "type of the event to wait for"},
            "match": MATCH,
            "at": MOMENT,
            "after": DURATION,
            "remind": REMIND,
            "due": IN,
        },
        anyOf=[{"required": ["event"]}, {"required": ["at"]}, {"required": ["after"]}],
    ),
    result=record(
        {"outcome": choice("received", "timed-out", "reached"), "event": ANYTHING, "at": TIME},
        ["outcome", "event", "at"],
    ),
    needs=(
        "id", "definition", "ticket", "subject", "status", "priority", "requester", "customer",
        "owner", "assignees", "watchers", "group", "data", "drill",
    ),
    summary="event",
)  # fmt: skip

FUNCTIONS = (CLOCK, WAIT_FOR)
