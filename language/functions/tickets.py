"""Tickets in the ticket system of the organization."""

from __future__ import annotations

from language.functions.descriptor import Function
from language.functions.schemas import (
    ANYTHING,
    ATTACH,
    FLAG,
    JSON_OBJECT,
    MESSAGE_OR_TEXT,
    SAYING,
    TICKET,
    TICKET_REFERENCE,
    TIME,
    choice,
    list_of,
    maybe,
    record,
    text,
)

_NEEDS = ("id", "definition", "ticket", "requester", "group", "drill")

CREATE = Function(
    name="ticket.create",
    kind="acts",
    doc="Opens a ticket; asking again for the same call gives the same ticket.",
    arguments=record(
        {
            "queue": maybe(),
            "subject": text("the ticket's subject"),
            "text": maybe(),
            "requester": {
                "anyOf": [text(), JSON_OBJECT],
                "description": "for whom it is",
            },
            "priority": maybe(),
            "status": maybe(),
            "group": maybe(),
            "owner": maybe(),
            "fields": JSON_OBJECT,
            "attach": ATTACH,
        },
        ["subject", "requester"],
    ),
    result=TICKET,
    needs=_NEEDS,
    summary="subject",
)

UPDATE = Function(
    name="ticket.update",
    kind="acts",
    doc="Changes a ticket and reads it back.",
    arguments=record(
        {
            "ticket": TICKET_REFERENCE,
            "set": record(
                {
                    "status": maybe(),
                    "priority": maybe(),
                    "owner": maybe(),
                    "group": maybe(),
                    "subject": maybe(),
                    "fields": JSON_OBJECT,
                },
                minProperties=1,
                description="what to change",
            ),
            "onConflict": choice("retry", "fail"),
        },
        ["set"],
    ),
    result=TICKET,
    needs=_NEEDS,
)

COMMENT = Function(
    name="ticket.comment",
    kind="acts",
    doc="Adds a comment to a ticket.",
    arguments=record(
        {
            "ticket": TICKET_REFERENCE,
            **SAYING,
            "visibility": choice("internal", "public", doc="who may read it"),
            "author": ANYTHING,
            "attach": ATTACH,
        },
        ["visibility"],
        oneOf=MESSAGE_OR_TEXT,
    ),
    result=record({"id": text(), "at": TIME}, ["id", "at"]),
    needs=_NEEDS,
    summary="message",
)

LINK = Function(
    name="ticket.link",
    kind="acts",
    doc="Links two tickets.",
    arguments=record(
        {
            "ticket": TICKET_REFERENCE,
            "to": {**TICKET_REFERENCE, "description": "the other ticket"},
            "kind": choice(
                "relates", "duplicates", "parent", "child", "blocks", doc="how they belong together"
            ),
        },
        ["to", "kind"],
    ),
    result=record({"linked": FLAG}, ["linked"]),
    needs=_NEEDS,
    summary="kind",
)

CLOSE = Function(
    name="ticket.close",
    kind="acts",
    doc="Closes a ticket and reads it back.",
    arguments=record(
        {"ticket": TICKET_REFERENCE, "resolution": maybe(), "comment": maybe()},
    ),
    result=TICKET,
    needs=_NEEDS,
    summary="resolution",
)

FIND = Function(
    name="ticket.find",
    kind="reads",
    doc="Looks for tickets.",
    arguments=record(
        {
            "query": record(
                {
                    "key": text(),
                    "requester": {"anyOf": [text(), JSON_OBJECT]},
                    "status": {"anyOf": [text(), list_of(text())]},
                    "text": text(),
                    "fields": JSON_OBJECT,
                },
                minProperties=1,
                description="what to look for",
            ),
            "limit": {"type": "integer", "minimum": 1},
        },
        ["query"],
    ),
    result=record({"tickets": list_of(TICKET), "more": FLAG}, ["tickets", "more"]),
    needs=_NEEDS,
)

FUNCTIONS = (CREATE, UPDATE, COMMENT, LINK, CLOSE, FIND)
