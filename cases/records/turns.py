"""Whose turn it is: a choice among people is made and kept in one transaction.

What the cases tell comes later, in their own time. Twenty mails at one moment would otherwise find
the same records and all go to the same person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, exists, func, select, text

from cases.records.lines import put
from cases.records.lists import open_items_by_person
from cases.records.tables import items, turns
from service.instants import read_instant

Choose = Callable[[Mapping[str, int], Mapping[str, int]], Mapping[str, Any]]
"""From open items by person and newest turns by person to an assignment."""

UNTOLD = timedelta(minutes=10)
"""How long an item counts that was given and that its case has not told of."""

LOCK = 72_238_402
"""Key of the lock under which choices are made one after the other."""


def choose(
    connection: Connection, about: Mapping[str, Any], decide: Choose, now: datetime
) -> Mapping[str, Any]:
    """Make a choice and keep it; the assignment gets the number of its `turn`.

    `about` is {case, run, item, step, definition, task, at}. Asked again, as by a retry whose
    first answer was lost, the choice before is taken back first.
    """
    if connection.dialect.name == "postgresql":
        # SQLite has one writer anyway.
        connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    same = and_(
        turns.c.case_id == about["case"],
        turns.c.run == about["run"],
        turns.c.item == about["item"],
        turns.c.step == about["step"],
    )
    connection.execute(delete(turns).where(same))
    assignment = decide(_load(connection, now), _turns(connection, about))
    if assignment.get("person") is None:
        return assignment
    mine = and_(turns.c.definition == about["definition"], turns.c.task == about["task"])
    newest = connection.execute(select(func.max(turns.c.number)).where(mine)).scalar()
    number = int(newest or 0) + 1
    put(
        connection,
        turns,
        {
            "case_id": about["case"],
            "run": about["run"],
            "item": about["item"],
            "step": about["step"],
            "definition": about["definition"],
            "task": about["task"],
            "person": assignment["person"],
            "number": number,
            "at": read_instant(about["at"]),
        },
    )
    return {**assignment, "turn": number}


def _turns(connection: Connection, about: Mapping[str, Any]) -> dict[str, int]:
    query = (
        select(turns.c.person, func.max(turns.c.number))
        .where(turns.c.definition == about["definition"], turns.c.task == about["task"])
        .group_by(turns.c.person)
    )
    return {str(person): int(number) for person, number in connection.execute(query)}


def _load(connection: Connection, now: datetime) -> dict[str, int]:
    """Open items by person, with those that were just given and that no case has told of yet."""
    load = dict(open_items_by_person(connection))
    told = exists().where(
        items.c.case_id == turns.c.case_id,
        items.c.run == turns.c.run,
        items.c.item == turns.c.item,
    )
    query = (
        select(turns.c.person, func.count())
        .where(~told, turns.c.at > now - UNTOLD)
        .group_by(turns.c.person)
    )
    for person, count in connection.execute(query):
        load[str(person)] = load.get(str(person), 0) + int(count)
    return load
