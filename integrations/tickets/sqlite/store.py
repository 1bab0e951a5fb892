"""The embedded ticket system: one SQLite file that several processes use at once.

Nobody pushes from here; what changes tickets from outside is `caseway` itself or a person's tool.
"""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

from integrations.errors import Conflict, NotFound, Refused
from integrations.tickets.interface import (
    SETTABLE,
    Comment,
    Found,
    LinkKind,
    NewTicket,
    Ticket,
    TicketQuery,
    Visibility,
)
from integrations.tickets.sqlite.schema import SYSTEM, connected

NAME = "embedded"
_ID = re.compile(r"T-([1-9][0-9]{0,17})")
_STATUS = re.compile(r"[a-z][a-z0-9-]{0,39}")
_COLUMNS = ("status", "priority", "owner", "group", "subject", "requester")


class SqliteTickets:
    """`TicketSystem` in an SQLite file. Ids are `T-1`, `T-2`, ...; versions are whole numbers."""

    def __init__(self, file: Path, *, url: Callable[[str], str] | None = None) -> None:
        self._file = file
        self._url = url

    async def create(self, key: str, ticket: NewTicket) -> Ticket:
        """See `TicketSystem.create`."""
        return await asyncio.to_thread(self._create, key, ticket)

    async def get(self, id: str) -> Ticket:
        """See `TicketSystem.get`."""
        return await asyncio.to_thread(self._get, id)

    async def update(
        self, key: str, id: str, changes: Mapping[str, Any], version: str | None = None
    ) -> Ticket:
        """See `TicketSystem.update`."""
        return await asyncio.to_thread(self._update, key, id, changes, version)

    async def comment(
        self,
        key: str,
        id: str,
        text: str,
        visibility: Visibility,
        attachments: tuple[str, ...] = (),
    ) -> Comment:
        """See `TicketSystem.comment`."""
        return await asyncio.to_thread(self._comment, key, id, text, visibility, attachments)

    async def link(self, key: str, id: str, to: str, kind: LinkKind) -> None:
        """See `TicketSystem.link`."""
        await asyncio.to_thread(self._link, key, id, to, kind)

    async def close(self, key: str, id: str, resolution: str, comment: str | None = None) -> Ticket:
        """See `TicketSystem.close`."""
        changes = {"status": "closed", "fields": {"resolution": resolution}}
        return await asyncio.to_thread(self._update, key, id, changes, None, comment)

    async def find(self, query: TicketQuery, limit: int = 20) -> Found:
        """See `TicketSystem.find`."""
        return await asyncio.to_thread(self._find, query, limit)

    async def comments(self, id: str) -> list[dict[str, Any]]:
        """The comments of a ticket, oldest first: {id, visibility, text, attachments, at}."""
        return await asyncio.to_thread(self._comments, id)

    # --- in a thread ----------------------------------------------------------------------------

    def _create(self, key: str, ticket: NewTicket) -> Ticket:
        if not ticket.subject.strip():
            raise Refused(SYSTEM, "a ticket needs a subject")
        _check_status(ticket.status)
        with connected(self._file, writes=True) as store:
            found = store.execute("SELECT * FROM tickets WHERE external_key = ?", (key,)).fetchone()
            if found is not None:
                return self._ticket(found)
            at = _now()
            number = store.execute(
                'INSERT INTO tickets (external_key, queue, subject, status, priority, requester, owner, "group",'
                " fields, version, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)",
                (
                    key, ticket.queue, ticket.subject, ticket.status, ticket.priority, ticket.requester,
                    ticket.owner, ticket.group, _json(ticket.fields), at, at,
                ),
            ).lastrowid  # fmt: skip
            assert number is not None
            if ticket.text or ticket.attachments:
                _add_comment(
                    store, f"{key}/text", number, ticket.text, "public", ticket.attachments
                )
            return self._ticket(_row(store, number))

    def _get(self, id: str) -> Ticket:
        with connected(self._file, writes=False) as store:
            return self._ticket(_row(store, _number(id)))

    def _update(
        self,
        key: str,
        id: str,
        changes: Mapping[str, Any],
        version: str | None,
        comment: str | None = None,
    ) -> Ticket:
        unknown = [name for name in changes if name not in SETTABLE]
        if unknown:
            raise Refused(
                SYSTEM, f"a ticket has no {', '.join(unknown)}; known are {', '.join(SETTABLE)}"
            )
        if "status" in changes:
            _check_status(changes["status"])
        with connected(self._file, writes=True) as store:
            done = store.execute("SELECT result FROM writes WHERE key = ?", (key,)).fetchone()
            if done is not None:
                return _from_json(json.loads(done["result"]))
            number = _number(id)
            row = _row(store, number)
            if version is not None and version != str(row["version"]):
                raise Conflict(
                    SYSTEM,
                    f"{id} was changed by somebody else: it has version {row['version']}, "
                    f"not {version}",
                )
            values = {name: changes.get(name, row[name]) for name in _COLUMNS}
            fields = {**json.loads(row["fields"]), **(changes.get("fields") or {})}
            at = _now()
            store.execute(
                'UPDATE tickets SET status = ?, priority = ?, owner = ?, "group" = ?, subject = ?,'
                " requester = ?, fields = ?, version = version + 1, updated_at = ? WHERE number = ?",
                (*values.values(), _json(fields), at, number),
            )
            if comment:
                _add_comment(store, f"{key}/comment", number, comment, "public", ())
            ticket = self._ticket(_row(store, number))
            store.execute(
                "INSERT INTO writes (key, ticket, result, at) VALUES (?, ?, ?, ?)",
                (key, number, _json(ticket.to_json()), at),
            )
            return ticket

    def _comment(
        self, key: str, id: str, text: str, visibility: Visibility, attachments: tuple[str, ...]
    ) -> Comment:
        if visibility not in get_args(Visibility):
            raise Refused(SYSTEM, f'a comment is internal or public, not "{visibility}"')
        with connected(self._file, writes=True) as store:
            found = store.execute("SELECT * FROM comments WHERE key = ?", (key,)).fetchone()
            if found is not None:
                return Comment(f"C-{found['number']}", found["at"])
            number = _number(id)
            _row(store, number)
            comment = _add_comment(store, key, number, text, visibility, attachments)
            store.execute(
                "UPDATE tickets SET version = version + 1, updated_at = ? WHERE number = ?",
                (comment.at, number),
            )
            return comment

    def _link(self, key: str, id: str, to: str, kind: LinkKind) -> None:
        if kind not in get_args(LinkKind):
            raise Refused(SYSTEM, f'"{kind}" is no link; known are {", ".join(get_args(LinkKind))}')
        if id == to:
            raise Refused(SYSTEM, "a ticket cannot be linked to itself")
        with connected(self._file, writes=True) as store:
            numbers = (_number(id), _number(to))
            for number in numbers:
                _row(store, number)
            store.execute(
                "INSERT OR IGNORE INTO links VALUES (?, ?, ?, ?, ?)", (*numbers, kind, key, _now())
            )

    def _find(self, query: TicketQuery, limit: int) -> Found:
        where = ["1 = 1"]
        values: list[Any] = []
        if query.key is not None:
            where.append("external_key = ?")
            values.append(query.key)
        if query.requester is not None:
            where.append("requester = ? COLLATE NOCASE")
            values.append(query.requester)
        if query.status:
            where.append(f"status IN ({', '.join('?' * len(query.status))})")
            values += query.status
        for name, value in query.fields.items():
            if '"' in name:
                raise Refused(SYSTEM, f"a field cannot be named {name}")
            # The path is a parameter, and quoted: a field name is data.
            where.append("json_extract(fields, ?) = json_extract(?, '$')")
            values += [f'$."{name}"', json.dumps(value)]
        if query.text is not None:
            where.append(
                "(instr(folded(subject), folded(?)) OR EXISTS (SELECT 1 FROM comments"
                " WHERE ticket = tickets.number AND instr(folded(text), folded(?))))"
            )
            values += [query.text, query.text]
        with connected(self._file, writes=False) as store:
            rows = store.execute(
                f"SELECT * FROM tickets WHERE {' AND '.join(where)} ORDER BY number DESC LIMIT ?",  # noqa: S608
                (*values, limit + 1),
            ).fetchall()
        return Found(tuple(self._ticket(row) for row in rows[:limit]), more=len(rows) > limit)

    def _comments(self, id: str) -> list[dict[str, Any]]:
        with connected(self._file, writes=False) as store:
            number = _number(id)
            _row(store, number)
            rows = store.execute(
                "SELECT * FROM comments WHERE ticket = ? ORDER BY number", (number,)
            ).fetchall()
        return [
            {
                "id": f"C-{row['number']}",
                "visibility": row["visibility"],
                "text": row["text"],
                "attachments": json.loads(row["attachments"]),
                "at": row["at"],
            }
            for row in rows
        ]

    def _ticket(self, row: sqlite3.Row) -> Ticket:
        name = f"T-{row['number']}"
        return Ticket(
            system=NAME,
            id=name,
            url=self._url(name) if self._url else None,
            subject=row["subject"],
            status=row["status"],
            priority=row["priority"],
            requester=row["requester"],
            owner=row["owner"],
            group=row["group"],
            fields=json.loads(row["fields"]),
            version=str(row["version"]),
            updated_at=row["updated_at"],
        )


def _from_json(value: Mapping[str, Any]) -> Ticket:
    rest = {name: each for name, each in value.items() if name != "updatedAt"}
    return Ticket(**rest, updated_at=value["updatedAt"])


def _add_comment(
    store: sqlite3.Connection,
    key: str,
    ticket: int,
    text: str,
    visibility: Visibility,
    attachments: tuple[str, ...],
) -> Comment:
    at = _now()
    number = store.execute(
        "INSERT INTO comments (ticket, key, visibility, text, attachments, at) VALUES (?, ?, ?, ?, ?, ?)",
        (ticket, key, visibility, text, json.dumps(attachments), at),
    ).lastrowid
    return Comment(f"C-{number}", at)


def _row(store: sqlite3.Connection, number: int) -> sqlite3.Row:
    row: sqlite3.Row | None = store.execute(
        "SELECT * FROM tickets WHERE number = ?", (number,)
    ).fetchone()
    if row is None:
        raise NotFound(SYSTEM, f"there is no ticket T-{number}")
    return row


def _number(id: str) -> int:
    found = _ID.fullmatch(id)
    if found is None:
        raise NotFound(SYSTEM, f'there is no ticket "{id}"; ids look like T-1')
    return int(found[1])


def _check_status(status: Any) -> None:
    if not (isinstance(status, str) and _STATUS.fullmatch(status)):
        raise Refused(SYSTEM, f"{status!r} is no status: write a word in kebab case, such as open")


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(dict(value), ensure_ascii=False)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
