"""The improvement register. Entries are written by the actions of cases, each once by its key.

A case does not tell them again: like mails that went out they stand here only, so that one case can
measure what another one has begun.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select, update

from cases.records.lines import add, fetch
from cases.records.tables import improvements
from service.instants import read_instant

Entry = Mapping[str, Any]
Change = Callable[[Entry], tuple[Entry, Mapping[str, Any]]]
"""The entry as it is to be, and the result of changing it."""


def enter(connection: Connection, case: str, run: str, entry: Entry) -> None:
    """Put an entry in; one that is there stays as it is."""
    line = {"entry": entry["id"], "case_id": case, "run": run,
            "added_at": read_instant(entry["addedAt"]), **_columns(entry)}  # fmt: skip
    add(connection, improvements, line)


def change(connection: Connection, id: str, act: Change) -> Mapping[str, Any] | None:
    """Let `act` change an entry, and give its result; None where there is no such entry."""
    mine = improvements.c.entry == id
    # Of two cases that change one entry at one moment the second sees what the first has made.
    found = fetch(connection, select(improvements).where(mine).with_for_update())
    if not found:
        return None
    entry, result = act(_entry(found[0]))
    connection.execute(update(improvements).where(mine).values(**_columns(entry)))
    return result


def entries(connection: Connection, statuses: Sequence[str]) -> list[Entry]:
    """Entries with any of these statuses, or all where none is named; oldest first."""
    query = select(improvements).order_by(improvements.c.added_at, improvements.c.entry)
    if statuses:
        query = query.where(improvements.c.status.in_(statuses))
    return [_entry(each) for each in fetch(connection, query)]


def _columns(entry: Entry) -> dict[str, Any]:
    document = {name: each for name, each in entry.items() if name not in ("id", "case", "title", "status")}  # fmt: skip
    return {
        "title": entry["title"],
        "status": entry["status"],
        "updated_at": read_instant(entry["updatedAt"]),
        "document": document,
    }


def _entry(row: Mapping[str, Any]) -> Entry:
    return {
        "id": row["entry"], "case": row["case_id"], "title": row["title"], "status": row["status"],
        **row["document"],
    }  # fmt: skip
