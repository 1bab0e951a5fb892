"""Opening the records: made and migrated by whoever comes first, refused in one sentence."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from cases.errors import RecordsUnavailable
from cases.records.database import HEAD, MIGRATIONS, open_database, writing
from cases.records.store import RecordStore
from cases.records.tables import metadata
from tests.cases.records.samples import told, using, writing_all


def refusal(address: str | Path) -> str:
    """Give the sentence with which records cannot be opened."""
    url = address if isinstance(address, str) else f"sqlite:///{address}"
    with pytest.raises(RecordsUnavailable) as refused:
        open_database(url)
    said = str(refused.value)
    assert "\n" not in said
    return said


def test_migrations_make_what_the_code_expects(tmp_path: Path) -> None:
    """Tables, columns, keys and indexes of the migrations are those of `tables`."""
    engine = open_database(f"sqlite:///{tmp_path / 'records.db'}")
    with engine.connect() as connection:
        made = compare_metadata(
            MigrationContext.configure(connection, opts={"compare_type": True}), metadata
        )
    engine.dispose()

    assert made == []


def test_keys_of_migrations_are_those_of_the_code(tmp_path: Path) -> None:
    """Writes that can be repeated rest on the keys, which no comparison of columns covers."""
    engine = open_database(f"sqlite:///{tmp_path / 'migrated.db'}")
    plain = create_engine(f"sqlite:///{tmp_path / 'plain.db'}")
    metadata.create_all(plain)
    keys = []
    for each in (engine, plain):
        with each.connect() as connection:
            keys.append(
                {
                    (table, row[1], row[3], row[5])
                    for table in metadata.tables
                    for row in connection.execute(text(f"PRAGMA table_info({table})"))
                }
            )
        each.dispose()

    assert keys[0] == keys[1]


def test_the_newest_migration_is_the_one_that_is_looked_for() -> None:
    """Who adds a migration and forgets HEAD would leave it out for ever."""
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == HEAD


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    """What is kept survives, and the folder is made where there is none."""
    file = tmp_path / "a" / "b" / "records.db"
    using(file, writing_all(told()))

    assert using(file, lambda store: store.case("desk:1")) is not None


def test_many_processes_may_open_new_records_at_once(tmp_path: Path) -> None:
    """Worker and API start together: one makes the tables, all get them."""
    file = tmp_path / "records.db"
    program = (
        "import sys; from cases.records.database import open_database; sys.stdin.read(1); "
        f"open_database('sqlite:///{file}').dispose(); print('open')"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for each in started:
        assert each.stdin is not None
        each.stdin.write("x")
        each.stdin.flush()
    said = [each.communicate(timeout=90) for each in started]

    assert [out for out, _ in said] == ["open\n"] * 3, said
    using(file, writing_all(told()))


def test_records_of_a_newer_caseway_are_left_alone(file: Path) -> None:
    """An old process says that it is old, and what to do."""
    with closing(sqlite3.connect(file)) as store, store:
        store.execute("UPDATE alembic_version SET version_num = '0417'")

    said = refusal(file)

    assert '"0417"' in said
    assert "Use the newer Caseway" in said


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    """The address of something else gets no tables of ours."""
    file = tmp_path / "tickets.db"
    with closing(sqlite3.connect(file)) as store, store:
        store.execute("CREATE TABLE ticket (id INTEGER)")

    assert "another program" in refusal(file)

    with closing(sqlite3.connect(file)) as store:
        assert store.execute("SELECT name FROM sqlite_master").fetchall() == [("ticket",)]


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """The sentence names the file and what is wrong with it."""
    file = tmp_path / "records.db"
    file.write_text("Dear diary, " * 200)

    said = refusal(file)

    assert str(file) in said
    assert "not a database" in said


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    """A file where a folder should be is said so."""
    (tmp_path / "data").write_text("")

    assert "Check that the folder exists" in refusal(tmp_path / "data" / "records.db")


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    """What cannot be opened is said when opening, and not at the first case."""
    (tmp_path / "records.db").mkdir()

    assert "unable to open" in refusal(tmp_path / "records.db")


def test_records_that_cannot_be_written_are_refused(file: Path) -> None:
    """A read-only file is found out at the start, and not at the first write of a case."""
    said = refusal(f"sqlite:///file:{file}?mode=ro&uri=true")

    assert "readonly" in said


@pytest.mark.parametrize("address", ["records.db", "nosuch://host/records", "sqlite:/x", ""])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    """With an example of one that is."""
    assert "sqlite:////var/lib/caseway/records.db" in refusal(address)


@pytest.mark.parametrize("address", ["sqlite://", "sqlite:///:memory:"])
def test_records_in_memory_are_refused(address: str) -> None:
    """Worker and API would each have their own, and lose them."""
    assert "in memory" in refusal(address)


def test_a_password_is_not_shown() -> None:
    """An address with a password appears in messages without it."""
    assert "secret" not in refusal("nosuch://caseway:secret@host/records")


def test_a_record_store_says_what_became_of_its_database(file: Path) -> None:
    """What breaks later is the same kind of error, with the place."""

    async def act() -> None:
        store = await RecordStore.open(f"sqlite:///{file}")
        with closing(sqlite3.connect(file)) as other, other:
            other.execute("DROP TABLE items")
        try:
            await store.worklist([])
        finally:
            store.close()

    with pytest.raises(RecordsUnavailable, match=f"{file.name}.*no such table: items"):
        asyncio.run(act())


def test_a_failed_write_leaves_nothing_behind(file: Path) -> None:
    """A transaction is all or nothing."""
    engine = open_database(f"sqlite:///{file}")

    def fail() -> None:
        with writing(engine) as connection:
            connection.execute(text("INSERT INTO tickets VALUES ('T-1', 'desk:1')"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM tickets")).scalar() == 0
    engine.dispose()
