"""Reads lines of tables, and writes them repeatably: inserted, replaced, or left where newer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.schema import Table


def fetch(connection: Connection, query: Select[Any]) -> list[dict[str, Any]]:
    """The lines that a query finds, by names of columns."""
    return [dict(row) for row in connection.execute(query).mappings()]


def put(
    connection: Connection, table: Table, line: Mapping[str, Any], *, newer_by: str | None = None
) -> bool:
    """Insert a whole line or replace the one with its key; False where a newer one stays.

    Args:
        newer_by: A column that tells which of two is newer; of equal ones the later write counts.
    """
    statement = _upsert(table, connection.dialect.name, newer_by)
    return bool(connection.execute(statement, dict(line)).rowcount)


def put_all(connection: Connection, table: Table, lines: Sequence[Mapping[str, Any]]) -> None:
    """Insert whole lines or replace those with their keys."""
    if lines:
        statement = _upsert(table, connection.dialect.name, None)
        connection.execute(statement, [dict(line) for line in lines])


def add(connection: Connection, table: Table, *lines: Mapping[str, Any]) -> None:
    """Insert whole lines, but leave those whose key is there already."""
    if lines:
        statement = _insertion(table, connection.dialect.name)
        connection.execute(statement, [dict(line) for line in lines])


# Building a statement costs more than carrying it out, and there are few of them.


@lru_cache(maxsize=64)
def _upsert(table: Table, dialect: str, newer_by: str | None) -> Any:
    statement = _insert(table, dialect)
    key = [column.name for column in table.primary_key]
    names = [column.name for column in table.c if not column.primary_key]
    rest = {name: statement.excluded[name] for name in names}
    where = None if newer_by is None else table.c[newer_by] <= statement.excluded[newer_by]
    return statement.on_conflict_do_update(index_elements=key, set_=rest, where=where)


@lru_cache(maxsize=64)
def _insertion(table: Table, dialect: str) -> Any:
    key = [column.name for column in table.primary_key]
    return _insert(table, dialect).on_conflict_do_nothing(index_elements=key)


def _insert(table: Table, dialect: str) -> Any:
    return (postgresql if dialect == "postgresql" else sqlite).insert(table)
