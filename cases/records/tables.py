"""The tables of the records, as SQLAlchemy Core sees them.

`migrations/versions/` makes them; a test shows that both are the same. A case id may be used
again once its case has closed, so whatever a case tells is kept by id and `run`: the id of its
first run at Temporal, which stays through continue-as-new and reset. What leads to a case from
outside (tickets, messages, mails) names the id only.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)


class UtcTime(TypeDecorator[datetime]):
    """Aware times in UTC. SQLite knows no zones, so they are kept there without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData()


def _json(name: str) -> Column[Any]:
    return Column(name, JSON(none_as_null=True))


cases = Table(
    "cases",
    metadata,
    Column("case_id", String(1000), primary_key=True),
    Column("run", String(255), primary_key=True),
    Column("n", Integer, nullable=False),
    Column("definition", String(255), nullable=False),
    Column("version", String(255)),
    Column("digest", String(64)),
    Column("key", String(1000), nullable=False),
    Column("status", Text),
    Column("phase", String(32), nullable=False),
    Column("step", Text),
    Column("priority", Text),
    Column("type", Text),
    Column("subject", Text),
    _json("requester"),
    Column("sender", Text),
    _json("customer"),
    Column("case_group", Text),
    Column("owner", Text),
    Column("ticket", Text),
    Column("matter", String(1000)),
    _json("links"),
    Column("due_at", UtcTime),
    Column("started_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("closed_at", UtcTime),
    Column("ended_as", String(32)),
    _json("closing"),
    Index("cases_by_start", "started_at", "case_id"),
    Index("cases_by_key", "definition", "key"),
    Index("cases_by_phase", "phase"),
    Index("cases_by_sender", "sender"),
    Index("cases_by_end", "closed_at"),
    Index("cases_by_matter", "matter"),
)
"""One line per case. `n` is the number of the write that it comes from; `matter` the case whose
record it works on, often itself; `sender` the requester's mail in lower case, or the person's id; `closing` how the case ended, with an error or a reason."""

tickets = Table(
    "tickets",
    metadata,
    Column("ticket", String(1000), primary_key=True),
    Column("case_id", String(1000), primary_key=True),
    Index("tickets_by_case", "case_id"),
)
"""Every ticket that a case has had, so that a ticket finds its cases."""

items = Table(
    "items",
    metadata,
    Column("case_id", String(1000), primary_key=True),
    Column("run", String(255), primary_key=True),
    Column("item", String(255), primary_key=True),
    Column("n", Integer, nullable=False),
    Column("task", Text),
    Column("title", Text),
    Column("state", String(32), nullable=False),
    Column("person", Text),
    Column("delegate", Text),
    Column("opened_at", UtcTime),
    Column("due_at", UtcTime),
    _json("document"),
    Index("items_by_state", "state", "due_at"),
    Index("items_by_person", "person", "state"),
)
"""Work items, closed ones included; `document` is the whole work item as the case has it, and
`person` who has it: the one who claimed it, or the only one it was given to; `delegate` who does
it for that person."""

turns = Table(
    "turns",
    metadata,
    Column("case_id", String(1000), primary_key=True),
    Column("run", String(255), primary_key=True),
    Column("item", String(255), primary_key=True),
    Column("step", String(255), primary_key=True),
    Column("definition", String(255), nullable=False),
    Column("task", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("turns_by_task", "definition", "task", "person"),
)
"""Whom a strategy has chosen for a work item: written when the choice is made, before the case
tells of the item, so that two cases that ask at one moment do not both get the same person."""

candidates = Table(
    "candidates",
    metadata,
    Column("case_id", String(1000), primary_key=True),
    Column("run", String(255), primary_key=True),
    Column("item", String(255), primary_key=True),
    Column("who", String(258), primary_key=True),
    Index("candidates_by_who", "who"),
)
"""Who may do a work item: `g.<group>` and `u.<person>`, as in the search attribute CasewayFor."""

audit = Table(
    "audit",
    metadata,
    Column("case_id", String(1000), primary_key=True),
    Column("run", String(255), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("kind", String(255), nullable=False),
    Column("by", Text),
    Column("text", Text),
    _json("detail"),
)
"""What happened in a case, in order: acts of people, decisions, changes of status."""

events = Table(
    "events",
    metadata,
    Column("case_id", String(1000), primary_key=True),
    Column("run", String(255), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("told_at", UtcTime, nullable=False),
    _json("data"),
    Index("events_by_time", "at"),
)
"""What figures are made from, by the number of its line of the audit; nobody stands in it. A line is
never changed, and `told_at` says when it came: what comes after a period has closed is a correction."""

messages = Table(
    "messages",
    metadata,
    Column("message_id", String(998), primary_key=True),
    Column("case_id", String(1000), primary_key=True),
    Column("direction", String(3), nullable=False),
    Column("at", UtcTime),
    Index("messages_by_case", "case_id"),
)
"""Mails that belong to a case, by Message-ID with angle brackets; direction `in` or `out`."""

bookings = Table(
    "bookings",
    metadata,
    Column("case_id", String(1000), primary_key=True),
    Column("run", String(255), primary_key=True),
    Column("booking", String(255), primary_key=True),
    Column("n", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("begins_at", UtcTime),
    Column("ends_at", UtcTime),
    Column("released", Boolean, nullable=False),
    Column("title", Text),
    _json("document"),
    Index("bookings_by_time", "released", "ends_at"),
)
"""Assets and people that cases have booked, released ones included. `number` counts the bookings of
a case, of which the newest counts; `n` is 0 until the case itself has told the booking."""

improvements = Table(
    "improvements",
    metadata,
    Column("entry", String(255), primary_key=True),
    Column("case_id", String(1000), nullable=False),
    Column("run", String(255), nullable=False),
    Column("status", String(32), nullable=False),
    Column("title", Text),
    Column("added_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    _json("document"),
    Index("improvements_by_case", "case_id", "run"),
    Index("improvements_by_time", "added_at", "entry"),
)
"""The improvement register: entries by the case that has made them, with all that was measured since.
Written by actions, and told by no case again."""

votes = Table(
    "votes",
    metadata,
    Column("case_id", String(1000), primary_key=True),
    Column("run", String(255), primary_key=True),
    Column("round", String(255), primary_key=True),
    Column("vote", String(255), primary_key=True),
    Column("n", Integer, nullable=False),
    Column("task", Text, nullable=False),
    Column("seat", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("on_behalf_of", Text),
    Column("choice", String(32), nullable=False),
    Column("comment", Text),
    Column("at", UtcTime, nullable=False),
    Column("via", Text),
    Column("override", Boolean, nullable=False),
    Column("counts", Boolean, nullable=False),
)
"""Votes on approvals by their own id; `counts` is false for one that was changed later. `seat` is
whose vote it is, `by` who has given it, `override` whether an overseer wrote it down."""

mails = Table(
    "mails",
    metadata,
    Column("message_id", String(998), primary_key=True),
    Column("case_id", String(1000), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("automatic", Boolean, nullable=False),
    Column("subject", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("state", String(8), nullable=False),
    _json("result"),
    Index("mails_by_case", "case_id"),
    Index("mails_by_time", "at"),
)
"""Outgoing mails, written by the action that sends them: `begun` before, `sent` after."""

recipients = Table(
    "recipients",
    metadata,
    Column("message_id", String(998), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("address", Text, nullable=False),
    Index("recipients_by_address", "address"),
)
"""To whom an outgoing mail goes, in lower case, in the order of the mail."""

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", String(1000), primary_key=True),
    Column("source", String(255), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("reason", String(255), nullable=False),
    Column("detail", Text),
    Column("message_id", Text),
    Column("sender", Text),
    Column("subject", Text),
    Column("case_id", String(1000)),
    _json("file"),
    Index("quarantine_by_time", "at"),
)
"""What came in and was not taken as a customer's message, and why; `file` refers to its bytes."""

requests = Table(
    "requests",
    metadata,
    Column("scope", String(255), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("at", UtcTime, nullable=False),
    _json("answer"),
    Index("requests_by_time", "at"),
)
"""First answers to requests with an idempotency key; a retry gets the same answer."""
