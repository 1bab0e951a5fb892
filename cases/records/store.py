"""The records: what Caseway keeps outside Temporal, derived or closed, never a running case.

Every write can be repeated and may come late: a line is replaced only by one that is not older.
Calls run in threads, so that the event loop of a server never waits for a disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Self, TypeVar

from sqlalchemy import Connection, Engine, and_, delete, exists, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.schema import Table

from cases.errors import KeyReused, RecordsUnavailable
from cases.records import rows
from cases.records.cursors import Page, read_cursor, write_cursor
from cases.records.database import open_database, reading, writing
from cases.records.found import FoundCase
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
from service.correspondence import MailRecord
from service.instants import read_instant, write_instant

MOST_FOUND = 20
OPEN = ("open", "claimed")
FILTERS = {
    "definition": cases.c.definition,
    "key": cases.c.key,
    "phase": cases.c.phase,
    "status": cases.c.status,
    "priority": cases.c.priority,
    "group": cases.c.case_group,
}

Found = TypeVar("Found")


class RecordStore:
    """The records on one database. All methods are safe from several processes at once."""

    def __init__(
        self, engine: Engine, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._engine = engine
        self._now = now

    @classmethod
    async def open(cls, url: str) -> Self:
        """Open the database, and bring its tables to their newest form.

        Raises:
            RecordsUnavailable: it cannot be opened or written.
        """
        return cls(await asyncio.to_thread(open_database, url))

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    # --- projections of cases -------------------------------------------------------------------

    async def write(self, payload: Mapping[str, Any]) -> None:
        """Keep the projection of a case: {case, row, items, audit, messages}; repeatable."""
        await self._write(lambda connection: self._project(connection, payload))

    def _project(self, connection: Connection, payload: Mapping[str, Any]) -> None:
        case, row = payload["case"], rows.case_row(payload["row"], self._now())
        _put(connection, cases, row, newer_by="n")
        if row["ticket"]:
            _put(connection, tickets, {"ticket": row["ticket"], "case_id": case})
        for item in payload.get("items") or ():
            line = rows.item_row(case, row["n"], item)
            if _put(connection, items, line, newer_by="n"):
                chosen = and_(candidates.c.case_id == case, candidates.c.item == item["id"])
                connection.execute(delete(candidates).where(chosen))
                for each in rows.candidate_rows(case, item):
                    _put(connection, candidates, each)
        for line in payload.get("audit") or ():
            _put(connection, audit, rows.audit_row(case, line))
        for message in payload.get("messages") or ():
            found = rows.message_row(case, message)
            if found is not None:
                _put(connection, messages, found)

    async def case(self, case: str) -> Mapping[str, Any] | None:
        """The line of a case as lists show it, or None."""
        query = select(cases).where(cases.c.case_id == case)
        found = await self._read(lambda connection: connection.execute(query).mappings().first())
        return rows.case_line(dict(found)) if found is not None else None

    async def list_cases(
        self, filters: Mapping[str, str], cursor: str | None = None, limit: int = 50
    ) -> Page:
        """Cases that match all filters, newest first.

        `person` matches who has open work in a case, or is its owner; `ticket` any ticket that the
        case has had.
        """
        query = select(cases)
        for name, value in filters.items():
            query = query.where(_condition(name, value))
        place = read_cursor(cursor, 2)
        if place is not None:
            at = read_instant(place[0])
            query = query.where(
                or_(
                    cases.c.started_at < at,
                    and_(cases.c.started_at == at, cases.c.case_id > place[1]),
                )
            )
        query = query.order_by(cases.c.started_at.desc(), cases.c.case_id).limit(limit + 1)
        found = await self._read(lambda connection: connection.execute(query).mappings().all())
        shown = [rows.case_line(dict(each)) for each in found[:limit]]
        if len(found) <= limit:
            return Page(shown, None)
        return Page(shown, write_cursor([shown[-1]["startedAt"], shown[-1]["case"]]))

    async def worklist(
        self, who: Sequence[str], cursor: str | None = None, limit: int = 50
    ) -> Page:
        """Open work items that any of `who` may do, the one due first comes first.

        Args:
            who: `u.<person>` and `g.<group>`; everybody's where it is empty.
        """
        # Items without a deadline come last; a far one stands for none, so that cursors compare.
        due = func.coalesce(items.c.due_at, _NEVER)
        query = select(items, due.label("due"), cases.c.subject, cases.c.priority).join_from(
            items, cases, items.c.case_id == cases.c.case_id, isouter=True
        )
        query = query.where(items.c.state.in_(OPEN))
        if who:
            mine = and_(
                candidates.c.case_id == items.c.case_id,
                candidates.c.item == items.c.item,
                candidates.c.who.in_(who),
            )
            query = query.where(exists().where(mine))
        place = read_cursor(cursor, 3)
        if place is not None:
            at, case, item = read_instant(place[0]), place[1], place[2]
            later_item = and_(due == at, items.c.case_id == case, items.c.item > item)
            query = query.where(or_(due > at, and_(due == at, items.c.case_id > case), later_item))
        query = query.order_by(due, items.c.case_id, items.c.item).limit(limit + 1)
        found = await self._read(lambda connection: connection.execute(query).mappings().all())
        shown = [
            {
                **each["document"],
                "case": each["case_id"],
                "subject": each["subject"],
                "priority": each["priority"],
            }
            for each in found[:limit]
        ]
        if len(found) <= limit:
            return Page(shown, None)
        last = found[limit - 1]
        at_text = write_instant(last["due_at"] or _NEVER)
        return Page(shown, write_cursor([at_text, last["case_id"], last["item"]]))

    async def open_items_by_person(self) -> Mapping[str, int]:
        """Person -> number of work items that are open and claimed by or assigned to them."""
        query = (
            select(items.c.person, func.count())
            .where(items.c.state.in_(OPEN), items.c.person.is_not(None))
            .group_by(items.c.person)
        )
        found = await self._read(lambda connection: connection.execute(query).all())
        return {str(person): int(count) for person, count in found}

    async def find_cases(
        self,
        *,
        case: str | None = None,
        message_ids: Sequence[str] = (),
        ticket: str | None = None,
        sender: str | None = None,
        key: str | None = None,
        definition: str | None = None,
        closed_since: datetime | None = None,
    ) -> Sequence[FoundCase]:
        """Cases that match all that is given, newest first, at most 20.

        `message_ids` matches any of them, incoming or outgoing, also of a linked case. Without
        `closed_since` closed cases count however long they have been closed.
        """
        query = select(cases)
        if case is not None:
            query = query.where(cases.c.case_id == case)
        if message_ids:
            query = query.where(_has_message([rows.with_brackets(each) for each in message_ids]))
        if ticket is not None:
            query = query.where(_condition("ticket", ticket))
        if sender is not None:
            query = query.where(cases.c.sender == sender.lower())
        if key is not None:
            query = query.where(cases.c.key == key)
        if definition is not None:
            query = query.where(cases.c.definition == definition)
        if closed_since is not None:
            query = query.where(or_(cases.c.closed_at.is_(None), cases.c.closed_at >= closed_since))
        query = query.order_by(cases.c.started_at.desc(), cases.c.case_id).limit(MOST_FOUND)
        found = await self._read(lambda connection: connection.execute(query).mappings().all())
        return [
            FoundCase(
                each["case_id"], each["definition"], each["status"], each["phase"], each["ticket"],
                each["subject"], each["sender"],
            )
            for each in found
        ]  # fmt: skip

    # --- outgoing mail --------------------------------------------------------------------------

    async def mail(self, message_id: str) -> MailRecord | None:
        """The record of an outgoing mail, or None."""

        def find(connection: Connection) -> MailRecord | None:
            row = connection.execute(
                select(mails).where(mails.c.message_id == message_id)
            ).mappings().first()  # fmt: skip
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

        return await self._read(find)

    async def keep_mail(self, record: MailRecord) -> None:
        """Insert the record, or replace the one with the same Message-ID; durable on return."""

        def keep(connection: Connection) -> None:
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
            _put(connection, mails, line)
            mine = recipients.c.message_id == record.message_id
            connection.execute(delete(recipients).where(mine))
            for place, address in enumerate(record.to):
                line = {"message_id": record.message_id, "place": place, "address": address}
                _put(connection, recipients, line)

        await self._write(keep, durable=True)

    async def forget_mail(self, message_id: str) -> None:
        """Remove a record that is `begun`: the server certainly did not take the mail."""

        def forget(connection: Connection) -> None:
            begun = and_(mails.c.message_id == message_id, mails.c.state == "begun")
            if connection.execute(delete(mails).where(begun)).rowcount:
                connection.execute(delete(recipients).where(recipients.c.message_id == message_id))

        await self._write(forget)

    async def count_mails(
        self,
        *,
        automatic: bool,
        since: datetime | None = None,
        to: str | None = None,
        case: str | None = None,
        kind: str | None = None,
    ) -> int:
        """How many outgoing mails were kept, begun ones included, that match all that is given."""
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
        return int(await self._read(lambda connection: connection.execute(query).scalar_one()))

    # --- what was not taken ---------------------------------------------------------------------

    async def quarantine(
        self,
        *,
        id: str,
        source: str,
        reason: str,
        detail: str | None = None,
        message_id: str | None = None,
        sender: str | None = None,
        subject: str | None = None,
        case: str | None = None,
        file: Mapping[str, Any] | None = None,
        at: datetime | None = None,
    ) -> None:
        """Write one down, durable on return; the same id again changes nothing."""
        line = {
            "id": id,
            "source": source,
            "at": at or self._now(),
            "reason": reason,
            "detail": detail,
            "message_id": message_id,
            "sender": sender,
            "subject": subject,
            "case_id": case,
            "file": None if file is None else dict(file),
        }
        await self._write(lambda connection: _add(connection, quarantine, line), durable=True)

    async def quarantined(self, id: str) -> Mapping[str, Any] | None:
        """The entry with this id, or None."""
        query = select(quarantine).where(quarantine.c.id == id)
        found = await self._read(lambda connection: connection.execute(query).mappings().first())
        return dict(found) if found is not None else None

    # --- idempotency keys -----------------------------------------------------------------------

    async def first_answer(self, scope: str, key: str, fingerprint: str) -> Any:
        """The answer kept for a request, or None.

        Raises:
            KeyReused: the key was used for another request.
        """
        query = select(requests).where(requests.c.scope == scope, requests.c.key == key)
        found = await self._read(lambda connection: connection.execute(query).mappings().first())
        if found is None:
            return None
        if found["fingerprint"] != fingerprint:
            raise KeyReused(key)
        return found["answer"]

    async def keep_answer(self, scope: str, key: str, fingerprint: str, answer: Any) -> None:
        """Keep an answer; the first one stays."""
        line = {
            "scope": scope,
            "key": key,
            "fingerprint": fingerprint,
            "at": self._now(),
            "answer": answer,
        }
        await self._write(lambda connection: _add(connection, requests, line), durable=True)

    async def forget_answers(self, older_than: timedelta) -> int:
        """Remove kept answers of a certain age; how many there were."""
        old = requests.c.at < self._now() - older_than
        return await self._write(
            lambda connection: connection.execute(delete(requests).where(old)).rowcount
        )

    # --- transactions ---------------------------------------------------------------------------

    async def _read(self, act: Callable[[Connection], Found]) -> Found:
        def run() -> Found:
            with reading(self._engine) as connection:
                return act(connection)

        return await self._in_thread(run)

    async def _write(self, act: Callable[[Connection], Found], *, durable: bool = False) -> Found:
        def run() -> Found:
            with writing(self._engine, durable=durable) as connection:
                return act(connection)

        return await self._in_thread(run)

    async def _in_thread(self, run: Callable[[], Found]) -> Found:
        try:
            return await asyncio.to_thread(run)
        except DBAPIError as error:
            place = self._engine.url.render_as_string(hide_password=True)
            raise RecordsUnavailable(place, str(error.orig)) from error


_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


def _condition(name: str, value: str) -> Any:
    if name == "ticket":
        mine = and_(tickets.c.case_id == cases.c.case_id, tickets.c.ticket == value)
        return exists().where(mine)
    if name == "person":
        open_item = and_(
            items.c.case_id == cases.c.case_id, items.c.person == value, items.c.state.in_(OPEN)
        )
        return or_(cases.c.owner == value, exists().where(open_item))
    return FILTERS[name] == value


def _has_message(message_ids: Sequence[str]) -> Any:
    """A case has a message when it sent or got it; a mail's own record counts before the case's."""
    mine = and_(messages.c.case_id == cases.c.case_id, messages.c.message_id.in_(message_ids))
    sent = and_(mails.c.case_id == cases.c.case_id, mails.c.message_id.in_(message_ids))
    return or_(exists().where(mine), exists().where(sent))


def _put(
    connection: Connection, table: Table, line: Mapping[str, Any], newer_by: str | None = None
) -> bool:
    """Insert a line or replace the one with its key; False where a newer one stays."""
    key = [column.name for column in table.primary_key]
    statement: Any = _insert(connection, table).values(**line)
    rest = {name: statement.excluded[name] for name in line if name not in key}
    if not rest:
        return _add(connection, table, line)
    where = None if newer_by is None else table.c[newer_by] <= statement.excluded[newer_by]
    done = connection.execute(
        statement.on_conflict_do_update(index_elements=key, set_=rest, where=where)
    )
    return bool(done.rowcount)


def _add(connection: Connection, table: Table, line: Mapping[str, Any]) -> bool:
    """Insert a line; False where one with its key is there already."""
    key = [column.name for column in table.primary_key]
    statement: Any = _insert(connection, table).values(**line)
    done = connection.execute(statement.on_conflict_do_nothing(index_elements=key))
    return bool(done.rowcount)


def _insert(connection: Connection, table: Table) -> Any:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)
