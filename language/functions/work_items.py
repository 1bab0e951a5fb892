"""Work items: what a person is asked to do."""

from __future__ import annotations

from language.functions.descriptor import Function
from language.functions.schemas import (
    ANYTHING,
    ASSIGN,
    ATTACH,
    EVENT,
    FLAG,
    IN,
    JSON_OBJECT,
    MATCH,
    NOTICE,
    ON_DUE,
    PERSON_ID,
    REMIND,
    TIME,
    WHO,
    list_of,
    map_of,
    maybe,
    named,
    optional,
    record,
    text,
)

_OUTCOME = record(
    {
        "label": {"anyOf": [text(), map_of({"type": "string", "minLength": 1})]},
        "requires": list_of(named("field")),
        "by": WHO,
        "automatic": {**FLAG, "description": "only time or an event gives it, no person"},
    }
)

WORK_ITEM = Function(
    name="work-item",
    kind="waits",
    doc="Asks a person to do something and waits for the answer, or for the time it is due.",
    arguments=record(
        {
            "title": text("what is to be done, in a few words"),
            "description": maybe(),
            "form": {"anyOf": [named("form", literal=True), JSON_OBJECT]},
            "prefill": JSON_OBJECT,
            "assign": {**ASSIGN, "description": "who should do it"},
            "owns": {**FLAG, "description": "whether who answers becomes the case's owner"},
            "notice": NOTICE,
            "clock": {
                **named("clock"),
                "description": "a clock of the definition that runs while the item is open",
            },
            "due": {**IN, "description": "by when it must be done"},
            "remind": REMIND,
            "onDue": {**ON_DUE, "description": "what happens when nobody has answered by then"},
            "outcomes": map_of(
                _OUTCOME, minProperties=1, description="the answers that can be given"
            )
            | {"x-literal": True},
            "answeredBy": list_of(
                record(
                    {
                        "event": EVENT,
                        "match": MATCH,
                        "outcome": named(
                            "outcome of an event",
                            "one of the outcomes, or one of its own that no person can choose",
                        ),
                        "take": {
                            "anyOf": [list_of(text()), map_of(text())],
                            "x-says": "a list of fields of the event's data, or { field of the "
                            "answer: field of the data }",
                        },
                    },
                    ["event", "outcome"],
                )
            ),
            "files": ATTACH,
        },
        ["title", "assign", "due", "onDue", "outcomes"],
    ),
    result=record(
        {
            "outcome": text(),
            "answer": optional(JSON_OBJECT),
            "by": PERSON_ID,
            "onBehalfOf": PERSON_ID,
            "at": TIME,
            "effort": ANYTHING,
            "item": text(),
            "late": FLAG,
            "told": list_of(text("a person who was told of the item")),
        },
        ["outcome", "answer", "by", "onBehalfOf", "at", "item", "late"],
    ),
    needs=(
        "id", "definition", "ticket", "subject", "status", "priority", "requester", "customer",
        "owner", "assignees", "watchers", "group", "data", "drill",
    ),
    summary="title",
)  # fmt: skip

_WHICH = {
    **named("work-item task"),
    "description": "the work-item task whose open items are meant; without it all of the case",
}

REASSIGN = Function(
    name="work-item.reassign",
    kind="decides",
    doc="Gives open work items of the case to others; id, due time and draft stay, and both sides "
    "are told.",
    arguments=record(
        {
            "task": _WHICH,
            "to": {**ASSIGN, "description": "who gets them"},
            "reason": text("why; it stands in the history of each item"),
        },
        ["to", "reason"],
    ),
    result=record(
        {
            "items": list_of(
                record(
                    {
                        "item": text(),
                        "task": text(),
                        "person": PERSON_ID,
                        "people": list_of(text()),
                    },
                    ["item", "task", "person", "people"],
                )
            )
        },
        ["items"],
    ),
    summary="reason",
)

WITHDRAW = Function(
    name="work-item.withdraw",
    kind="decides",
    doc="Takes open work items of the case back: their tasks go on with the outcome `withdrawn`, "
    "and whoever had them is told.",
    arguments=record(
        {"task": _WHICH, "reason": text("why; a later answer is refused with it")}, ["reason"]
    ),
    result=record(
        {"items": list_of(record({"item": text(), "task": text()}, ["item", "task"]))}, ["items"]
    ),
    summary="reason",
)

FUNCTIONS = (WORK_ITEM, REASSIGN, WITHDRAW)
