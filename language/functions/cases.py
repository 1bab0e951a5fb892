"""The case itself: its status and data, and other cases."""

from __future__ import annotations

from language.functions.descriptor import Function
from language.functions.schemas import (
    ANYTHING,
    DURATION,
    EVENT,
    FLAG,
    IN,
    JSON_OBJECT,
    TIME,
    choice,
    list_of,
    map_of,
    maybe,
    named,
    optional,
    record,
    text,
)

STATUS = Function(
    name="status",
    kind="decides",
    doc="Moves the case to one of the definition's statuses; clocks follow it.",
    arguments=record(
        {
            "to": named("status", "which status comes now"),
            "reason": maybe(),
            "followUp": IN,
        },
        ["to"],
    ),
    result=record(
        {"from": optional(text()), "to": text(), "at": TIME},
        ["from", "to", "at"],
    ),
    summary="to",
)

UPDATE = Function(
    name="case.update",
    kind="decides",
    doc="Changes fields of the case; `data` is merged into $case.data.",
    arguments=record(
        {
            "priority": maybe(),
            "type": maybe(),
            "subject": maybe(),
            "group": optional(named("group")),
            "owner": optional(named("person")),
            "requester": {"anyOf": [named("person"), JSON_OBJECT, {"type": "null"}]},
            "customer": ANYTHING,
            "ticket": ANYTHING,
            "watchers": list_of({"anyOf": [named("person"), JSON_OBJECT]}),
            "assets": list_of(named("asset")),
            "tags": list_of(text()),
            "data": JSON_OBJECT,
            "reason": maybe(),
        },
        minProperties=1,
    ),
    result=record(
        {"changed": map_of(record({"from": ANYTHING, "to": ANYTHING}, ["from", "to"]))},
        ["changed"],
    ),
)

START = Function(
    name="case.start",
    kind="waits",
    doc="Starts another case, linked to this one, and goes on as soon as it exists.",
    arguments=record(
        {
            "definition": named("definition", "which definition to start"),
            "version": text("a version, or a range such as ^1.2"),
            "key": maybe(
                "what makes the new case one of its kind; starting it twice gives it once"
            ),
            "input": JSON_OBJECT,
            "link": choice("child", "follow-up", "related", "caused-by"),
            "drill": {
                **FLAG,
                "description": "whether it is a drill; what a drill starts always is",
            },
            "ticket": choice("share", "own"),
        },
        ["definition"],
    ),
    result=record({"case": text(), "started": FLAG}, ["case", "started"]),
    needs=("id", "definition", "ticket", "requester", "drill"),
    summary="definition",
)

FIND = Function(
    name="case.find",
    kind="reads",
    doc="Looks for the case that something belongs to, the surest evidence first.",
    arguments=record(
        {
            "case": maybe("a case that somebody names"),
            "token": maybe(),
            "references": {"anyOf": [list_of(text()), {"type": "null"}]},
            "ticket": {"anyOf": [text(), JSON_OBJECT, {"type": "null"}]},
            "sender": maybe(),
            "key": maybe(),
            "definition": named("definition"),
            "closedWithin": DURATION,
        },
        minProperties=1,
    ),
    result=record(
        {
            "match": choice("certain", "possible", "none"),
            "by": optional(text()),
            "cases": list_of(
                record(
                    {
                        "case": text(),
                        "definition": text(),
                        "status": optional(text()),
                        "phase": optional(text()),
                        "ticket": ANYTHING,
                        "subject": optional(text()),
                    },
                    ["case", "definition"],
                )
            ),
        },
        ["match", "by", "cases"],
    ),
    needs=("id",),
)

SEND = Function(
    name="case.send",
    kind="acts",
    doc="Sends an event to another case.",
    arguments=record(
        {
            "case": text("id of the case that gets it"),
            "event": {**EVENT, "description": "type of the event"},
            "data": ANYTHING,
        },
        ["case", "event"],
    ),
    result=record(
        {
            "state": choice("delivered", "buffered", "reopened", "refused"),
            "reason": optional(text()),
        },
        ["state", "reason"],
    ),
    needs=("id", "definition"),
    summary="event",
)

LINK = Function(
    name="case.link",
    kind="waits",
    doc="Links two cases. A duplicate is merged: its mails and its requester's watch go to the other case, and it ends.",
    arguments=record(
        {
            "to": text("id of the case that it is linked to"),
            "kind": choice(
                "duplicate-of",
                "child-of",
                "caused-by",
                "related",
                doc="what the case is to the other one",
            ),
            "case": maybe("which case gets the link, by default this one"),
            "reason": maybe(),
        },
        ["to", "kind"],
    ),
    result=record({"linked": FLAG}, ["linked"]),
    summary="kind",
)

FUNCTIONS = (STATUS, UPDATE, START, FIND, SEND, LINK)
