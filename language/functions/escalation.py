"""Escalation: asking ever other people until somebody takes a matter."""

from __future__ import annotations

from language.functions.descriptor import Function
from language.functions.schemas import (
    ANYTHING,
    CHANNELS,
    COUNT,
    DURATION,
    EVENT,
    FLAG,
    JSON_OBJECT,
    MATCH,
    PERSON_ID,
    TIME,
    choice,
    list_of,
    maybe,
    named,
    optional,
    record,
    text,
)

DEFINITION = "escalation-ladder"
"""The definition that climbs a ladder."""

OUTCOMES = (
    "acknowledged", "still-on-it", "handed-back", "handled", "no-answer", "raised", "stopped",
)  # fmt: skip
"""Outcomes of the work items of a ladder, as its definition names them."""

_UNTIL = record(
    {
        "status": named("status"),
        "phase": choice("open", "waiting", "resolved", "closed"),
        "event": EVENT,
        "match": MATCH,
    },
    exactly_one=("status", "phase", "event"),
    description="when nobody has to be asked any more; the end of the case always counts",
)
_LEVEL = {"type": ["integer", "null"], "minimum": 1}

ESCALATE = Function(
    name="escalate",
    kind="waits",
    doc="Starts a ladder of the organization beside the case and goes on; a second call while it "
    "runs raises its severity.",
    arguments=record(
        {
            "ladder": named("ladder", "which ladder of the organization"),
            "until": _UNTIL,
            "severity": maybe("how grave it is, P1 to P4; P1 knows no quiet hours"),
            "level": {**_LEVEL, "description": "the level to be asked at least, counted from 1"},
            "reason": maybe("why, for those who are asked"),
            "wait": {**FLAG, "description": "whether to wait until somebody took it"},
        },
        ["ladder"],
    ),
    result=record(
        {
            "case": optional(text()),
            "state": choice("running", "acknowledged", "exhausted", "stopped"),
            "level": _LEVEL,
            "by": PERSON_ID,
            "at": TIME,
        },
        ["case", "state", "level", "by", "at"],
    ),
    needs=("id", "definition"),
    summary="ladder",
)

LADDER = Function(
    name="ladder",
    kind="decides",
    doc="The next step of a ladder: whom to ask now, from what has happened since the step before.",
    arguments=record(
        {
            "ladder": named("ladder", "which ladder; its levels are kept from the first step on"),
            "before": {
                **optional(JSON_OBJECT),
                "description": "the step before, as this function gave it; null at the start",
            },
            "last": {
                **optional(JSON_OBJECT),
                "description": "result of the work item that was answered since. Its outcome is "
                + ", ".join(OUTCOMES),
            },
            "severity": maybe("how grave it is at the start"),
            "level": {**_LEVEL, "description": "the level to begin with"},
            "about": {
                **JSON_OBJECT,
                "description": "the case that is escalated: requester, owner, assignees, watchers, "
                "group, calendar",
            },
        },
        ["ladder"],
    ),
    result=record(
        {
            "ladder": text(),
            "state": choice("asking", "acknowledged", "handled", "exhausted", "stopped"),
            "level": COUNT,
            "levels": COUNT,
            "round": COUNT,
            "rounds": COUNT,
            "severity": optional(text()),
            "urgent": FLAG,
            "triggers": COUNT,
            "people": list_of(text()),
            "assign": list_of(JSON_OBJECT),
            "wait": optional(DURATION),
            "within": optional(DURATION),
            "channel": CHANNELS,
            "window": ANYTHING,
            "workItem": optional(text()),
            "reassign": optional(JSON_OBJECT),
            "by": PERSON_ID,
            "told": list_of(text()),
            "skipped": list_of(
                record({"level": COUNT, "round": COUNT, "reason": text()}, closed=False)
            ),
            "reason": optional(text()),
            "at": TIME,
            "frozen": JSON_OBJECT,
        },
        ["ladder", "state", "level", "round", "people", "assign", "told", "by", "at"],
        closed=False,
    ),
    summary="ladder",
)

FUNCTIONS = (ESCALATE, LADDER)
