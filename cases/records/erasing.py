"""Takes a person out of the records of closed cases, and leaves what figures are made from.

Running cases are not touched, nor those that can be reopened: Temporal holds them, and would write
the person down again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Text, and_, cast, delete, exists, not_, or_, select, update
from sqlalchemy.sql.schema import Table

from cases.records.lines import fetch
from cases.records.lists import is_over
from cases.records.tables import (
    audit,
    bookings,
    candidates,
    cases,
    improvements,
    items,
    mails,
    quarantine,
    recipients,
    turns,
    votes,
)

NOBODY = "erased"
"""Stands where the person stood."""

_WORDS: Mapping[Table, tuple[str, ...]] = {
    cases: ("subject", "requester", "sender", "customer", "owner", "closing"),
    items: ("title", "person", "delegate", "document"),
    turns: ("person",),
    votes: ("seat", "by", "on_behalf_of", "comment"),
    audit: ("by", "text", "detail"),
    bookings: ("title", "document"),
    improvements: ("title", "document"),
}
_FACTS_OF_AN_ITEM = ("id", "task", "state", "outcome", "groups", "openedAt", "dueAt")
_FACTS_OF_AN_ENTRY = ("kpi", "baseline", "target", "period", "addedAt", "updatedAt")
_FACTS_OF_AN_END = ("as", "at")


@dataclass(frozen=True, slots=True)
class Erased:
    """What was changed; `running` are the cases that still name the person: close them first."""

    cases: int
    quarantined: int
    running: tuple[str, ...]


def erase(connection: Connection, names: Iterable[str], now: datetime) -> Erased:
    """Erase the person with these names: the id of a person of ours, mail addresses.

    Of closed cases that the person came with, all words are removed; times, states and outcomes
    stay. In other closed cases the names are replaced wherever they stand.
    """
    given = {each.strip() for each in names if each.strip()}
    known = sorted(given | {each.lower() for each in given})
    if not known:
        return Erased(0, 0, ())
    closed = is_over(now)
    touched = set()
    for row in fetch(connection, select(cases).where(closed, cases.c.sender.in_(known))):
        _empty(connection, row)
        touched.add((row["case_id"], row["run"]))
    for table in _WORDS:
        touched |= _replace(connection, table, known, closed)
    offered = select(candidates).join(cases, _same(candidates, cases))
    people = [f"{kind}.{each}" for kind in ("u", "d") for each in known]
    for row in fetch(connection, offered.where(closed, candidates.c.who.in_(people))):
        connection.execute(delete(candidates).where(_is(candidates, row)))
        touched.add((row["case_id"], row["run"]))
    still_open = select(cases.c.case_id).where(not_(closed))
    to_them = select(recipients.c.message_id).where(recipients.c.address.in_(known))
    _empty_mails(
        connection, and_(mails.c.message_id.in_(to_them), mails.c.case_id.not_in(still_open))
    )
    aside = connection.execute(delete(quarantine).where(quarantine.c.sender.in_(known))).rowcount
    return Erased(len(touched), aside, _running(connection, known, not_(closed)))


def _empty(connection: Connection, row: Mapping[str, Any]) -> None:
    """Remove all words from a closed case."""
    told = row["closing"]
    closing = {name: told[name] for name in _FACTS_OF_AN_END if name in told} if told else None
    connection.execute(
        update(cases)
        .where(_is(cases, row))
        .values(subject=None, requester={"id": NOBODY}, sender=NOBODY, customer=None,
                closing=closing)
    )  # fmt: skip
    mine = and_(items.c.case_id == row["case_id"], items.c.run == row["run"])
    for item in fetch(connection, select(items).where(mine)):
        document = {name: item["document"].get(name) for name in _FACTS_OF_AN_ITEM}
        connection.execute(
            update(items).where(_is(items, item)).values(title=None, document=document)
        )
    mine = and_(audit.c.case_id == row["case_id"], audit.c.run == row["run"])
    connection.execute(update(audit).where(mine).values(text=None, detail=None))
    mine = and_(votes.c.case_id == row["case_id"], votes.c.run == row["run"])
    connection.execute(update(votes).where(mine).values(comment=None))
    mine = and_(bookings.c.case_id == row["case_id"], bookings.c.run == row["run"])
    connection.execute(update(bookings).where(mine).values(title=None, document=None))
    mine = and_(improvements.c.case_id == row["case_id"], improvements.c.run == row["run"])
    for entry in fetch(connection, select(improvements).where(mine)):
        connection.execute(
            update(improvements)
            .where(_is(improvements, entry))
            .values(title=None, document=_measured(entry["document"]))
        )
    _empty_mails(connection, mails.c.case_id == row["case_id"])


def _measured(document: Mapping[str, Any]) -> dict[str, Any]:
    """What figures say of an entry, without words."""
    kept = {name: document.get(name) for name in _FACTS_OF_AN_ENTRY}
    acts = [{**each, "reason": None} for each in document["acts"]]
    return {**kept, "source": None, "owner": None, "acts": acts}


def _empty_mails(connection: Connection, which: Any) -> None:
    """Remove words and addresses; that the mail went out stays known, so that it does only once."""
    ids = list(connection.execute(select(mails.c.message_id).where(which)).scalars())
    for message_id in ids:
        mine = recipients.c.message_id == message_id
        connection.execute(delete(recipients).where(mine))
        one = mails.c.message_id == message_id
        connection.execute(update(mails).where(one).values(subject="", result=None))


def _replace(
    connection: Connection, table: Table, names: Sequence[str], closed: Any
) -> set[tuple[str, str]]:
    """Put `NOBODY` for the names in the table's rows of closed cases."""
    query = select(table).where(_mentions(table, names))
    if table is improvements:
        # One may outlive its case.
        query = query.where(~exists().where(_same(table, cases), not_(closed)))
    elif table is cases:
        query = query.where(closed)
    else:
        query = query.join(cases, _same(table, cases)).where(closed)
    # A name counts where it stands alone: the id "amy" is no part of "amyl" or of "amy@a.example".
    whole = "|".join(re.escape(each) for each in sorted(names, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w@.+-])(?:{whole})(?![\w@+-]|\.\w)", re.IGNORECASE)
    touched = set()
    for row in fetch(connection, query):
        values = {name: _without(row[name], pattern) for name in _WORDS[table]}
        if any(values[name] != row[name] for name in values):
            connection.execute(update(table).where(_is(table, row)).values(values))
            touched.add((row["case_id"], row["run"]))
    return touched


def _without(value: Any, pattern: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return pattern.sub(NOBODY, value)
    if isinstance(value, Mapping):
        return {name: _without(each, pattern) for name, each in value.items()}
    if isinstance(value, list):
        return [_without(each, pattern) for each in value]
    return value


def _running(connection: Connection, names: Sequence[str], not_closed: Any) -> tuple[str, ...]:
    found: set[str] = set()
    for table in _WORDS:
        query = select(cases.c.case_id).where(not_closed, _mentions(table, names))
        if table is not cases:
            query = query.join(table, _same(table, cases))
        found |= set(connection.execute(query).scalars())
    return tuple(sorted(found))


def _mentions(table: Table, names: Sequence[str]) -> Any:
    return or_(*(_contains(table.c[column], each) for column in _WORDS[table] for each in names))


def _contains(column: Any, name: str) -> Any:
    # JSON is kept in ASCII: other letters stand in it as escapes.
    written = json.dumps(name)[1:-1]
    text = cast(column, Text)
    return or_(*(text.icontains(each, autoescape=True) for each in dict.fromkeys((name, written))))


def _same(table: Table, other: Table) -> Any:
    return and_(table.c.case_id == other.c.case_id, table.c.run == other.c.run)


def _is(table: Table, row: Mapping[str, Any]) -> Any:
    return and_(*(table.c[column.name] == row[column.name] for column in table.primary_key))
