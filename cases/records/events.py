"""Events that figures are made from: which lines of the audit are one, and reading them again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from cases.records.lines import fetch
from cases.records.tables import cases, events
from service.drill import is_drill
from service.figures import CaseFacts, Event
from service.instants import read_instant

Row = dict[str, Any]

_FACTS: Mapping[str, tuple[str, ...]] = {
    "status": ("to", "phase"),
    "clock": ("clock", "ended", "elapsed"),
    "breached": ("clock",),
    "answered": (),
    "reopened": (),
    "escalated": (),
    "held": (),
}
"""Kind of a line -> what of it counts. No names of people."""


def event_row(case: str, run: str, line: Mapping[str, Any], told_at: datetime) -> Row | None:
    """The row of `events` for a line of the audit; None where no figure asks for it."""
    wanted = _FACTS.get(line["kind"])
    if wanted is None or (line["kind"] == "clock" and "ended" not in line):
        return None
    return _row(
        case, run, int(line["n"]), line["kind"], read_instant(line["at"]), told_at,
        {name: line[name] for name in wanted if name in line},
    )  # fmt: skip


def begin_row(case: str, run: str, at: datetime, told_at: datetime) -> Row:
    """The row for the beginning of the case."""
    return _row(case, run, 0, "began", at, told_at, {})


def end_row(case: str, run: str, ended: Mapping[str, Any], told_at: datetime) -> Row:
    """The row for an end of the case. One that is reopened has several, numbered by their time."""
    at = read_instant(ended["at"])
    return _row(case, run, -int(at.timestamp()), "ended", at, told_at, {"as": ended["as"]})


def facts_of(connection: Connection, start: datetime, end: datetime) -> list[CaseFacts]:
    """All matters that were open at some time of a period, without drills, oldest first."""
    there = and_(
        cases.c.started_at < end,
        or_(cases.c.closed_at.is_(None), cases.c.closed_at >= start),
        or_(cases.c.matter.is_(None), cases.c.matter == cases.c.case_id),
    )
    rows = fetch(
        connection, select(cases).where(there).order_by(cases.c.started_at, cases.c.case_id)
    )
    mine = and_(cases.c.case_id == events.c.case_id, cases.c.run == events.c.run)
    told: dict[tuple[str, str], list[Event]] = {}
    for row in fetch(
        connection, select(events).join(cases, mine).where(there).order_by(events.c.at, events.c.n)
    ):
        event = Event(row["kind"], row["at"], row["told_at"], row["data"] or {})
        told.setdefault((row["case_id"], row["run"]), []).append(event)
    return [
        CaseFacts(
            case=row["case_id"],
            definition=row["definition"],
            priority=row["priority"],
            type=row["type"],
            group=row["case_group"],
            started_at=row["started_at"],
            ended_at=row["closed_at"],
            events=tuple(told.get((row["case_id"], row["run"]), ())),
        )
        for row in rows
        if not is_drill(row["case_id"])
    ]


def _row(case: str, run: str, n: int, kind: str, at: datetime, told_at: datetime, data: Row) -> Row:
    return {
        "case_id": case, "run": run, "n": n, "kind": kind, "at": at, "told_at": told_at,
        "data": data,
    }  # fmt: skip
