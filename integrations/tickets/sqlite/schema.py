"""The tables of the embedded ticket store, and the connection to them."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from integrations.errors import Unavailable

SYSTEM = "tickets"
FORMAT = 1
BUSY_SECONDS = 10.0
PAUSE_SECONDS = 0.02

_TABLES = """
CREATE TABLE tickets (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    external_key TEXT NOT NULL UNIQUE,
    queue TEXT,
    subject TEXT NOT NULL,
    status TEXT NOT NULL,
    priority TEXT,
    requester TEXT,
    owner TEXT,
    "group" TEXT,
    fields TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);
CREATE INDEX tickets_by_requester ON tickets (requester);
CREATE INDEX tickets_by_status ON tickets (status);
CREATE TABLE comments (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket INTEGER NOT NULL REFERENCES tickets,
    key TEXT NOT NULL UNIQUE,
    visibility TEXT NOT NULL,
    text TEXT NOT NULL,
    attachments TEXT NOT NULL,
    at TEXT NOT NULL
);
CREATE INDEX comments_by_ticket ON comments (ticket);
CREATE TABLE links (
    ticket INTEGER NOT NULL REFERENCES tickets,
    "to" INTEGER NOT NULL REFERENCES tickets,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (ticket, "to", kind)
);
CREATE TABLE writes (
    key TEXT PRIMARY KEY,
    ticket INTEGER NOT NULL REFERENCES tickets,
    result TEXT NOT NULL,
    at TEXT NOT NULL
);
"""


@contextmanager
def connected(file: Path, *, writes: bool) -> Iterator[sqlite3.Connection]:
    """A connection with one transaction around the block, the store made where it is new.

    Raises:
        Unavailable: the file cannot be used, or others write for too long.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(file, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            connection.row_factory = sqlite3.Row
            # SQLite's own lower() knows ASCII only.
            connection.create_function("folded", 1, str.casefold, deterministic=True)
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = FULL")
            if connection.execute("PRAGMA user_version").fetchone()[0] < FORMAT:
                _make(connection)
            connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
        finally:
            connection.close()
    except (sqlite3.OperationalError, sqlite3.DatabaseError, OSError) as error:
        raise Unavailable(SYSTEM, f"the ticket store {file} cannot be used: {error}") from error


def _keep_a_log(connection: sqlite3.Connection) -> None:
    """Switch to a write-ahead log; SQLite does not wait by itself for another who does the same now."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(PAUSE_SECONDS)
        else:
            return


def _make(connection: sqlite3.Connection) -> None:
    """Make the tables once, also where several processes begin at the same time."""
    _keep_a_log(connection)
    connection.execute("BEGIN IMMEDIATE")
    try:
        if connection.execute("PRAGMA user_version").fetchone()[0] < FORMAT:
            for statement in _TABLES.split(";\n"):
                if statement.strip():
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {FORMAT}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
