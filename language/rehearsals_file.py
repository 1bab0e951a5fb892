"""Rehearsal files: what they may say, before anything is run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from language.checks import rehearsal
from language.draft import Draft
from language.findings import Finding, has_errors, in_order
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
HAPPENINGS: Mapping[str, Schema] = {
    "opens": text("a work item, by its task; `work#2` is the second of that task"),
    "reminds": text(),
    "reassigns": text(),
    "delegates": text("a work item"),
    "withdraws": text(),
    "answers": text(),
    "breaches": text("a clock"),
    "threshold": text("a clock"),
    "action": text("a function"),
    "status": text(),
    "starts": text("a definition"),
    "overdue": text("a work item"),
    "votes": text("an approval, by its task; `vote#2` is its second round"),
    "closes": text("an approval whose round is decided"),
    "extends": text("an approval that gets more time"),
    "holds": text("a task"),
    "undoes": text("a task that is undone"),
    "suspends": {"type": "boolean", "description": "true: the case is suspended"},
    "resumes": {"type": "boolean", "description": "true: a suspended case goes on"},
    "reopens": text("the task at which the case goes on"),
    "holdsBack": text("a task whose notice waits for its delivery window"),
    "tells": text("a task whose notice was held back and is told now"),
    "escalates": text("a ladder, with its state: started, running, acknowledged, stopped ..."),
    "emits": text("the type of an event that the case publishes"),
    "hears": text("the type of an event that a listening task takes"),
}
"""What a line of a timeline is about; every line has one of these."""
_DETAILS: Mapping[str, Schema] = {
    "task": text(),
    "person": text(),
    "groups": {},
    "to": {},
    "by": text(),
    "message": text(),
    "language": text(),
    "outcome": text(),
    "vote": choice("approve", "reject"),
    "seat": text("whose vote it is, where somebody else has voted"),
    "decision": choice("approved", "rejected", "superseded", "no-voters"),
    "reason": text(),
    "started": {"type": "boolean"},
    "name": text(),
    "state": text(),
    "until": _TIME,
    "level": COUNT,
    "severity": text(),
    "in": text("a definition whose case it happens in, with run: real"),
}
_ONE_HAPPENING = [{"required": [name]} for name in HAPPENINGS]
_TIMELINE_LINE = record(
    {**HAPPENINGS, **_DETAILS, "at": _TIME, "times": COUNT}, anyOf=_ONE_HAPPENING
)
_TRUE_OR_WHY: Schema = {
    "anyOf": [{"const": True}, {"type": "string", "minLength": 1}],
    "x-says": "true, or the reason",
}
ACTS: Mapping[str, Schema] = {
    "answer": text("an outcome of the work item"),
    "vote": choice("approve", "reject", doc="a vote on an approval"),
    "claim": text("a work item"),
    "release": text("a work item"),
    "delegate": text("a work item, which the person under `to` does then"),
    "reassign": text("a work item, which goes to `to`"),
    "draft": text("a work item, of which the values are kept"),
    "acknowledge": text("a ladder of the case, on which somebody takes it"),
    "event": text("the type of an event"),
    "publish": text("the type of an event that names no case"),
    "cancel": text("the reason"),
    "suspend": _TRUE_OR_WHY,
    "resume": _TRUE_OR_WHY,
    "operate": choice("retry", "skip", "fail"),
    "down": text("a capability such as mail"),
}
"""What a line of the script does; every line has one of these."""
BY_PEOPLE = ("answer", "vote", "acknowledge", "claim", "release", "delegate", "reassign", "draft")
"""Acts that somebody does."""
_SCRIPT_LINE = record(
    {
        **ACTS,
        "when": record({**HAPPENINGS, **_DETAILS}, anyOf=_ONE_HAPPENING),
        "after": DURATION,
        "at": _TIME,
        "by": text(),
        "reason": text("why an overseer steps in, or why work is given to others"),
        "to": {"description": "who gets it: a person, or for `reassign` any who"},
        "onBehalfOf": text("for whom somebody answers"),
        "effort": {**DURATION, "description": "how long it took"},
        "refused": {"type": "boolean", "description": "whether the act has to be refused"},
        "values": JSON_OBJECT,
        "comment": text("of a vote"),
        "seat": text("for whose seat the vote is, where it is not clear"),
        "data": {},
        "attributes": {**JSON_OBJECT, "description": "of an event: source, subject, id ..."},
        "task": text(),
        "in": text("a definition whose case is meant, with run: real"),
        "for": DURATION,
        "pauseClocks": {"type": "boolean", "description": "of a suspended case"},
    },
    anyOf=[{"required": ["when"]}, {"required": ["at"]}],
)
_CLOCK = record(
    {
        "state": choice("idle", "running", "paused", "met", "breached", "cancelled"),
        "elapsed": DURATION,
    },
    minProperties=1,
)
_ENDS = record(
    {
        "as": choice("completed", "cancelled", "held", "failed", "running"),
        "status": text(),
        "at": _TIME,
    },
    minProperties=1,
)
REHEARSAL = record(
    {
        "rehearsal": text("what is shown, in one sentence"),
        "kind": choice("normal", "timeout", "cancel", "unhappy"),
        "at": {**_TIME, "description": "when it starts, for example '2026-03-02T09:00+08:00'"},
        "organization": JSON_OBJECT,
        "drill": {"type": "boolean", "description": "whether the case is a drill"},
        "input": {"description": "what the case starts with"},
        "stubs": {
            "type": "object",
            "properties": {"http": list_of(_HTTP_STUB), "run": _RUN_STUB},
            "additionalProperties": list_of(_STUB, minItems=1),
        },
        "script": list_of(_SCRIPT_LINE, minItems=1),
        "expect": record(
            {
                "ends": _ENDS,
                "timeline": list_of(_TIMELINE_LINE),
                "never": list_of(_TIMELINE_LINE),
                "clocks": map_of(_CLOCK),
                "output": {"description": "what the case gives back; of objects the keys named"},
                "data": {**JSON_OBJECT, "description": "what $case.data holds at the end"},
            },
            description="what must come out of it",
        ),
    },
    ["rehearsal", "kind", "at", "expect"],
)
"""The JSON Schema of a rehearsal file."""


def check_rehearsal(
    text: str, file: str, draft: Draft | None = None
) -> tuple[Any, tuple[Finding, ...]]:
    """Read a rehearsal file.

    Args:
        text: The YAML text.
        file: Its name in findings.
        draft: The definition that it is about; without one its names are not looked up.

    Returns:
        Its JSON, or None when there are errors, and what is wrong with it.
    """
    source = read_source(text, file)
    report = Report(file)
    if source.root is not None:
        Shape(report, expressions=False).check(source.root, REHEARSAL, "a rehearsal")
        _check_sense(source.root, report)
        if draft is not None and not report.findings and not source.findings:
            rehearsal.check(source.root, report, draft)
    found = in_order([*source.findings, *report.findings])
    findings = without_ignored(found, {file: text})
    return (None if has_errors(findings) else source.value), findings


def _check_sense(root: Node, report: Report) -> None:
    expect = root.get("expect")
    if (
        expect is not None
        and expect.entries is not None
        and expect.get("output") is None
        and not any(value.entries or value.items for _, value in expect.entries)
    ):
        report.say(
            "CW118",
            root.key("expect") or expect,
            "this rehearsal asserts nothing",
            "Say at least how the case ends: expect: { ends: { as: completed } }.",
        )
    elif expect is not None:
        for key, value in expect.entries or ():
            if value.items == () and key.name in ("timeline", "never"):
                report.say(
                    "CW118", value, f'"{key.name}" is empty and asserts nothing', "Leave it out."
                )
    script = root.get("script")
    for line in (script.items if script else None) or ():
        acts = [key for key in line.names() if key in ACTS]
        if line.entries is not None and not acts:
            report.say(
                "CW106",
                line,
                "this line of the script does nothing",
                f"It has one of {', '.join(ACTS)}.",
            )
        by = line.get("by")
        needs_person = any(act in acts for act in BY_PEOPLE)
        if needs_person and by is None:
            report.say("CW106", line, 'this line of the script needs "by": who does it?')
