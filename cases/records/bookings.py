"""Bookings: which there are, and a new one only where nobody else was faster.

One transaction looks and writes, and one at a time: of two cases that want the same asset at the
same time one gets it, and the other sees that it is taken. The case tells its bookings as well,
with the rest of its projection; what it tells later counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, select, text, update

from cases.records.lines import fetch, put
from cases.records.rows import booking_row
from cases.records.tables import bookings, cases

Booking = Mapping[str, Any]
Judge = Callable[[Sequence[Booking]], Booking | None]
"""The booking to be made beside these of other cases, or None where it may not be."""

_ONE_AT_A_TIME = 0x0C0FFEE5
"""The advisory lock of PostgreSQL under which bookings are made; SQLite has one writer anyway."""


def between(
    connection: Connection, begin: datetime, end: datetime, without: str
) -> Sequence[Booking]:
    """Bookings of all cases but one that have an instant in common with [begin, end)."""
    query = select(bookings).where(
        bookings.c.released.is_(False),
        bookings.c.begins_at < end,
        bookings.c.ends_at > begin,
        bookings.c.case_id != without,
    )
    query = query.order_by(bookings.c.begins_at, bookings.c.case_id, bookings.c.booking)
    return [dict(each["document"]) for each in fetch(connection, query)]


@dataclass(frozen=True, slots=True)
class Asked:
    """A booking that a case wants. `number` counts its bookings, of which the newest counts."""

    case: str
    run: str
    id: str
    number: int
    begin: datetime
    end: datetime


def book(connection: Connection, asked: Asked, judge: Judge) -> Booking | None:
    """Make a booking where `judge` lets it be; the booking, or None where it may not be.

    The same booking again changes nothing, and neither does one that comes too late: its case has
    ended, has given it back, or has made another one since.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})
    mine = and_(bookings.c.case_id == asked.case, bookings.c.run == asked.run)
    own = fetch(connection, select(bookings).where(mine))
    for each in own:
        if each["booking"] == asked.id:
            return dict(each["document"])
    if any(each["number"] > asked.number for each in own) or _has_ended(connection, asked):
        return None
    booking = judge(between(connection, asked.begin, asked.end, asked.case))
    if booking is None:
        return None
    connection.execute(update(bookings).where(mine).values(released=True))
    row = booking_row(asked.case, asked.run, 0, {**booking, "number": asked.number})
    put(connection, bookings, row)
    return booking


def release(connection: Connection, case: str, run: str, booking: str) -> bool:
    """Give a booking of a case back; False where the case has no such booking."""
    mine = and_(
        bookings.c.case_id == case, bookings.c.run == run, bookings.c.booking == booking
    )  # fmt: skip
    return bool(connection.execute(update(bookings).where(mine).values(released=True)).rowcount)


def release_all(connection: Connection, case: str, run: str) -> None:
    """Give back whatever a case has booked: it has ended."""
    mine = and_(
        bookings.c.case_id == case, bookings.c.run == run, bookings.c.released.is_(False)
    )  # fmt: skip
    connection.execute(update(bookings).where(mine).values(released=True))


def _has_ended(connection: Connection, asked: Asked) -> bool:
    mine = and_(cases.c.case_id == asked.case, cases.c.run == asked.run)
    query = select(cases.c.closed_at).where(mine)
    return connection.execute(query).scalar() is not None
