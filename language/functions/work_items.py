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
        "label": {"anyOf": [text(), map_of(text())]},
        "requires": list_of(named("field")),
        "by": WHO,
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
            "owns": FLAG,
            "clock": named("clock"),
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
                        "outcome": named("outcome"),
                        "take": ANYTHING,
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
        },
        ["outcome", "answer", "by", "onBehalfOf", "at", "item", "late"],
    ),
    needs=(
        "id", "definition", "ticket", "subject", "status", "priority", "requester", "customer",
        "owner", "assignees", "watchers", "group", "data", "drill",
    ),
    summary="title",
)  # fmt: skip

FUNCTIONS = (WORK_ITEM,)
