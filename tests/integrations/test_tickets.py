"""The embedded ticket store."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from integrations.errors import Unavailable
from integrations.tickets.conformance import NEW, TicketConformance
from integrations.tickets.interface import TicketQuery
from integrations.tickets.sqlite.store import SqliteTickets


class TestSqlite(TicketConformance):
    """The store does what every ticket system must."""

    @pytest.fixture(autouse=True)
    def _place(self, tmp_path: Path) -> None:
        self.file = tmp_path / "tickets.db"

    def system(self) -> SqliteTickets:
        """The store in the test's folder."""
        return SqliteTickets(self.file)


def test_two_processes_with_one_key_open_one_ticket(tmp_path: Path, repository: Path) -> None:
    """A worker that was thought dead and its successor find each other's ticket."""
    program = (
        "import asyncio, sys; from pathlib import Path\n"
        "from integrations.tickets.conformance import NEW\n"
        "from integrations.tickets.sqlite.store import SqliteTickets\n"
        "async def main():\n"
        "    store = SqliteTickets(Path(sys.argv[1]))\n"
        "    for n in range(30): await store.create(f'key-{n}', NEW)\n"
        "asyncio.run(main())\n"
    )
    file = tmp_path / "tickets.db"
    processes = [
        subprocess.Popen([sys.executable, "-c", program, str(file)], cwd=repository)
        for _ in range(2)
    ]

    assert [process.wait(60) for process in processes] == [0, 0]
    found = asyncio.run(SqliteTickets(file).find(TicketQuery(requester=NEW.requester), 100))
    assert len(found.tickets) == 30


def test_a_place_that_cannot_hold_the_store(tmp_path: Path) -> None:
    """It counts as a system that does not answer: worth another try after somebody has mended it."""
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(Unavailable):
        asyncio.run(SqliteTickets(tmp_path / "file" / "tickets.db").create("key", NEW))
