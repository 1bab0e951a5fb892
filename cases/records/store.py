"""The records: what Caseway keeps outside Temporal, derived or closed, never a running case.

Every write can be repeated and may come late: a line is replaced only by one that is not older.
Calls run in threads, so that the event loop of a server never waits for a disk.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any, Self, TypeVar

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from cases.errors import KeyReused, RecordsUnavailable
from cases.records import (
    bookings,
    erasing,
    events,
    lists,
    mail_log,
    projections,
    register,
    retention,
    rows,
    turns,
)
from cases.records.bookings import Asked, Booking, Judge
from cases.records.cursors import Page
from cases.records.database import open_database, reading, settle, writing
from cases.records.erasing import Erased
from cases.records.found import FoundCase
from cases.records.lines import add, fetch
from cases.records.projections import Difference, Ending
from cases.records.register import Change, Entry
from cases.records.retention import Forgotten
from cases.records.tables import quarantine, requests
from service.correspondence import MailRecord
from service.figures import CaseFacts

Found = TypeVar("Found")


class RecordStore:
    """The records on one database. All methods are safe from several processes at once.

    Every method may raise `RecordsUnavailable`: the database does not answer as it must.
    """

    def __init__(
        self, engine: Engine, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._engine = engine
        self._now = now
        # SQLite lets one write at a time, and those who wait look again at random: in one process
        # they stand in line instead.
        self._turn: AbstractContextManager[Any] = (
            threading.Lock() if engine.dialect.name == "sqlite" else nullcontext()
        )

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
        """Keep the projection of a case: {case, row, items, audit, messages, closed?}; repeatable."""
        await self._write(lambda connection: projections.keep(connection, payload, self._now()))

    async def write_all(self, payloads: Sequence[Mapping[str, Any]]) -> None:
        """Keep several projections at once, all or none; repeatable."""

        def keep(connection: Connection) -> None:
            for payload in payloads:
                projections.keep(connection, payload, self._now())

        await self._write(keep)

    async def compare(self, payload: Mapping[str, Any]) -> Sequence[Difference]:
        """What is not kept as a projection of everything in a case tells it; none where it is newer."""
        return await self._read(
            lambda connection: projections.compare(connection, payload, self._now())
        )

    async def end(self, case: str, run: str, ending: Ending) -> None:
        """Note the end of a case that could not tell it; one that has told it stays as it is."""
        await self._write(
            lambda connection: projections.end(connection, case, run, ending, self._now())
        )

    async def figures(self, start: datetime, end: datetime) -> Sequence[CaseFacts]:
        """All cases that were open at some time of a period, with their events; drills are left out."""
        return await self._read(lambda connection: events.facts_of(connection, start, end))

    # --- lists and searches ---------------------------------------------------------------------

    async def case(self, case: str) -> Mapping[str, Any] | None:
        """The line of the case that had this id last, as lists show it, or None."""
        found = await self._read(lambda connection: lists.newest(connection, case))
        return rows.case_line(found) if found is not None else None

    async def begun(self, case: str) -> tuple[str, datetime] | None:
        """First run and start of the case that had this id last, or None."""
        found = await self._read(lambda connection: lists.newest(connection, case))
        return None if found is None else (found["run"], found["started_at"])

    async def closing(self, case: str) -> Mapping[str, Any] | None:
        """How the case that had this id last has ended, with its error or reason; None while it runs."""
        found = await self._read(lambda connection: lists.newest(connection, case))
        closing: Mapping[str, Any] | None = found["closing"] if found is not None else None
        return closing

    async def links_of(self, case: str) -> Mapping[str, Any] | None:
        """{links, ended, mergedInto} of the case that had this id last, or None."""
        found = await self._read(lambda connection: lists.newest(connection, case))
        if found is None:
            return None
        closing = found["closing"] or {}
        over = found["closed_at"] is not None and closing.get("until") is None
        return {
            "links": found["links"] or [], "ended": over, "mergedInto": closing.get("mergedInto"),
        }  # fmt: skip

    async def open_runs(self) -> Sequence[tuple[str, str]]:
        """Case and run of all cases that have not told their end, oldest first."""
        found = await self._read(lists.open_rows)
        return [(each["case_id"], each["run"]) for each in found]

    async def ended_runs(self, runs: Sequence[str]) -> frozenset[str]:
        """Which of these first runs of cases have an end in the records."""
        return await self._read(lambda connection: lists.ended_runs(connection, runs))

    async def list_cases(
        self, filters: Mapping[str, str], cursor: str | None = None, limit: int = 50
    ) -> Page:
        """Cases that match all filters, newest first.

        Args:
            filters: Of `definition`, `key`, `phase`, `status`, `priority`, `type`, `group`,
                `owner`; `drill`, "true" or "false"; `person`, who owns the case or has open work in it; `requester`, an
                address or a person's id; `ticket`, any that the case has had; `matter`, the root
                case of the matter, or `own` for one line of each matter.
            cursor: From the page before; cases that come in between change no later page.
            limit: Lines of a page.

        Raises:
            InputInvalid: an unknown filter, or a cursor of another list.
        """
        return await self._read(
            lambda connection: lists.list_cases(connection, filters, cursor, limit)
        )

    async def worklist(
        self, who: Sequence[str], cursor: str | None = None, limit: int = 50
    ) -> Page:
        """Open work items, the one due first comes first, those without a deadline last.

        Args:
            who: `u.<person>`: what the person has, and what is offered to any of `who` and nobody
                has. `d.<person>`: votes of somebody who is absent. Only `g.<group>`: all of these groups, whoever has it. Empty: everything.
            cursor: From the page before.
            limit: Lines of a page: the work item, with `case`, `subject`, `priority` and `ticket`.

        Raises:
            InputInvalid: a cursor of another list.
        """
        return await self._read(lambda connection: lists.worklist(connection, who, cursor, limit))

    async def open_items_by_person(self) -> Mapping[str, int]:
        """Person -> number of work items that are open and claimed by or assigned to them."""
        return await self._read(lists.open_items_by_person)

    async def choose(self, about: Mapping[str, Any], decide: turns.Choose) -> Mapping[str, Any]:
        """Let `decide` choose somebody by load and turns, and keep whose turn it was; see `turns`."""
        return await self._write(
            lambda connection: turns.choose(connection, about, decide, self._now())
        )

    async def history(self, case: str) -> Sequence[Mapping[str, Any]]:
        """What happened in the case that had this id last, in order: {n, at, kind, text, by ...}."""
        return await self._read(lambda connection: lists.history(connection, case))

    async def work_items(self, case: str) -> Sequence[Mapping[str, Any]]:
        """The work items of the case that had this id last, closed ones included, oldest first."""
        return await self._read(lambda connection: lists.work_of(connection, case))

    async def rounds(self, case: str) -> Sequence[Mapping[str, Any]]:
        """Votes of the case that had this id last, by round: {id, task, votes, earlier}."""
        return await self._read(lambda connection: lists.rounds_of_case(connection, case))

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
        """Cases that match all that is given, newest first, at most 20; each id at most once.

        Args:
            case: Its id.
            message_ids: Any of them, incoming or outgoing.
            ticket: Any that the case has had.
            sender: The requester's address, in any case of letters, or a person's id.
            key: What makes it one of its definition.
            definition: Name of the definition.
            closed_since: Leaves out cases that closed before; None leaves out none.
        """
        return await self._read(
            lambda connection: lists.find_cases(
                connection,
                case=case,
                message_ids=message_ids,
                ticket=ticket,
                sender=sender,
                key=key,
                definition=definition,
                closed_since=closed_since,
            )
        )

    # --- outgoing mail --------------------------------------------------------------------------

    async def mail(self, message_id: str) -> MailRecord | None:
        """The record of an outgoing mail, or None."""
        return await self._read(lambda connection: mail_log.read(connection, message_id))

    async def keep_mail(self, record: MailRecord) -> None:
        """Insert the record, or replace the one with the same Message-ID; durable on return."""
        await self._write(lambda connection: mail_log.keep(connection, record), durable=True)

    async def forget_mail(self, message_id: str) -> None:
        """Remove a record that is `begun`: the server certainly did not take the mail."""
        await self._write(lambda connection: mail_log.forget(connection, message_id))

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
        return await self._read(
            lambda connection: mail_log.count(
                connection, automatic=automatic, since=since, to=to, case=case, kind=kind
            )
        )

    # --- bookings -------------------------------------------------------------------------------

    async def bookings_between(
        self, begin: datetime, end: datetime, *, without: str
    ) -> Sequence[Booking]:
        """Bookings of running cases, but for one case, at a time: {id, case, title, assets, people, from, to}."""
        return await self._read(
            lambda connection: bookings.between(connection, begin, end, without)
        )

    async def book(
        self,
        case: str,
        run: str,
        id: str,
        number: int,
        begin: datetime,
        end: datetime,
        judge: Judge,
    ) -> Booking | None:
        """Make a booking where `judge` lets it be beside those of others; durable on return.

        The same again, and one that its case does not want any more, changes nothing.

        Args:
            case: Its id.
            run: First run of the case.
            id: Of the booking.
            number: Counts the case's bookings; a newer one takes the place of the others.
            begin: From when; `end` does not belong to it.
            end: Until when.
            judge: Called inside of the transaction with the bookings of others at that time; gives
                {id, case, title, assets, people, from, to}, or None.
        """
        asked = Asked(case, run, id, number, begin, end)
        return await self._write(
            lambda connection: bookings.book(connection, asked, judge), durable=True
        )

    async def release_booking(self, case: str, run: str, booking: str) -> bool:
        """Give a booking back; False where the case has none of this id."""
        return await self._write(
            lambda connection: bookings.release(connection, case, run, booking), durable=True
        )

    # --- the improvement register ---------------------------------------------------------------

    async def add_improvement(self, case: str, run: str, entry: Entry) -> None:
        """Put an entry in the register, durable on return; one with its id stays as it is."""
        await self._write(
            lambda connection: register.enter(connection, case, run, entry), durable=True
        )

    async def change_improvement(self, id: str, change: Change) -> Mapping[str, Any] | None:
        """Let `change` make an entry anew and give its result, durable on return; None without one."""
        return await self._write(
            lambda connection: register.change(connection, id, change), durable=True
        )

    async def improvements(self, statuses: Sequence[str] = ()) -> Sequence[Entry]:
        """Entries of the register with any of these statuses, or all; oldest first."""
        return await self._read(lambda connection: register.entries(connection, statuses))

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
        await self._write(lambda connection: add(connection, quarantine, line), durable=True)

    async def quarantined(self, id: str) -> Mapping[str, Any] | None:
        """The entry with this id, or None."""
        query = select(quarantine).where(quarantine.c.id == id)
        found = await self._read(lambda connection: fetch(connection, query))
        return rows.quarantine_line(found[0]) if found else None

    async def list_quarantine(self, cursor: str | None = None, limit: int = 50) -> Page:
        """What came in and was not taken, newest first.

        Raises:
            InputInvalid: a cursor of another list.
        """
        return await self._read(lambda connection: lists.list_quarantine(connection, cursor, limit))

    # --- idempotency keys -----------------------------------------------------------------------

    async def first_answer(self, scope: str, key: str, fingerprint: str) -> Any:
        """The answer kept for a request, or None.

        Raises:
            KeyReused: the key was used for another request.
        """
        query = select(requests).where(requests.c.scope == scope, requests.c.key == key)
        found = await self._read(lambda connection: fetch(connection, query))
        if not found:
            return None
        if found[0]["fingerprint"] != fingerprint:
            raise KeyReused(key)
        return found[0]["answer"]

    async def keep_answer(self, scope: str, key: str, fingerprint: str, answer: Any) -> None:
        """Keep an answer; the first one stays."""
        line = {
            "scope": scope,
            "key": key,
            "fingerprint": fingerprint,
            "at": self._now(),
            "answer": answer,
        }
        await self._write(lambda connection: add(connection, requests, line), durable=True)

    # --- forgetting -----------------------------------------------------------------------------

    async def forget(self, older_than: timedelta) -> Forgotten:
        """Remove closed cases with all that belongs to them, put-aside mails and kept answers of an age."""
        now = self._now()
        gone = await self._write(
            lambda connection: retention.forget(connection, now - older_than, now), durable=True
        )
        await self._in_thread(lambda: settle(self._engine))
        return gone

    async def erase(self, names: Sequence[str]) -> Erased:
        """Take a person out of closed cases: by id, mail addresses, or both; see `erasing`."""
        erased = await self._write(
            lambda connection: erasing.erase(connection, names, self._now()), durable=True
        )
        await self._in_thread(lambda: settle(self._engine))
        return erased

    # --- transactions ---------------------------------------------------------------------------

    async def _read(self, act: Callable[[Connection], Found]) -> Found:
        def run() -> Found:
            with reading(self._engine) as connection:
                return act(connection)

        return await self._in_thread(run)

    async def _write(self, act: Callable[[Connection], Found], *, durable: bool = False) -> Found:
        def run() -> Found:
            with self._turn, writing(self._engine, durable=durable) as connection:
                return act(connection)

        return await self._in_thread(run)

    async def _in_thread(self, run: Callable[[], Found]) -> Found:
        try:
            return await asyncio.to_thread(run)
        except DBAPIError as error:
            raise RecordsUnavailable(self._place, str(error.orig)) from error
        except PoolTimeout as error:
            raise RecordsUnavailable(self._place, "all its connections are busy") from error

    @property
    def _place(self) -> str:
        return self._engine.url.render_as_string(hide_password=True)
