"""What cases tell, for tests of the records."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import select

from cases.records.database import open_database, reading
from cases.records.store import RecordStore
from cases.records.tables import metadata
from service.instants import write_instant

Found = TypeVar("Found")

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
PROJECTED = (
    "cases", "items", "candidates", "turns", "votes", "events", "audit", "messages", "tickets", "bookings",
)  # fmt: skip


def at(minutes: float) -> str:
    """Give a time after the beginning of everything, as JSON has it."""
    return write_instant(MONDAY + timedelta(minutes=minutes))


def row(case: str = "desk:1", n: int = 1, **facts: Any) -> dict[str, Any]:
    """Give a case's row; `facts` in the words of the row."""
    definition, _, key = case.partition(":")
    return {
        "case": case,
        "run": "run-1",
        "n": n,
        "key": key,
        "definition": definition,
        "version": "1.0.0",
        "digest": "d" * 64,
        "status": "received",
        "phase": "open",
        "step": "triage",
        "priority": None,
        "type": None,
        "subject": "VPN is down",
        "requester": {"mail": "Noah@Customer.example", "name": "Noah"},
        "customer": None,
        "ticket": None,
        "group": None,
        "owner": None,
        "assignees": [],
        "links": [],
        "due": None,
        "startedAt": at(0),
        "endedAt": None,
        "endedAs": None,
        **facts,
    }


def item(name: str = "look", **facts: Any) -> dict[str, Any]:
    """Give a work item as a case has it."""
    return {
        "id": name,
        "task": name,
        "title": f"Please {name}",
        "groups": ["desk"],
        "people": ["amy", "ben"],
        "person": None,
        "state": "open",
        "openedAt": at(1),
        "dueAt": None,
        "outcomes": {"done": {"label": "Done"}},
        "history": [],
        **facts,
    }


def line(n: int, kind: str = "status", **facts: Any) -> dict[str, Any]:
    """Give a line of the audit."""
    return {"n": n, "at": at(n), "kind": kind, "text": f"fact {n}", **facts}


def told(
    case: str = "desk:1",
    n: int = 1,
    *,
    items: list[dict[str, Any]] | None = None,
    audit: list[dict[str, Any]] | None = None,
    messages: list[dict[str, Any]] | None = None,
    **facts: Any,
) -> dict[str, Any]:
    """Give a projection; one with `endedAt` tells its end."""
    projection: dict[str, Any] = {
        "case": case,
        "row": row(case, n, **facts),
        "items": items or [],
        "audit": audit or [],
        "messages": messages or [],
    }
    if facts.get("endedAt"):
        projection["closed"] = {"as": facts.get("endedAs"), "at": facts["endedAt"]}
    return projection


def closed(case: str = "desk:1", n: int = 9, minutes: float = 60, **facts: Any) -> dict[str, Any]:
    """Give the last projection of a case."""
    ending = {"phase": "closed", "endedAt": at(minutes), "endedAs": "completed"}
    return told(case, n, **ending, **facts)


def using(
    file: Path,
    act: Callable[[RecordStore], Awaitable[Found]],
    now: Callable[[], datetime] | None = None,
) -> Found:
    """Do something with the records in a file, as a server does."""

    async def run() -> Found:
        engine = await asyncio.to_thread(open_database, f"sqlite:///{file}")
        store = RecordStore(engine, now=now) if now else RecordStore(engine)
        try:
            return await act(store)
        finally:
            store.close()

    return asyncio.run(run())


def writing_all(*projections: Mapping[str, Any]) -> Callable[[RecordStore], Awaitable[None]]:
    """Give what writes these projections one after the other."""

    async def act(store: RecordStore) -> None:
        for each in projections:
            await store.write(each)

    return act


def dump(file: Path, *, written: bool = False) -> dict[str, list[dict[str, Any]]]:
    """Read all that cases have told, by table; with `written` also when each row was written."""
    left_out = () if written else ("n", "updated_at")
    engine = open_database(f"sqlite:///{file}")
    found: dict[str, list[dict[str, Any]]] = {}
    with reading(engine) as connection:
        for name in PROJECTED:
            table = metadata.tables[name]
            lines = connection.execute(select(table).order_by(*table.primary_key)).mappings()
            dropped = left_out if name in ("cases", "items", "bookings") else ()
            # Which line an event is of stays; when it was told first does not.
            dropped = ("told_at",) if name == "events" and not written else dropped
            found[name] = [
                {column: value for column, value in each.items() if column not in dropped}
                for each in lines
            ]
    engine.dispose()
    return found
