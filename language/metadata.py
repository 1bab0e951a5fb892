"""`document.metadata`: the rules of every case of a definition, closed by a schema of our own."""

from __future__ import annotations

from language.functions.schemas import (
    DURATION,
    EVENT,
    JSON_OBJECT,
    MATCH,
    STANDARD_DURATION,
    Schema,
    choice,
    list_of,
    map_of,
    named,
    record,
    text,
)
from language.tasks.base import TASK_LIST

PHASES = ("open", "waiting", "resolved", "closed")

_PHASE = choice(*PHASES, doc="what the status means")
_TRIGGER_OBJECT = record(
    {"status": named("status"), "phase": _PHASE, "event": EVENT, "match": MATCH},
    exactly_one=("status", "phase", "event"),
)
_TRIGGER_ONE: Schema = {
    "anyOf": [named("status"), _TRIGGER_OBJECT],
    "x-says": "a status, { phase } or { event, match }",
}
TRIGGERS: Schema = {
    "anyOf": [named("status"), _TRIGGER_OBJECT, list_of(_TRIGGER_ONE, minItems=1)],
    "x-says": "a status, { phase }, { event, match } or a list of those",
}
_EVENT_TRIGGER = record({"event": EVENT, "match": MATCH}, ["event"])

CASE_RECORD_FIELDS = (
    "subject", "requester", "customer", "ticket", "priority", "type", "group", "owner",
    "watchers", "assets", "tags", "data", "links",
)  # fmt: skip

_START = record(
    {
        "key": text("what makes a case one of its kind"),
        "record": record({name: {} for name in CASE_RECORD_FIELDS}),
        "whenRunning": choice("join", "refuse"),
        "whenClosed": choice("reopen", "refuse", "new", "join"),
    }
)
_REOPEN = record(
    {
        "window": {**DURATION, "description": "how long after its end a case can go on"},
        "at": named("top-level task", "the task at which it goes on"),
        "when": TRIGGERS,
        "mostPerHour": {
            "type": "integer",
            "minimum": 1,
            "description": "how often within an hour; more asks an operator",
        },
    },
    ["window", "at"],
)
_TARGET: Schema = {
    "anyOf": [
        *DURATION["anyOf"],
        record(
            {"table": named("table", literal=True), "facts": JSON_OBJECT, "output": text()},
            ["table", "facts", "output"],
        ),
    ],
    "description": "how long it may take",
    "x-says": "a duration, or { table, facts, output }",
}
_PERCENT: Schema = {
    "type": "string",
    "pattern": r"^\d+(\.\d+)?\s*%$",
    "x-says": "a share of the target such as 75%",
}
_THRESHOLD = record(
    {"elapsed": _PERCENT, "remaining": DURATION, "do": {**TASK_LIST, "description": "what then"}},
    ["do"],
    exactly_one=("elapsed", "remaining"),
)
_CLOCK = record(
    {
        "title": {},
        "runsFrom": {**TRIGGERS, "description": "what starts it"},
        "until": {**TRIGGERS, "description": "what ends it"},
        "pausedIn": TRIGGERS,
        "restartsOn": TRIGGERS,
        "onReopen": choice("resume", "restart", "new"),
        "target": _TARGET,
        "calendar": named("calendar"),
        "at": list_of(_THRESHOLD),
    },
    ["target"],
)
_EVERY: Schema = record(
    {**DURATION["anyOf"][0]["properties"], "while": TRIGGERS, "max": {"type": "integer"}},
    minProperties=1,
)
_REACTION: Schema = record(
    {
        "on": _EVENT_TRIGGER,
        "every": _EVERY,
        "goTo": named("top-level task"),
        "do": TASK_LIST,
        "atMost": {
            "type": "integer",
            "minimum": 1,
            "description": "how many events are worked on at the same time, 1 by default",
        },
    },
    exactly_one=("on", "every"),
    anyOf=[{"required": ["do"]}, {"required": ["goTo"]}],
)
_NAMES = list_of(named("group or role"))
_SCHEDULE = record(
    {
        "rule": text("the days, such as first-business-day"),
        "every": {**STANDARD_DURATION, "description": "the interval"},
        "cron": text("the times as a cron expression"),
        "months": list_of({"type": "integer", "minimum": 1, "maximum": 12}, minItems=1),
        "from": {"type": "string", "format": "date", "description": "the first day that counts"},
        "at": text("the time of day, 09:00 by default"),
        "timezone": text("the time zone; by default the calendar's"),
        "calendar": named("calendar", "which days are worked; by default the definition's"),
        "holiday": choice("skip", "previous", "next", "run", doc="on a day that is not worked"),
        "overlap": choice("skip", "buffer-one", "allow", doc="while the case before still runs"),
        "catchUp": {**STANDARD_DURATION, "description": "how late a missed start is made up for"},
        "jitter": {**STANDARD_DURATION, "description": "starts are spread over so much time"},
        "input": {"description": "the input of each case"},
    },
    exactly_one=("rule", "every", "cron"),
)

_ACCESS = record({"see": _NAMES, "start": _NAMES, "answer": _NAMES})
_MIRROR = record({"mirror": list_of(choice("status", "priority", "group", "owner", "subject"))})
_STATUS = record({"phase": _PHASE, "title": {"anyOf": [text(), map_of(text())]}}, ["phase"])

METADATA = record(
    {
        "owner": named("role or person", "the role or person that answers for the process"),
        "calendar": named("calendar", "the calendar in which working time counts"),
        "onError": choice(
            "hold",
            "fail",
            doc="what an error does that nothing catches; hold waits for an operator",
        ),
        "record": choice(
            "own",
            "matter",
            doc="whose record it works on: its own, or that of the case it is part of",
        ),
        "access": {**_ACCESS, "description": "who sees, starts and answers its cases"},
        "start": {**_START, "description": "the key of a case, and what its record begins with"},
        "reopen": {**_REOPEN, "description": "how a closed case can go on"},
        "ticket": {**_MIRROR, "description": "what of the case its ticket follows by itself"},
        "statuses": map_of(
            _STATUS, description="the statuses of a case, the first one is where it begins"
        ),
        "clocks": map_of(_CLOCK, description="service-level clocks, beside the flow"),
        "reactions": map_of(
            _REACTION, description="what is done when something happens, beside the flow"
        ),
        "schedules": map_of(_SCHEDULE, description="times at which cases start, by the calendar"),
    }
)
"""The JSON Schema of `document.metadata`."""

NATURAL = (("start", "key"),)
EXPRESSIONS = (("start", "key"), ("start", "record"), ("clocks", "*", "target"))
"""Where expressions stand in metadata."""
