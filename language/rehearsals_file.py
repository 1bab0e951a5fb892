"""Rehearsal files: what they may say, before anything is run."""

from __future__ import annotations

from typing import Any

from language.findings import Finding, in_order
from language.functions.schemas import (
    COUNT,
    DURATION,
    JSON_OBJECT,
    Schema,
    choice,
    list_of,
    map_of,
    record,
    text,
)
from language.report import Report
from language.shape import Shape
from language.source import Node, read_source
from language.suppression import without_ignored

_TIME: Schema = {"type": "string", "format": "date-time"}
_FAILURES = ("Unavailable", "RateLimited", "NotAuthorized", "Refused", "NotFound", "Conflict")
_STUB = record(
    {
        "fails": choice(*_FAILURES),
        "detail": text(),
        "times": {"type": "integer", "minimum": 1},
        "returns": {},
        "takes": DURATION,
    },
    minProperties=1,
)
_HTTP_STUB = record(
    {
        "request": record(
            {"method": text(), "uri": text(), "body": {}, "query": {}, "headers": {}}
        ),
        "response": record({"status": {"type": "integer"}, "body": {}, "headers": JSON_OBJECT}),
        "fails": choice(*_FAILURES),
        "detail": text(),
        "times": {"type": "integer", "minimum": 1},
    },
    ["request"],
)
_RUN_STUB = {
    "anyOf": [
        choice("real"),
        map_of(
            list_of(
                record(
                    {"takes": DURATION, "returns": {}, "fails": {}, "times": COUNT}, minProperties=1
                )
            )
        ),
    ],
    "x-says": "real, or the stubs of each definition",
}
LINE: Schema = {
    "opens": text(),
    "reminds": text(),
    "reassigns": text(),
    "withdraws": text(),
    "overdue": text(),
    "claims": text(),
    "releases": text(),
    "answers": text(),
    "breaches": text(),
    "threshold": {},
    "reaches": {},
    "clock": text(),
    "action": text(),
    "status": text(),
    "phase": text(),
    "event": text(),
    "starts": text(),
    "updates": {},
    "holds": text(),
    "reaction": text(),
    "reopens": {},
    "goesTo": text(),
    "ends": {},
    "state": text(),
}
"""What a line of the timeline can be about."""
_DETAILS: Schema = {
    "at": _TIME,
    "task": text(),
    "person": text(),
    "by": text(),
    "to": {},
    "message": text(),
    "times": COUNT,
    "outcome": text(),
    "case": text(),
    "definition": text(),
    "arguments": JSON_OBJECT,
    "result": {},
    "data": {},
    "text": text(),
    "group": text(),
    "language": text(),
    "channel": text(),
    "late": {"type": "boolean"},
    "error": text(),
    "elapsed": {},
    "name": text(),
    "reason": text(),
}
_TIMELINE_LINE = record({**LINE, **_DETAILS}, minProperties=1)
_ACTS = {
    "answer": text(),
    "claim": text(),
    "release": text(),
    "reassign": text(),
    "event": text(),
    "vote": text(),
    "cancel": text(),
    "acknowledge": text(),
    "suspend": {"type": "boolean"},
    "resume": {"type": "boolean"},
    "down": text(),
    "operate": choice("retry", "skip", "fail"),
    "draft": text(),
}
_SCRIPT_LINE = record(
    {
        **_ACTS,
        "when": record(
            {
                **LINE,
                **{key: _DETAILS[key] for key in ("task", "person", "message", "case", "times")},
            },
            minProperties=1,
        ),
        "after": DURATION,
        "at": _TIME,
        "by": text(),
        "onBehalfOf": text(),
        "values": JSON_OBJECT,
        "value": {},
        "data": {},
        "type": text(),
        "from": {},
        "id": text(),
        "task": text(),
        "to": {},
        "reason": text(),
        "for": DURATION,
        "case": text(),
        "comment": text(),
        "via": text(),
    },
    anyOf=[{"required": ["when"]}, {"required": ["at"]}, {"required": ["after"]}],
)
_CLOCK = record(
    {
        "state": choice("idle", "running", "paused", "met", "breached", "cancelled"),
        "elapsed": DURATION,
        "remaining": DURATION,
        "deadline": _TIME,
        "breached": {"type": "boolean"},
    },
    minProperties=1,
)
_ENDS = record(
    {
        "as": choice("completed", "cancelled", "held", "failed", "running"),
        "status": text(),
        "at": _TIME,
        "output": {},
        "error": {},
        "reason": text(),
    },
    minProperties=1,
)
REHEARSAL = record(
    {
        "rehearsal": text("what is shown, in one sentence"),
        "kind": choice("normal", "timeout", "cancel", "unhappy"),
        "at": {**_TIME, "description": "when it starts, for example '2026-03-02T09:00+08:00'"},
        "definition": text(),
        "organization": JSON_OBJECT,
        "input": {"description": "what the case starts with"},
        "key": text(),
        "by": text(),
        "stubs": {
            "type": "object",
            "properties": {"http": list_of(_HTTP_STUB), "run": _RUN_STUB},
            "additionalProperties": list_of(_STUB),
        },
        "script": list_of(_SCRIPT_LINE),
        "expect": record(
            {
                "ends": _ENDS,
                "timeline": list_of(_TIMELINE_LINE),
                "never": list_of(_TIMELINE_LINE),
                "clocks": map_of(_CLOCK),
                "output": {},
                "data": {},
            },
            description="what must come out of it",
        ),
    },
    ["rehearsal", "kind", "at", "expect"],
)
"""The JSON Schema of a rehearsal file."""


def check_rehearsal(text: str, file: str) -> tuple[Any, tuple[Finding, ...]]:
    """Read a rehearsal file.

    Returns:
        Its JSON, or None when there are errors, and what is wrong with it.
    """
    source = read_source(text, file)
    report = Report(file)
    if source.root is not None:
        Shape(report, expressions=False).check(source.root, REHEARSAL, "a rehearsal")
        _check_sense(source.root, report)
    findings = in_order([*source.findings, *report.findings])
    return (None if findings else source.value), without_ignored(findings, {file: text})


def _check_sense(root: Node, report: Report) -> None:
    expect = root.get("expect")
    if (
        expect is not None
        and expect.entries is not None
        and not any(value.entries or value.items for _, value in expect.entries)
    ):
        report.say(
            "CW118",
            root.key("expect") or expect,
            "this rehearsal asserts nothing",
            "Say at least how the case ends: expect: { ends: { as: completed } }.",
        )
    script = root.get("script")
    for line in (script.items if script else None) or ():
        acts = [key for key in line.names() if key in _ACTS]
        if line.entries is not None and not acts:
            report.say(
                "CW106",
                line,
                "this line of the script does nothing",
                f"It has one of {', '.join(_ACTS)}.",
            )
        by = line.get("by")
        needs_person = any(act in acts for act in ("answer", "claim", "release", "vote"))
        if needs_person and by is None:
            report.say("CW106", line, 'this line of the script needs "by": who does it?')
