"""The connection to the records' database, brought to the newest form of its tables.

SQLite is used in WAL mode, by several processes at once: readers never wait, writers wait for
each other instead of failing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from cases.errors import RecordsUnavailable

HEAD = "0007"
"""The newest migration; the database is looked at closely only where it has another."""

MIGRATIONS = Path(__file__).parent / "migrations"

BUSY_SECONDS = 30
"""How long a writer waits for another one."""


def open_database(url: str) -> Engine:
    """An engine on a database whose tables are of the newest form, made where there is none.

    Any number of processes may do so at once: one makes the tables, the others wait for it.

    Raises:
        RecordsUnavailable: the address is wrong, the place cannot be written, or what is there was
            made by another program or a newer Caseway.
    """
    place = url
    try:
        address = make_url(url)
        place = address.render_as_string(hide_password=True)
        if address.get_backend_name() == "sqlite":
            engine = _open_sqlite(address)
        else:
            engine = create_engine(address, pool_pre_ping=True)
        _migrate(engine, place)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise RecordsUnavailable(
            place,
            "the address is not one of a database",
            "An address is for example sqlite:////var/lib/caseway/records.db; see CASEWAY_RECORDS.",
        ) from error
    except DBAPIError as error:
        raise RecordsUnavailable(place, str(error.orig)) from error
    except OSError as error:
        raise RecordsUnavailable(place, error.strerror or str(error)) from error
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads: one consistent picture."""
    with engine.begin() as connection:
        yield connection


@contextmanager
def writing(engine: Engine, *, durable: bool = False) -> Iterator[Connection]:
    """A transaction that writes; with `durable` it survives a loss of power once it is over.

    Projections can be made again, so only what exists nowhere else asks for `durable`.
    """
    with engine.connect() as plain:
        connection = plain.execution_options(caseway_write=True, caseway_durable=durable)
        with connection.begin():
            yield connection


def settle(engine: Engine) -> None:
    """Fold SQLite's log into its file, so that what was removed does not stand in the log.

    Where somebody is reading just now, the log is emptied at a later write instead.
    """
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _open_sqlite(address: URL) -> Engine:
    file = address.database
    if not file or file == ":memory:":
        raise RecordsUnavailable(
            "sqlite://",
            "a database in memory is shared with no other process",
            "Name a file in CASEWAY_RECORDS, or leave it out.",
        )
    if not file.startswith("file:"):
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        address, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # pysqlite would begin transactions by itself, and too late for a consistent picture.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=wal")
        # What is removed is overwritten: an erased person is not to be found in the file.
        connection.execute("PRAGMA secure_delete=on")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        level = "FULL" if options.get("caseway_durable") else "NORMAL"
        connection.exec_driver_sql(f"PRAGMA synchronous={level}")
        # A writer takes its lock at once: one that first reads could not wait for it later.
        connection.exec_driver_sql(
            "BEGIN IMMEDIATE" if options.get("caseway_write") else "BEGIN DEFERRED"
        )

    return engine


def _migrate(engine: Engine, place: str) -> None:
    """Bring the tables to their newest form, and see that they can be written."""
    with writing(engine) as connection:
        found = _form(connection)
        if found == HEAD:
            # Changes nothing, but a database that cannot be written says so now.
            connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
            return
        # Imported here: most processes find the tables as they should be, and Alembic is slow to load.
        from alembic import command
        from alembic.config import Config
        from alembic.script import ScriptDirectory

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        known = [each.revision for each in ScriptDirectory.from_config(config).walk_revisions()]
        if found is None and inspect(connection).get_table_names():
            raise RecordsUnavailable(
                place,
                "it is the database of another program",
                "Name a place of its own in CASEWAY_RECORDS, or leave it out.",
            )
        if found is not None and found not in known:
            raise RecordsUnavailable(
                place,
                f'its tables have the form "{found}", and this Caseway knows none after "{HEAD}"',
                "Use the newer Caseway that made them, or another place in CASEWAY_RECORDS.",
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _form(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found
