"""Forgets what has been over for long enough. Running cases are never touched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, delete, exists, select

from cases.records.tables import (
    audit,
    candidates,
    cases,
    items,
    mails,
    messages,
    quarantine,
    recipients,
    requests,
    tickets,
)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much was removed."""

    cases: int
    mails: int
    quarantined: int
    answers: int


def forget(connection: Connection, before: datetime) -> Forgotten:
    """Remove closed cases with all that belongs to them, and whatever else ended before a time."""
    closed = connection.execute(
        select(cases.c.case_id, cases.c.run).where(cases.c.closed_at < before)
    ).all()
    for case, run in closed:
        for table in (candidates, items, audit, cases):
            connection.execute(delete(table).where(table.c.case_id == case, table.c.run == run))
    for case in dict.fromkeys(case for case, _ in closed):
        # A later case with the same id may still need what leads to it.
        if not connection.execute(select(exists().where(cases.c.case_id == case))).scalar():
            for table in (tickets, messages):
                connection.execute(delete(table).where(table.c.case_id == case))
    # Mails go with their case; those whose case was never recorded go by their own age.
    kept_case = exists().where(cases.c.case_id == mails.c.case_id)
    sent = connection.execute(delete(mails).where(and_(mails.c.at < before, ~kept_case))).rowcount
    kept_mail = exists().where(mails.c.message_id == recipients.c.message_id)
    connection.execute(delete(recipients).where(~kept_mail))
    aside = connection.execute(delete(quarantine).where(quarantine.c.at < before)).rowcount
    answers = connection.execute(delete(requests).where(requests.c.at < before)).rowcount
    return Forgotten(len(closed), sent, aside, answers)
