"""Questions that lists and searches ask of the records, each inside one reading transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, exists, func, or_, select, tuple_, union

from cases.errors import InputInvalid, Problem
from cases.records import rows, votes
from cases.records.cursors import Page, read_cursor, read_time, write_cursor
from cases.records.found import FoundCase
from cases.records.lines import fetch
from cases.records.tables import (
    audit,
    candidates,
    cases,
    items,
    mails,
    messages,
    quarantine,
    tickets,
)
from service.drill import KEY
from service.instants import write_instant

OPEN = ("open", "claimed")
MOST_FOUND = 20
OF_ITS_OWN = "own"
"""In place of a case's id in the filter `matter`: one line for each matter."""

_COLUMNS = {
    "definition": cases.c.definition,
    "key": cases.c.key,
    "phase": cases.c.phase,
    "status": cases.c.status,
    "priority": cases.c.priority,
    "type": cases.c.type,
    "group": cases.c.case_group,
    "owner": cases.c.owner,
}
FILTERS = (*_COLUMNS, "matter", "drill", "person", "requester", "ticket")
"""What `list_cases` can be asked for."""

_DRILL = cases.c.case_id.contains(KEY, autoescape=True)
_practice = items.c.case_id.contains(KEY, autoescape=True)
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
_newer = cases.alias("newer")


def newest(connection: Connection, case: str) -> Mapping[str, Any] | None:
    """The row of the case that had this id last, or None."""
    query = select(cases).where(cases.c.case_id == case).order_by(cases.c.started_at.desc())
    return next(iter(fetch(connection, query.limit(1))), None)


def ended_runs(connection: Connection, runs: Sequence[str]) -> frozenset[str]:
    """Which of these first runs have an end; see `RecordStore.ended_runs`."""
    query = select(cases.c.run).where(cases.c.run.in_(runs), cases.c.closed_at.is_not(None))
    return frozenset(connection.execute(query).scalars())


def list_cases(
    connection: Connection, filters: Mapping[str, str], cursor: str | None, limit: int
) -> Page:
    """Cases that match all filters, newest first; see `RecordStore.list_cases`."""
    query = select(cases)
    for name, value in filters.items():
        query = query.where(_condition(name, value))
    place = read_cursor(cursor, 3)
    if place is not None:
        at, case, run = read_time(place[0]), place[1], place[2]
        same = cases.c.started_at == at
        query = query.where(
            or_(
                cases.c.started_at < at,
                and_(same, cases.c.case_id > case),
                and_(same, cases.c.case_id == case, cases.c.run > run),
            )
        )
    query = query.order_by(cases.c.started_at.desc(), cases.c.case_id, cases.c.run)
    found = fetch(connection, query.limit(limit + 1))
    shown = [rows.case_line(each) for each in found[:limit]]
    if len(found) <= limit:
        return Page(shown, None)
    last = found[limit - 1]
    return Page(
        shown, write_cursor([write_instant(last["started_at"]), last["case_id"], last["run"]])
    )


def worklist(connection: Connection, who: Sequence[str], cursor: str | None, limit: int) -> Page:
    """Open work items, the one due first comes first; see `RecordStore.worklist`."""
    # Items without a deadline come last; a far one stands for none, so that cursors compare.
    due = func.coalesce(items.c.due_at, _NEVER)
    query = select(items, cases.c.subject, cases.c.priority, cases.c.ticket).join_from(
        items, cases, and_(items.c.case_id == cases.c.case_id, items.c.run == cases.c.run)
    )
    query = query.where(items.c.state.in_(OPEN))
    if who:
        query = query.where(_for_one_of(who))
    place = read_cursor(cursor, 4)
    if place is not None:
        at, case, run, item = read_time(place[0]), place[1], place[2], place[3]
        same_case = and_(due == at, items.c.case_id == case)
        query = query.where(
            or_(
                due > at,
                and_(due == at, items.c.case_id > case),
                and_(same_case, items.c.run > run),
                and_(same_case, items.c.run == run, items.c.item > item),
            )
        )
    query = query.order_by(due, items.c.case_id, items.c.run, items.c.item)
    found = fetch(connection, query.limit(limit + 1))
    shown = [_item_line(each) for each in found[:limit]]
    if len(found) <= limit:
        return Page(shown, None)
    last = found[limit - 1]
    at_text = write_instant(last["due_at"] or _NEVER)
    return Page(shown, write_cursor([at_text, last["case_id"], last["run"], last["item"]]))


def open_items_by_person(connection: Connection) -> Mapping[str, int]:
    """Person -> number of open work items that this person has to do; drills are no load."""
    doer = func.coalesce(items.c.delegate, items.c.person)
    query = (
        select(doer, func.count())
        .where(items.c.state.in_(OPEN), doer.is_not(None), ~_practice)
        .group_by(doer)
    )
    return {str(person): int(count) for person, count in connection.execute(query)}


def find_cases(
    connection: Connection,
    *,
    case: str | None,
    message_ids: Sequence[str],
    ticket: str | None,
    sender: str | None,
    key: str | None,
    definition: str | None,
    closed_since: datetime | None,
) -> Sequence[FoundCase]:
    """Cases that match all that is given, newest first; see `RecordStore.find_cases`."""
    # Of cases with one id only the last can be reached: the others have closed.
    later = and_(_newer.c.case_id == cases.c.case_id, _newer.c.started_at > cases.c.started_at)
    query = select(cases).where(~exists().where(later))
    if case is not None:
        query = query.where(cases.c.case_id == case)
    if message_ids:
        query = query.where(_has_message([rows.with_brackets(each) for each in message_ids]))
    if case is None and not message_ids:
        # What comes from outside belongs to no drill, unless it names one.
        query = query.where(~_DRILL)
    if ticket is not None:
        query = query.where(_condition("ticket", ticket))
    if sender is not None:
        query = query.where(cases.c.sender == sender.lower())
    if key is not None:
        query = query.where(cases.c.key == key)
    if definition is not None:
        query = query.where(cases.c.definition == definition)
    if closed_since is not None:
        # A merged case leads to the one that goes on, however long ago.
        merged = cases.c.closing["mergedInto"].as_string().is_not(None)
        open_then = or_(cases.c.closed_at.is_(None), cases.c.closed_at >= closed_since)
        query = query.where(or_(open_then, merged))
    query = query.order_by(cases.c.started_at.desc(), cases.c.case_id).limit(MOST_FOUND)
    return [
        FoundCase(
            case=each["case_id"],
            definition=each["definition"],
            status=each["status"],
            phase=each["phase"],
            ticket=each["ticket"],
            subject=each["subject"],
            sender=each["sender"],
            merged_into=(each["closing"] or {}).get("mergedInto"),
        )
        for each in fetch(connection, query)
    ]


def history(connection: Connection, case: str) -> Sequence[Mapping[str, Any]]:
    """The audit of the case that had this id last, in order."""
    found = newest(connection, case)
    if found is None:
        return []
    query = (
        select(audit)
        .where(audit.c.case_id == case, audit.c.run == found["run"])
        .order_by(audit.c.n)
    )
    return [rows.audit_line(each) for each in fetch(connection, query)]


def work_of(connection: Connection, case: str) -> Sequence[Mapping[str, Any]]:
    """The work items of the case that had this id last, closed ones included, oldest first."""
    found = newest(connection, case)
    if found is None:
        return []
    query = (
        select(items.c.document)
        .where(items.c.case_id == case, items.c.run == found["run"])
        .order_by(items.c.opened_at, items.c.item)
    )
    return [dict(document) for document in connection.execute(query).scalars()]


def list_quarantine(connection: Connection, cursor: str | None, limit: int) -> Page:
    """What was not taken, newest first."""
    query = select(quarantine)
    place = read_cursor(cursor, 2)
    if place is not None:
        at = read_time(place[0])
        same = and_(quarantine.c.at == at, quarantine.c.id > place[1])
        query = query.where(or_(quarantine.c.at < at, same))
    query = query.order_by(quarantine.c.at.desc(), quarantine.c.id).limit(limit + 1)
    found = fetch(connection, query)
    shown = [rows.quarantine_line(each) for each in found[:limit]]
    if len(found) <= limit:
        return Page(shown, None)
    return Page(shown, write_cursor([shown[-1]["at"], shown[-1]["id"]]))


def rounds_of_case(connection: Connection, case: str) -> Sequence[Mapping[str, Any]]:
    """The rounds of approvals of the case that had this id last; see `votes.rounds_of`."""
    found = newest(connection, case)
    return [] if found is None else votes.rounds_of(connection, case, found["run"])


def _item_line(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **row["document"],
        "kind": _kind(row["document"]),
        "case": row["case_id"],
        "subject": row["subject"],
        "priority": row["priority"],
        "ticket": row["ticket"],
    }


def _kind(item: Mapping[str, Any]) -> str:
    """approval, held (for operators, who decide about the task) or work-item."""
    return str(item.get("kind") or ("approval" if item.get("approval") else "work-item"))


def _for_one_of(who: Sequence[str]) -> Any:
    """What these may do now. An item that somebody has is on the lists of that person and of the
    item's groups, but not on those of others who could have taken it."""
    people = [each.removeprefix("u.") for each in who if each.startswith("u.")]
    offered = and_(
        candidates.c.case_id == items.c.case_id,
        candidates.c.run == items.c.run,
        candidates.c.item == items.c.item,
        candidates.c.who.in_(who),
    )
    if not people:
        return exists().where(offered)
    # Of votes, `d.` says who is absent and in whose place somebody may vote.
    instead = [each for each in who if each.startswith("d.")]
    deputies = exists().where(
        candidates.c.case_id == items.c.case_id,
        candidates.c.run == items.c.run,
        candidates.c.item == items.c.item,
        candidates.c.who.in_(instead),
    )
    return or_(
        *([deputies] if instead else ()),
        items.c.person.in_(people),
        items.c.delegate.in_(people),
        and_(items.c.person.is_(None), exists().where(offered)),
    )


def _condition(name: str, value: str) -> Any:
    if name in _COLUMNS:
        return _COLUMNS[name] == value
    if name == "drill" and value in ("true", "false"):
        return _DRILL if value == "true" else ~_DRILL
    if name == "ticket":
        return cases.c.case_id.in_(select(tickets.c.case_id).where(tickets.c.ticket == value))
    if name == "matter":
        if value == OF_ITS_OWN:
            return or_(cases.c.matter.is_(None), cases.c.matter == cases.c.case_id)
        return or_(cases.c.matter == value, cases.c.case_id == value)
    if name == "requester":
        return cases.c.sender == value.lower()
    if name == "person":
        has_work = select(items.c.case_id, items.c.run).where(
            or_(items.c.person == value, items.c.delegate == value), items.c.state.in_(OPEN)
        )
        return or_(cases.c.owner == value, tuple_(cases.c.case_id, cases.c.run).in_(has_work))
    raise InputInvalid(
        [Problem(f"/{name}", f"is no filter of cases; there are {', '.join(sorted(FILTERS))}")]
    )


def _has_message(message_ids: Sequence[str]) -> Any:
    """A case has a message when it sent or got it; a mail's own record counts before the case's."""
    mine = select(messages.c.case_id).where(messages.c.message_id.in_(message_ids))
    sent = select(mails.c.case_id).where(mails.c.message_id.in_(message_ids))
    return cases.c.case_id.in_(union(mine, sent))


def is_over(now: datetime) -> Any:
    """A case that has ended, and that nothing can reopen any more."""
    until = cases.c.closing["until"].as_string()
    past = or_(until.is_(None), until < write_instant(now))
    return and_(cases.c.closed_at.is_not(None), past)


def open_rows(connection: Connection) -> Sequence[Mapping[str, Any]]:
    """Rows of all cases that have not told their end, oldest first."""
    query: Select[Any] = select(cases).where(cases.c.closed_at.is_(None))
    query = query.order_by(cases.c.started_at, cases.c.case_id, cases.c.run)
    return fetch(connection, query)
