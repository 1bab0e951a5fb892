"""Notices: telling people something in their channel."""

from __future__ import annotations

from language.functions.descriptor import Function
from language.functions.schemas import (
    ATTACH,
    CHANNELS,
    DELIVERY_WINDOW,
    FLAG,
    MESSAGE_OR_TEXT,
    SAYING,
    TIME,
    WHO,
    choice,
    list_of,
    optional,
    record,
    text,
)

NOTIFY = Function(
    name="notify",
    kind="acts",
    doc="Tells people something in their channel; mail.* is for what belongs to the thread.",
    arguments=record(
        {
            "to": {**WHO, "description": "whom to tell"},
            **SAYING,
            "channel": CHANNELS,
            "urgent": {**FLAG, "description": "whether quiet hours do not count"},
            "window": DELIVERY_WINDOW,
            "key": text("a second notice with the same key is not sent"),
            "attach": ATTACH,
        },
        ["to"],
        oneOf=MESSAGE_OR_TEXT,
    ),
    result=record(
        {
            "deliveries": list_of(
                record(
                    {
                        "person": optional(text()),
                        "channel": text(),
                        "state": choice("sent", "held", "skipped", "failed"),
                        "at": optional(TIME),
                        "id": optional(text()),
                    },
                    ["person", "channel", "state"],
                    closed=False,
                )
            )
        },
        ["deliveries"],
    ),
    needs=(
        "id", "definition", "ticket", "subject", "status", "priority", "requester", "customer",
        "owner", "assignees", "watchers", "group", "data", "drill",
    ),
    summary="message",
)  # fmt: skip

FUNCTIONS = (NOTIFY,)
