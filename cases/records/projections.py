"""Keeps what a case tells of itself, and finds out where that differs from what is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, select, update
from sqlalchemy.sql.schema import Table

from cases.records import bookings as booked
from cases.records.events import end_row
from cases.records.lines import add, fetch, put, put_all
from cases.records.lists import OPEN
from cases.records.rows import Row, rows_of
from cases.records.tables import (
    audit,
    bookings,
    candidates,
    cases,
    events,
    items,
    messages,
    tickets,
    turns,
    votes,
)
from service.instants import write_instant

_TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        cases,
        tickets,
        items,
        candidates,
        turns,
        votes,
        events,
        audit,
        messages,
        bookings,
    )
}
_OF_THE_WRITE = ("n", "updated_at", "told_at")
"""Columns that say when a row was written and not what it says."""
_ITEM = ("case_id", "run", "item")
_NO_CANDIDATES = delete(candidates).where(
    and_(*(candidates.c[name] == bindparam(f"its_{name}") for name in _ITEM))
)
_GONE_VOTES = delete(votes).where(
    votes.c.case_id == bindparam("its_case_id"),
    votes.c.run == bindparam("its_run"),
    votes.c.round == bindparam("its_round"),
    votes.c.n < bindparam("its_n"),
)
_LATER_LINES = delete(audit).where(
    audit.c.case_id == bindparam("its_case_id"),
    audit.c.run == bindparam("its_run"),
    audit.c.n > bindparam("its_n"),
)


_LATER_EVENTS = delete(events).where(
    events.c.case_id == bindparam("its_case_id"),
    events.c.run == bindparam("its_run"),
    events.c.n > bindparam("its_n"),
)


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not as the case tells it. `kept` or `told` is None where there is no such row."""

    case: str
    table: str
    key: Mapping[str, Any]
    kept: Mapping[str, Any] | None
    told: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Ending:
    """How a case ended that could not tell it any more: terminated, timed-out, failed ...

    `at` is None where nobody knows any more; the time of its last write then stands for it.
    """

    how: str
    at: datetime | None


def keep(connection: Connection, projection: Mapping[str, Any], at: datetime) -> None:
    """Write the rows of a projection; those that a later write has brought stay."""
    told = rows_of(projection, at)
    for row in told["cases"]:
        newest = put(connection, cases, row, newer_by="n")
        if newest and projection.get("closed") is not None and told["audit"]:
            # The end may have been written once and then have come otherwise: the server takes
            # back what a workflow decided where a call came in between.
            last = told["audit"][-1]
            names = ("case_id", "run", "n")
            later = {f"its_{name}": last[name] for name in names}
            connection.execute(_LATER_LINES, later)
            connection.execute(_LATER_EVENTS, later)
    add(connection, tickets, *told["tickets"])
    for row in told["items"]:
        if put(connection, items, row, newer_by="n"):
            connection.execute(_NO_CANDIDATES, {f"its_{name}": row[name] for name in _ITEM})
            mine = [each for each in told["candidates"] if each["item"] == row["item"]]
            add(connection, candidates, *mine)
    for row in told["bookings"]:
        put(connection, bookings, row, newer_by="n")
    if projection.get("closed") is not None:
        # Also what an action has booked of which the case never heard.
        head = told["cases"][0]
        booked.release_all(connection, head["case_id"], head["run"])
    put_all(connection, turns, told["turns"])
    for row in told["votes"]:
        put(connection, votes, row, newer_by="n")
    for voting in projection.get("rounds") or ():
        # A round is told whole: what it does not tell any more, a reset has taken back.
        head = told["cases"][0]
        names = ("case_id", "run", "n")
        connection.execute(
            _GONE_VOTES, {f"its_{name}": head[name] for name in names} | {"its_round": voting["id"]}
        )
    # The first write counts: what a figure was made from stays what it was.
    add(connection, events, *told["events"])
    put_all(connection, audit, told["audit"])
    put_all(connection, messages, told["messages"])


def compare(
    connection: Connection, projection: Mapping[str, Any], at: datetime
) -> list[Difference]:
    """Rows that are missing or differ from those of a projection of everything that a case tells.

    What the records know and the case does not tell any more is no difference: tickets it had
    before, and lines of audit or messages older than those that it still remembers. Neither is
    anything where a later write than the projection has come in between.
    A booking that the case does not tell yet is none.
    """
    told = rows_of(projection, at)
    head = told["cases"][0]
    if _is_older(connection, head):
        return []
    found: list[Difference] = []
    for name, table in _TABLES.items():
        key = [column.name for column in table.primary_key]
        kept = {_key(row, key): row for row in _kept(connection, table, head)}
        for row in told[name]:
            mine = kept.pop(_key(row, key), None)
            if mine is None or _said(mine) != _said(row):
                names = {each: row[each] for each in key}
                found.append(Difference(head["case_id"], name, names, mine, row))
        if name in ("items", "candidates", "votes"):
            for left in kept.values():
                names = {each: left[each] for each in key}
                found.append(Difference(head["case_id"], name, names, left, None))
    return found


def end(connection: Connection, case: str, run: str, ending: Ending, at: datetime) -> None:
    """Note the end of a case that did not tell it; its open work items are withdrawn,
    its bookings given back."""
    open_row = and_(cases.c.case_id == case, cases.c.run == run, cases.c.closed_at.is_(None))
    changed = connection.execute(
        update(cases)
        .where(open_row)
        .values(
            phase="cancelled" if ending.how in ("terminated", "cancelled") else "closed",
            step=None,
            due_at=None,
            closed_at=ending.at or cases.c.updated_at,
            ended_as=ending.how,
        )
    ).rowcount
    if not changed:
        return
    ended = {"at": write_instant(ending.at or at), "as": ending.how}
    add(connection, events, end_row(case, run, ended, at))
    booked.release_all(connection, case, run)
    work = and_(items.c.case_id == case, items.c.run == run, items.c.state.in_(OPEN))
    for row in fetch(connection, select(items).where(work)):
        document = {**row["document"], "state": "withdrawn"}
        connection.execute(
            update(items).where(_same_item(row)).values(state="withdrawn", document=document)
        )


def _is_older(connection: Connection, head: Row) -> bool:
    mine = and_(cases.c.case_id == head["case_id"], cases.c.run == head["run"])
    kept = connection.execute(select(cases.c.n).where(mine)).scalar()
    return kept is not None and kept > head["n"]


def _kept(connection: Connection, table: Table, head: Row) -> list[Row]:
    query = select(table).where(table.c.case_id == head["case_id"])
    if "run" in table.c:
        query = query.where(table.c.run == head["run"])
    return fetch(connection, query)


def _key(row: Mapping[str, Any], names: list[str]) -> tuple[Any, ...]:
    return tuple(row[name] for name in names)


def _said(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in _OF_THE_WRITE}


def _same_item(row: Mapping[str, Any]) -> Any:
    return and_(*(items.c[name] == row[name] for name in _ITEM))
