"""The search attributes of every case: all of them, with their types, in one place.

Provisioning registers them with the server, the start of a case sets the first ones, and the
case itself keeps them up to date. They hold no personal data: people stand in them by id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
)

LONGEST_VALUE = 255
"""A keyword on PostgreSQL holds no more characters; a longer one stops the task queue's work."""

DEFINITION = SearchAttributeKey.for_keyword("CasewayDefinition")
VERSION = SearchAttributeKey.for_keyword("CasewayVersion")
STATUS = SearchAttributeKey.for_keyword("CasewayStatus")
STEP = SearchAttributeKey.for_keyword("CasewayStep")
PRIORITY = SearchAttributeKey.for_keyword("CasewayPriority")
TICKET = SearchAttributeKey.for_keyword("CasewayTicket")
KEY = SearchAttributeKey.for_keyword("CasewayKey")
FOR = SearchAttributeKey.for_keyword_list("CasewayFor")
DUE = SearchAttributeKey.for_datetime("CasewayDue")
BREACHED = SearchAttributeKey.for_bool("CasewayBreached")

SEARCH_ATTRIBUTES: tuple[SearchAttributeKey[Any], ...] = (
    DEFINITION, VERSION, STATUS, STEP, PRIORITY, TICKET, KEY, FOR, DUE, BREACHED,
)  # fmt: skip

BY_NAME: Mapping[str, SearchAttributeKey[Any]] = {key.name: key for key in SEARCH_ATTRIBUTES}


TYPE_NAMES: Mapping[str, str] = {
    DEFINITION.name: "Keyword",
    VERSION.name: "Keyword",
    STATUS.name: "Keyword",
    STEP.name: "Keyword",
    PRIORITY.name: "Keyword",
    TICKET.name: "Keyword",
    KEY.name: "Keyword",
    FOR.name: "KeywordList",
    DUE.name: "Datetime",
    BREACHED.name: "Bool",
}
"""Name -> type, in the words of `temporal server start-dev --search-attribute`."""


def at_start(definition: str, version: str, key: str) -> TypedSearchAttributes:
    """What is known of a case before any worker has seen it."""
    return TypedSearchAttributes(
        [
            SearchAttributePair(DEFINITION, definition[:LONGEST_VALUE]),
            SearchAttributePair(VERSION, version[:LONGEST_VALUE]),
            SearchAttributePair(KEY, key[:LONGEST_VALUE]),
        ]
    )


def only_for(people: Sequence[str], groups: Sequence[str]) -> list[str]:
    """The value of CasewayFor: who has open work in the case."""
    return [f"g.{group}" for group in groups] + [f"u.{person}" for person in people]


def read(attributes: TypedSearchAttributes) -> dict[str, Any]:
    """Our attributes of a listed workflow as JSON; times in ISO 8601."""
    found: dict[str, Any] = {}
    for key in SEARCH_ATTRIBUTES:
        value = attributes.get(key)
        if value is not None:
            found[key.name] = value.isoformat() if isinstance(value, datetime) else value
    return found
