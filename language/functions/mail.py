"""Mail that belongs to the correspondence of a case."""

from __future__ import annotations

from language.functions.descriptor import Function
from language.functions.schemas import (
    ANYTHING,
    ATTACH,
    JSON_OBJECT,
    MAIL_SENT,
    MESSAGE_OR_TEXT,
    SAYING,
    WHO,
    choice,
    list_of,
    named,
    record,
    text,
)

_ADDRESS = {"type": "string", "pattern": r"^[^@\s]+@[^@\s]+$"}
_TO = {
    "anyOf": [*WHO["anyOf"][:2], _ADDRESS, list_of({"anyOf": [*WHO["anyOf"][:2], _ADDRESS]})],
    "x-says": WHO["x-says"] + ", or mail addresses",
}
_AUTHOR = {
    "anyOf": [named("person"), JSON_OBJECT, {"type": "null"}],
    "description": "the person who wrote it; without one the mail is marked as automatic",
}
_UNCERTAIN = choice("send", "hold")

_NEEDS = (
    "id", "definition", "key", "ticket", "requester", "subject", "customer", "owner", "assignees",
    "watchers", "group", "data", "drill",
)  # fmt: skip

SEND = Function(
    name="mail.send",
    kind="acts",
    doc="Sends a mail of its own, outside the requester's thread.",
    arguments=record(
        {
            "to": {**_TO, "description": "who gets it"},
            "cc": _TO,
            "subject": text("the mail's subject"),
            **SAYING,
            "attach": ATTACH,
            "author": _AUTHOR,
            "repliesTo": choice("case", "none"),
            "uncertain": _UNCERTAIN,
        },
        ["to", "subject"],
        oneOf=MESSAGE_OR_TEXT,
    ),
    result=MAIL_SENT,
    needs=_NEEDS,
    summary="subject",
)

REPLY = Function(
    name="mail.reply",
    kind="acts",
    doc="Answers in the thread of the requester's mail; keeps subject and references.",
    arguments=record(
        {
            "to": _TO,
            **SAYING,
            "attach": ATTACH,
            "author": _AUTHOR,
            "inReplyTo": ANYTHING,
            "uncertain": _UNCERTAIN,
        },
        oneOf=MESSAGE_OR_TEXT,
    ),
    result=MAIL_SENT,
    needs=_NEEDS,
    summary="message",
)

FUNCTIONS = (SEND, REPLY)
