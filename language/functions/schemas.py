"""The argument types that functions share: who, when, what to say, what to match.

Plain JSON Schema, with annotations of ours that a general validator ignores:
`x-name` says of which kind of thing the text is a name, so that it can be looked up;
`x-literal` says that an expression cannot stand there, because the plan must know the value;
`x-written` narrows what a definition may write, where an expression may give more;
`x-keys` says under which key a plain name of which kind would have been right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Schema = dict[str, Any]


def record(
    properties: Mapping[str, Any],
    required: Sequence[str] = (),
    *,
    closed: bool = True,
    exactly_one: Sequence[str] = (),
    **more: Any,
) -> Schema:
    """An object with these properties, and no others when closed.

    `exactly_one` lists properties of which one must be there, and only one.
    """
    schema: Schema = {"type": "object", "properties": dict(properties)}
    if required:
        schema["required"] = list(required)
    if closed:
        schema["additionalProperties"] = False
    if exactly_one:
        schema["oneOf"] = [{"required": [name]} for name in exactly_one]
    return schema | more


def named(kind: str, doc: str = "", *, literal: bool = False) -> Schema:
    """A text that names a person, group, table and so on."""
    schema: Schema = {"type": "string", "minLength": 1, "x-name": kind}
    if literal:
        schema["x-literal"] = True
    if doc:
        schema["description"] = doc
    return schema


def text(doc: str = "") -> Schema:
    """Any text."""
    return {"type": "string", "description": doc} if doc else {"type": "string"}


def choice(*values: str, doc: str = "") -> Schema:
    """One of these words."""
    schema: Schema = {"type": "string", "enum": list(values)}
    if doc:
        schema["description"] = doc
    return schema


def list_of(items: Mapping[str, Any], **more: Any) -> Schema:
    """A list of these."""
    return {"type": "array", "items": dict(items), **more}


def map_of(values: Mapping[str, Any], **more: Any) -> Schema:
    """An object with names of one's own and these values."""
    return {"type": "object", "additionalProperties": dict(values), **more}


def optional(schema: Mapping[str, Any]) -> Schema:
    """The same, or null: how a result says that nobody did it."""
    if "type" in schema and "enum" not in schema:
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        return {**schema, "type": [*kinds, "null"]}
    return {"anyOf": [dict(schema), {"type": "null"}]}


def maybe(doc: str = "") -> Schema:
    """A text that an expression may leave empty."""
    schema: Schema = {"type": ["string", "null"]}
    return schema | {"description": doc} if doc else schema


ANYTHING: Schema = {}
FLAG: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer", "minimum": 0}
TIME: Schema = {"type": "string", "format": "date-time"}
_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?"
_OFFSET = "(Z|[+-][0-9]{2}:[0-9]{2})"
_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
MOMENT: Schema = {
    "type": "string",
    "pattern": f"^{_DATE}T{_CLOCK}{_OFFSET}$",
    "x-says": "a time such as 2026-03-08T01:00+08:00",
}
"""A time as people write it: seconds may be left out, the offset may not."""
LOCAL_MOMENT: Schema = {
    "type": "string",
    "pattern": f"^{_DATE}(T{_CLOCK}{_OFFSET}?)?$",
    "x-says": "a time such as 2026-03-08T01:00+08:00, or a date",
}
"""A time for which an organization knows the zone where none is written."""
JSON_OBJECT: Schema = {"type": "object"}

# --- when ---------------------------------------------------------------------------------------

ELAPSED_UNITS = ("days", "hours", "minutes", "seconds", "milliseconds")
WORKING_UNITS = ("businessDays", "businessHours", "businessMinutes")

_DURATION_OBJECT = record(
    dict.fromkeys((*ELAPSED_UNITS, *WORKING_UNITS), COUNT) | {"calendar": named("calendar")},
    minProperties=1,
)
DURATION: Schema = {
    "anyOf": [_DURATION_OBJECT, {"type": "string", "format": "duration"}],
    "x-says": "a duration such as { hours: 4 }, { businessDays: 2 } or PT4H",
}
STANDARD_DURATION: Schema = {
    "anyOf": [
        record(dict.fromkeys(ELAPSED_UNITS, COUNT), minProperties=1),
        {"type": "string", "format": "duration"},
    ],
    "x-says": "a duration such as { hours: 4 } or PT4H",
}
IN: Schema = {
    "anyOf": [
        _DURATION_OBJECT,
        record({"at": TIME}, ["at"]),
        record({"clock": named("clock")}, ["clock"]),
        {"type": "string", "format": "duration"},
    ],
    "x-says": "a duration such as { businessDays: 2 }, { at: a time } or { clock: its name }",
}

# --- who ----------------------------------------------------------------------------------------

ROLES_IN_CASE = ("requester", "owner", "assignees", "watchers")


def _who_fields(depth: int) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "person": {"anyOf": [named("person"), JSON_OBJECT]},
        "group": named("group"),
        "role": named("role"),
        "skill": {"anyOf": [named("skill"), list_of(named("skill"), minItems=1)]},
        "level": COUNT,
        "onCall": named("rota"),
    }
    if depth:
        fields["managerOf"] = _who(depth - 1)
    return fields


_ONE_OF_WHO = ("person", "group", "role", "skill", "onCall", "managerOf")
_WHO_SAYS = (
    "who: requester, owner, assignees, watchers, { person }, { group }, { role }, { skill }, "
    "{ onCall: rota }, { managerOf: who } or a list of those"
)
_IS_WHO: dict[str, Any] = {
    "x-says": _WHO_SAYS,
    "x-keys": {"group": "group", "person": "person", "role": "role", "onCall": "rota"},
}
"""How sentences call a who, and under which key a name of which kind would be one."""


def _one_who(depth: int) -> list[Schema]:
    return [choice(*ROLES_IN_CASE), record(_who_fields(depth), exactly_one=_ONE_OF_WHO)]


def _who(depth: int) -> Schema:
    one = _one_who(depth)
    return {"anyOf": [*one, list_of({"anyOf": one, **_IS_WHO}, minItems=1)], **_IS_WHO}


WHO: Schema = _who(2)

ASSIGN: Schema = {
    "anyOf": [
        choice(*ROLES_IN_CASE),
        record(
            _who_fields(2)
            | {
                "strategy": choice("pool", "round-robin", "least-open", "skills", "previous"),
                "preferPrevious": FLAG,
                "exclude": list_of(WHO),
                "ifNone": WHO,
            },
            exactly_one=_ONE_OF_WHO,
        ),
        list_of({"anyOf": _one_who(1), **_IS_WHO}, minItems=1),
    ],
    **_IS_WHO,
}

ROSTER: Schema = {
    "anyOf": [
        choice(*ROLES_IN_CASE),
        record(
            _who_fields(2) | {"who": WHO, "exclude": list_of(WHO)},
            exactly_one=(*_ONE_OF_WHO, "who"),
        ),
        list_of(
            {"anyOf": [choice(*ROLES_IN_CASE), record(_who_fields(1), exactly_one=_ONE_OF_WHO)]},
            minItems=1,
        ),
    ],
    "x-says": f"{_WHO_SAYS}, or {{ who: those, exclude: [others] }}",
}

# --- what to say --------------------------------------------------------------------------------

MESSAGE = named("message", "name of a file in messages/", literal=True)
SAYING: dict[str, Any] = {
    "message": MESSAGE,
    "values": {**JSON_OBJECT, "description": "values for the message file, read as values.NAME"},
    "text": text("the text itself, instead of a message file"),
}
MESSAGE_OR_TEXT = [{"required": ["message"]}, {"required": ["text"]}]
ATTACH = list_of(ANYTHING)

# --- how people are told -------------------------------------------------------------------------

CHANNEL = choice("preferred", "mail", "chat", "console", "paging")
CHANNELS: Schema = {
    "anyOf": [CHANNEL, list_of(CHANNEL, minItems=1)],
    "x-says": "a channel, or several of which the next is taken where one fails",
}
DELIVERY_WINDOW: Schema = {
    "anyOf": [
        named("calendar"),
        record(
            {
                "from": {"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$"},
                "until": {"type": "string", "pattern": r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$"},
            },
            ["from", "until"],
        ),
    ],
    "description": "when people may be told; outside of it a notice is held until the window opens",
    "x-says": "a calendar, or { from: '08:00', until: '20:00' } where the person is",
}

NOTICE: Schema = record(
    {
        "message": {"type": "string", "minLength": 1, "x-name": "message", "x-literal": True},
        "values": {**JSON_OBJECT, "description": "values for the message file"},
        "channel": CHANNELS,
        "urgent": {**FLAG, "description": "whether quiet hours do not count"},
        "window": {"anyOf": [*DELIVERY_WINDOW["anyOf"], {"type": "null"}]},
    },
    description="how people are told that it is there; the message has the link as `link`",
)

# --- events -------------------------------------------------------------------------------------

MATCH: Schema = {
    "type": "object",
    "description": "field of the event's data: the value, or a list of values, that it must have",
}
EVENT: Schema = named("event")

# --- reminders and deadlines --------------------------------------------------------------------

_REMIND_ONE = record(
    {
        "after": DURATION,
        "every": DURATION,
        "max": {"type": "integer", "minimum": 1},
        "message": MESSAGE,
        "to": WHO,
    },
    oneOf=[{"required": ["after"]}, {"required": ["every"]}],
)
REMIND: Schema = {"anyOf": [_REMIND_ONE, list_of(_REMIND_ONE, minItems=1)]}

_ON_DUE_ACTS: dict[str, Any] = {
    "answer": named("outcome"),
    "values": JSON_OBJECT,
    "reassign": ASSIGN,
    "escalate": named("ladder"),
}
_ONE_ACT = ("answer", "reassign", "escalate")
ON_DUE: Schema = {
    "anyOf": [
        choice("keep", "fail"),
        record(_ON_DUE_ACTS, exactly_one=_ONE_ACT),
        list_of(
            record({"after": IN, **_ON_DUE_ACTS}, ["after"], exactly_one=_ONE_ACT),
            minItems=1,
        ),
    ],
    "x-says": "keep, fail, { answer: outcome }, { reassign: who } or { escalate: ladder }",
}

# --- results ------------------------------------------------------------------------------------

PERSON_ID = optional(text())
REFUSED_ADDRESS = record({"address": text(), "reason": text()}, closed=False)
MAIL_SENT = record(
    {
        "messageId": optional(text()),
        "accepted": list_of(text()),
        "refused": list_of(REFUSED_ADDRESS),
        "at": TIME,
        "repeated": FLAG,
        "skipped": text("why it was left out, where it was not sent on purpose"),
    },
    ["messageId", "accepted", "refused", "at"],
)
TICKET = record(
    {
        "system": text(),
        "id": text(),
        "url": optional(text()),
        "subject": text(),
        "status": text(),
        "priority": optional(text()),
        "requester": ANYTHING,
        "owner": optional(text()),
        "group": optional(text()),
        "fields": JSON_OBJECT,
        "version": ANYTHING,
        "updatedAt": optional(TIME),
    },
    ["system", "id", "subject", "status"],
)
TICKET_REFERENCE: Schema = {
    "anyOf": [{"type": "string", "minLength": 1}, JSON_OBJECT],
    "description": "the ticket's id, or a ticket as a ticket function gave it; "
    "by default the case's own ticket",
}
