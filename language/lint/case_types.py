"""The types of what expressions see besides `.`: the case, the workflow, an error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from language.draft import Draft
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
from language.lint.case_data import FIELDS, result_schema

_PHASES = ("open", "waiting", "resolved", "closed", "held", "cancelled")
_TEXTS = ("id", "key", "definition", "version", "startedAt")
_TEXTS_OR_NULL = ("priority", "type", "subject", "group")
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
    if draft.statuses:
        fields["status"] = or_null(Type(STRING, values=draft.statuses))
    fields["results"] = _results(draft)
    # What has not run yet has no count, which as null is less than every bound: as it is meant.
    fields["runs"] = Type(OBJECT, rest=or_null(A_NUMBER))
    fields["assignees"] = fields["watchers"] = list_of(UNKNOWN)
    properties = {name: Property(kind, "always") for name, kind in fields.items()}
    return Type(OBJECT, properties=properties, closed=True)


def _results(draft: Draft) -> Type:
    properties = {}
    for name, task in draft.results.items():
        schema = result_schema(draft, task)
        # A task that has not run has no result; which path it is on is not looked at here.
        kind = UNKNOWN if schema is None else or_null(of_schema(_readable(schema)))
        properties[name] = Property(kind, "always")
    return Type(OBJECT, properties=properties)


def result_type(draft: Draft, task: Any) -> Type:
    """The type of what a function gives, as far as it is known."""
    schema = result_schema(draft, task)
    return UNKNOWN if schema is None else of_schema(_readable(schema))


def _readable(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Outputs of tables are named by a word where they are no schema; such a word claims nothing."""
    return schema


def workflow_type(given: Type) -> Type:
    """The type of `$workflow`."""
    return open_record({"id": A_TEXT, "input": given, "startedAt": UNKNOWN, "definition": UNKNOWN})
