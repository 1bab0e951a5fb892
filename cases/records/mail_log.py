"""What is remembered of outgoing mails, so that each goes out once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, delete, exists, func, select

from cases.records.lines import add, fetch, put
from cases.records.tables import mails, recipients
from service.correspondence import MailRecord


def read(connection: Connection, message_id: str) -> MailRecord | None:
    """The record of an outgoing mail, or None."""
    query = select(mails).where(mails.c.message_id == message_id)
    row = next(iter(fetch(connection, query)), None)
    if row is None:
        return None
    to = connection.execute(
        select(recipients.c.address)
        .where(recipients.c.message_id == message_id)
        .order_by(recipients.c.place)
    ).scalars()
    return MailRecord(
        message_id=row["message_id"],
        case=row["case_id"],
        to=tuple(to),
        kind=row["kind"],
        automatic=row["automatic"],
        subject=row["subject"],
        at=row["at"],
        state=row["state"],
        result=row["result"],
    )


def keep(connection: Connection, record: MailRecord) -> None:
    """Insert the record, or replace the one with the same Message-ID."""
    line = {
        "message_id": record.message_id,
        "case_id": record.case,
        "kind": record.kind,
        "automatic": record.automatic,
        "subject": record.subject,
        "at": record.at,
        "state": record.state,
        "result": None if record.result is None else dict(record.result),
    }
    put(connection, mails, line)
    connection.execute(delete(recipients).where(recipients.c.message_id == record.message_id))
    to = [
        {"message_id": record.message_id, "place": place, "address": address.lower()}
        for place, address in enumerate(record.to)
    ]
    add(connection, recipients, *to)


def forget(connection: Connection, message_id: str) -> None:
    """Remove a record that is `begun`."""
    begun = and_(mails.c.message_id == message_id, mails.c.state == "begun")
    if connection.execute(delete(mails).where(begun)).rowcount:
        connection.execute(delete(recipients).where(recipients.c.message_id == message_id))


def count(
    connection: Connection,
    *,
    automatic: bool,
    since: datetime | None,
    to: str | None,
    case: str | None,
    kind: str | None,
) -> int:
    """How many outgoing mails match all that is given."""
    query = select(func.count()).select_from(mails).where(mails.c.automatic == automatic)
    if since is not None:
        query = query.where(mails.c.at >= since)
    if case is not None:
        query = query.where(mails.c.case_id == case)
    if kind is not None:
        query = query.where(mails.c.kind == kind)
    if to is not None:
        mine = and_(
            recipients.c.message_id == mails.c.message_id, recipients.c.address == to.lower()
        )
        query = query.where(exists().where(mine))
    return int(connection.execute(query).scalar_one())
