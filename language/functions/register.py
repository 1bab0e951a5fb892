"""The improvement register: what is to become better, and what measuring has shown."""

from __future__ import annotations

from language.functions.descriptor import Function
from language.functions.reports import KPIS
from language.functions.schemas import (
    DURATION,
    FLAG,
    JSON_OBJECT,
    choice,
    maybe,
    named,
    optional,
    record,
    text,
)

STATUSES = ("proposed", "planned", "doing", "checking", "done", "dropped")
"""As `service.register` knows them; a test holds both together."""

_NUMBER = {"type": "number"}
_OWNER = {
    "anyOf": [
        named("person"),
        record({"person": named("person")}, ["person"]),
        record({"role": named("role")}, ["role"]),
        record({"group": named("group")}, ["group"]),
        {"type": "null"},
    ],
    "x-says": "a person's id, { person }, { role } or { group }",
    "description": "who answers for it",
}

ADD = Function(
    name="register.add",
    kind="acts",
    doc="Enters an improvement in the register.",
    arguments=record(
        {
            "title": text("what is to become better"),
            "source": maybe("where it comes from: a report, a survey, a review, a suggestion"),
            "owner": _OWNER,
            "kpi": choice(*KPIS, doc="which figure is to become better; else that of the baseline"),
            "baseline": {
                **optional(JSON_OBJECT),
                "description": "the figure before, as a report.kpi task gave it",
            },
            "target": {**optional(_NUMBER), "description": "what the figure is to reach"},
            "period": {**DURATION, "description": "how long it is measured before it is judged"},
            "status": choice(*STATUSES, doc="how far it is; else proposed"),
        },
        ["title"],
    ),
    result=record({"id": text(), "status": choice(*STATUSES)}, ["id", "status"]),
    needs=("id",),
    summary="title",
)

UPDATE = Function(
    name="register.update",
    kind="acts",
    doc="Says how far an improvement is, and compares a figure with its baseline.",
    arguments=record(
        {
            "entry": text("id of the entry, as register.add gave it"),
            "result": {
                **optional(JSON_OBJECT),
                "description": "the figure now, as a report.kpi task gave it",
            },
            "status": choice(*STATUSES, doc="how far it is; else as before"),
            "baseline": {
                **optional(JSON_OBJECT),
                "description": "the figure before, where register.add had none; it stays then",
            },
            "owner": {**_OWNER, "description": "who answers for it from now on"},
            "reason": maybe("why"),
        },
        ["entry"],
    ),
    result=record(
        {
            "id": text(),
            "status": choice(*STATUSES),
            "comparable": {
                **optional(FLAG),
                "description": "whether result and baseline count the same; nothing without both",
            },
            "change": {**optional(_NUMBER), "description": "how much more it is than the baseline"},
            "improved": optional(FLAG),
            "reached": {**optional(FLAG), "description": "whether the target is reached"},
        },
        ["id", "status", "comparable", "change", "improved", "reached"],
    ),
    needs=("id",),
    summary="entry",
)

FUNCTIONS = (ADD, UPDATE)
