"""Planned work: what is in its way, and the bookings of assets and people."""

from __future__ import annotations

from language.functions.descriptor import Function
from language.functions.schemas import (
    ANYTHING,
    FLAG,
    JSON_OBJECT,
    LOCAL_MOMENT,
    MOMENT,
    TIME,
    WHO,
    Schema,
    choice,
    list_of,
    maybe,
    named,
    optional,
    record,
    text,
)

_WINDOW = record({"from": LOCAL_MOMENT, "to": LOCAL_MOMENT}, ["from", "to"])
_BOOKED = record({"from": TIME, "to": TIME}, ["from", "to"])
_ASSETS = list_of(named("asset"), minItems=1)
_PEOPLE = list_of(
    {
        "anyOf": [named("person"), JSON_OBJECT, {"type": "null"}],
        "x-says": "a person's id, or nothing",
    }
)
_CONFLICTS: Schema = list_of(
    record(
        {
            "kind": choice("booking", "freeze", "outside-window", "person"),
            "with": text("the other case, the window, absence, or unknown"),
            "from": optional(TIME),
            "to": optional(TIME),
            "title": optional(text()),
            "asset": optional(text()),
            "person": optional(text()),
            "override": optional(text("the role that may lift a freeze")),
        },
        ["kind", "with", "from", "to", "title"],
    )
)

CHECK = Function(
    name="conflict.check",
    kind="reads",
    doc="Looks for what planned work collides with: other bookings, freezes, hours, people.",
    arguments=record(
        {
            "assets": {**_ASSETS, "description": "what is worked on"},
            "window": {**_WINDOW, "description": "from when until when; until does not belong to it"},
            "people": _PEOPLE,
        },
        ["assets", "window"],
    ),
    result=record({"free": FLAG, "conflicts": _CONFLICTS}, ["free", "conflicts"]),
    needs=("id",),
)  # fmt: skip

BOOK = Function(
    name="calendar.book",
    kind="acts",
    doc="Books assets and people for a time, if nothing is in the way; replaces the case's booking.",
    arguments=record(
        {
            "assets": _ASSETS,
            "people": _PEOPLE,
            "window": {**_WINDOW, "description": "from when until when; until does not belong to it"},
            "title": text("what is planned, as others see it"),
            "onConflict": choice(
                "fail", "report", doc="what happens where something is in the way; else it fails"
            ),
            "override": optional(
                record(
                    {
                        "by": {"anyOf": [named("person"), JSON_OBJECT]},
                        "reason": text("why it is done all the same"),
                        "role": named("role"),
                    },
                    ["by", "reason"],
                )
            ),
            "invite": {
                "anyOf": [FLAG, WHO],
                "description": "who gets an invitation by mail; true for the people of the booking",
            },
        },
        ["window", "title"],
        anyOf=[{"required": ["assets"]}, {"required": ["people"]}],
    ),
    result=record(
        {
            "id": optional(text()),
            "window": _BOOKED,
            "booked": FLAG,
            "conflicts": _CONFLICTS,
            "invited": ANYTHING,
        },
        ["id", "window", "booked", "conflicts"],
    ),
    needs=("id", "definition", "subject", "requester", "owner", "assignees", "watchers", "group", "drill"),
    summary="title",
)  # fmt: skip

RELEASE = Function(
    name="calendar.release",
    kind="acts",
    doc="Gives a booking of the case back.",
    arguments=record(
        {
            "booking": maybe("id of the booking, as calendar.book gave it; nothing without one"),
            "reason": maybe(),
        },
        ["booking"],
    ),
    result=record({"released": FLAG}, ["released"]),
    needs=("id", "definition", "subject", "requester", "owner", "assignees", "watchers", "group", "drill"),
    summary="reason",
)  # fmt: skip

MAINTENANCE = Function(
    name="maintenance.check",
    kind="decides",
    doc="Says whether assets are in a maintenance window now, and until when.",
    arguments=record(
        {
            "assets": {
                "type": "array",
                "items": {"anyOf": [text(), {"type": "null"}]},
                "description": "names of assets; what is none is only in windows for all",
            },
            "at": MOMENT,
        },
        ["assets"],
    ),
    result=record(
        {
            "inside": FLAG,
            "window": optional(text()),
            "title": optional(text()),
            "until": optional(TIME),
        },
        ["inside", "window", "title", "until"],
    ),
)

FUNCTIONS = (CHECK, BOOK, RELEASE, MAINTENANCE)
