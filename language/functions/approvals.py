"""Approvals: several people vote on one thing."""

from __future__ import annotations

from language.functions.descriptor import Function
from language.functions.schemas import (
    ANYTHING,
    ATTACH,
    EVENT,
    FLAG,
    IN,
    JSON_OBJECT,
    MATCH,
    PERSON_ID,
    REMIND,
    ROSTER,
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

_THEN = choice("approve", "reject", doc="what counts when time is over again")
_RULE: Schema = {
    "anyOf": [
        choice("any", "all", "responded-any"),
        record({"count": {"type": "integer", "minimum": 1}}, ["count"]),
        record({"percent": {"type": "integer", "minimum": 1, "maximum": 100}}, ["percent"]),
    ],
    "x-says": "any, all, responded-any, { count: 2 } or { percent: 60 }",
}
_ON_DUE: Schema = {
    "anyOf": [
        choice("approve", "reject"),
        record({"extend": IN, "then": _THEN}, ["extend", "then"]),
        record({"escalate": named("ladder"), "then": _THEN}, ["escalate", "then"]),
    ],
    "x-says": "approve, reject, { extend: a duration, then: reject } "
    "or { escalate: ladder, then: reject }",
}

APPROVAL = Function(
    name="approval",
    kind="waits",
    doc="Lets people vote on something; it is decided as soon as the result cannot change.",
    arguments=record(
        {
            "subject": record(
                {
                    "title": text("what is voted on, in a few words"),
                    "description": maybe(),
                    "version": {
                        "type": ["string", "number", "null"],
                        "description": "which version of it; old votes say nothing about a new one",
                    },
                    "data": {**JSON_OBJECT, "description": "facts that voters see, by name"},
                    "files": ATTACH,
                },
                ["title"],
                description="what is voted on",
            ),
            "roster": {**ROSTER, "description": "who votes; without exclude the requester does not"},
            "rule": {**_RULE, "description": "how many have to approve"},
            "veto": {**WHO, "description": "whose rejection ends the vote, whatever others say"},
            "delegates": choice(
                "once", "each-seat", "none",
                doc="whether deputies of absent members vote for them; a deputy who is a member "
                "has one vote, or one for each seat",
            ),
            "revocable": {**FLAG, "description": "whether a vote can be changed until the end"},
            "comment": choice(
                "on-reject", "always", "never", doc="when a vote needs a comment"
            ),
            "due": {**IN, "description": "by when they vote"},
            "remind": REMIND,
            "onDue": {**_ON_DUE, "description": "what counts when time is over, else reject"},
            "supersededBy": record(
                {"event": EVENT, "match": MATCH},
                ["event"],
                description="the event that makes the subject one of the past",
            ),
        },
        ["subject", "roster", "rule", "due"],
    ),
    result=record(
        {
            "decision": choice("approved", "rejected", "superseded", "no-voters"),
            "reason": optional(text("due, veto, or how it came about in words")),
            "votes": list_of(
                record(
                    {
                        "seat": text(),
                        "by": text(),
                        "onBehalfOf": PERSON_ID,
                        "vote": choice("approve", "reject"),
                        "comment": optional(text()),
                        "at": TIME,
                        "via": optional(text()),
                        "override": FLAG,
                    },
                    ["seat", "by", "onBehalfOf", "vote", "comment", "at", "via"],
                )
            ),
            "round": text(),
            "version": {"type": ["string", "number", "null"]},
            "roster": list_of(text()),
            "event": ANYTHING,
        },
        ["decision", "reason", "votes", "round", "version", "roster", "event"],
    ),
    needs=(
        "id", "definition", "ticket", "subject", "status", "priority", "requester", "customer",
        "owner", "assignees", "watchers", "group", "data", "drill",
    ),
)  # fmt: skip

FUNCTIONS = (APPROVAL,)
