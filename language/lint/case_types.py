"""The types of what expressions see besides `.`: the case, the workflow, an error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from language.draft import EMPTY, Draft
from language.expressions.typing import UNKNOWN, Property, Type, of_schema, or_null
from language.expressions.typing.types import (
    A_NUMBER,
    A_TEXT,
    OBJECT,
    STRING,
    list_of,
    open_record,
    record_of,
)
from language.functions import CATALOG
from language.lint.case_data import FIELDS, result_schema
from language.lint.written_values import written_values
from language.tree import TaskNode

_PHASES = ("open", "waiting", "resolved", "closed", "held", "cancelled")
_TEXTS = ("id", "key", "definition", "version", "startedAt")
_TEXTS_OR_NULL = ("priority", "type", "subject", "group")
_CLOSED = ("priority", "type")
"""Fields that are known to hold nothing but what the definition writes into them."""
_TICKET = open_record(dict.fromkeys(("id", "system", "status", "subject"), A_TEXT))
_PERSON = open_record(dict.fromkeys(("id", "name", "mail", "language", "party"), or_null(A_TEXT)))
_CLOCK = record_of(
    {
        "name": A_TEXT, "state": A_TEXT, "target": UNKNOWN, "deadline": or_null(A_TEXT),
        "elapsed": UNKNOWN, "remaining": UNKNOWN, "breached": UNKNOWN, "breachedAt": or_null(A_TEXT),
        "points": UNKNOWN, "calendar": UNKNOWN, "digest": UNKNOWN,
    }
)  # fmt: skip

ERROR = open_record(
    {"type": A_TEXT, "status": A_NUMBER, "title": A_TEXT, "detail": A_TEXT, "instance": A_TEXT}
)
"""An error of the standard; one that is raised may have more."""


def case_type(draft: Draft, given: Type) -> Type:
    """The type of `$case`: its fields, and the results of the definition's functions."""
    fields: dict[str, Type] = dict.fromkeys(FIELDS, UNKNOWN)
    fields |= dict.fromkeys(_TEXTS, A_TEXT)
    fields |= dict.fromkeys(_TEXTS_OR_NULL, or_null(A_TEXT))
    fields["ticket"] = or_null(_TICKET)
    fields["requester"] = or_null(_PERSON)
    fields["clocks"] = open_record(dict.fromkeys(draft.clocks, or_null(_CLOCK)))
    fields["input"] = given
    fields["phase"] = Type(STRING, values=_PHASES)
    for name in _CLOSED:
        values = written_values(draft, name)
        if values:
            fields[name] = or_null(Type(STRING, values=values))
    if draft.statuses and not draft.of_matter:
        fields["status"] = or_null(Type(STRING, values=draft.statuses))
    fields["results"] = _results(draft)
    # What has not run yet has no count, which as null is less than every bound: as it is meant.
    fields["runs"] = Type(OBJECT, rest=or_null(A_NUMBER))
    fields["assignees"] = fields["watchers"] = list_of(UNKNOWN)
    properties = {name: Property(kind, "always") for name, kind in fields.items()}
    return Type(OBJECT, properties=properties, closed=True)


def _results(draft: Draft) -> Type:
    # A task that has not run has no result; which path it is on is not looked at here.
    properties = {
        name: Property(kind if kind is UNKNOWN else or_null(kind), "always")
        for name, kind in ((name, result_type(draft, task)) for name, task in draft.results.items())
    }
    return Type(OBJECT, properties=properties)


_OF_CATALOG: dict[int, tuple[Mapping[str, Any], Type]] = {}
"""Types of the results of functions, by the identity of the schema, which the entry keeps alive."""


def result_type(draft: Draft, task: TaskNode) -> Type:
    """The type of what a function gives, as far as it is known."""
    known: dict[int, Type] = draft.cache.setdefault("result types", {})
    if id(task) not in known:
        schema = result_schema(draft, task)
        function = draft.resolve(task.function or "").function
        if schema is None:
            known[id(task)] = UNKNOWN
        elif (
            function is not None
            and schema is function.result
            and function is CATALOG.get(function.name)
        ):
            entry = _OF_CATALOG.get(id(schema))
            if entry is None or entry[0] is not schema:
                entry = _OF_CATALOG[id(schema)] = (schema, of_schema(schema))
            known[id(task)] = entry[1]
        else:
            known[id(task)] = of_schema(schema)
    return known[id(task)]


_EVENT = dict.fromkeys(("specversion", "id", "source", "type", "time"), A_TEXT)


def event_type(given: Type) -> Type:
    """The type of an event that is published: what is written, and what is filled in."""
    if given.kinds != OBJECT:
        return UNKNOWN
    written = {name: each.type for name, each in given.properties.items()}
    # What an expression leaves empty is filled in as if it were not there.
    return open_record({**written, **_EVENT})


def heard_type(task: TaskNode) -> Type:
    """The type of what a listening task gives: a list, also of a single event."""
    listen = task.node.get("listen") or EMPTY
    read = listen.get("read")
    if task.lists or read is None or read.text is None:
        # Pages of the standard read what came as if it were one event; only what is said counts.
        return UNKNOWN
    if read.text == "data":
        return list_of(UNKNOWN)
    return list_of(open_record(_EVENT) if read.text == "envelope" else UNKNOWN)


def workflow_type(given: Type) -> Type:
    """The type of `$workflow`."""
    return open_record({"id": A_TEXT, "input": given, "startedAt": UNKNOWN, "definition": UNKNOWN})
