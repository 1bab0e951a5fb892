"""Forgets what has been over for long enough. Running cases are never touched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, delete, exists

from cases.records.lists import is_over
from cases.records.tables import (
    audit,
    bookings,
    candidates,
    cases,
    events,
    improvements,
    items,
    mails,
    messages,
    quarantine,
    recipients,
    requests,
    tickets,
    turns,
    votes,
)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much was removed."""

    cases: int
    mails: int
    quarantined: int
    answers: int


def forget(connection: Connection, before: datetime, now: datetime) -> Forgotten:
    """Remove closed cases with all that belongs to them, and whatever else ended before a time.

    A case that can still be reopened now is not removed.
    """
    gone = and_(is_over(now), cases.c.closed_at < before)
    for table in (candidates, items, turns, votes, events, audit, bookings):
        mine = and_(cases.c.case_id == table.c.case_id, cases.c.run == table.c.run)
        connection.execute(delete(table).where(exists().where(mine, gone)))
    closed = connection.execute(delete(cases).where(gone)).rowcount
    # A turn is written before its case is; where that never came, it goes by its own age.
    recorded = exists().where(cases.c.case_id == turns.c.case_id, cases.c.run == turns.c.run)
    connection.execute(delete(turns).where(and_(turns.c.at < before, ~recorded)))
    # Other cases may still work on an improvement: it goes once its case has, and nobody has for as long.
    begun = exists().where(
        cases.c.case_id == improvements.c.case_id, cases.c.run == improvements.c.run
    )
    connection.execute(delete(improvements).where(and_(improvements.c.updated_at < before, ~begun)))
    for table in (tickets, messages):
        # A later case with the same id may still need what leads to it.
        another = exists().where(cases.c.case_id == table.c.case_id)
        connection.execute(delete(table).where(~another))
    # Mails go with their case; those whose case was never recorded go by their own age.
    kept_case = exists().where(cases.c.case_id == mails.c.case_id)
    sent = connection.execute(delete(mails).where(and_(mails.c.at < before, ~kept_case))).rowcount
    kept_mail = exists().where(mails.c.message_id == recipients.c.message_id)
    connection.execute(delete(recipients).where(~kept_mail))
    aside = connection.execute(delete(quarantine).where(quarantine.c.at < before)).rowcount
    answers = connection.execute(delete(requests).where(requests.c.at < before)).rowcount
    return Forgotten(closed, sent, aside, answers)
