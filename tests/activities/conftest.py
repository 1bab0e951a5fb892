"""A stage for each test; the records are copied from ones that were made once."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cases.bundles.folder import FolderBundles
from cases.links import Links
from cases.records.database import open_database
from cases.records.store import RecordStore
from integrations.files.folder.store import FolderFiles
from integrations.tickets.sqlite.store import SqliteTickets
from tests.activities.stage import BUNDLE, MONDAY, ORGANIZATION, Door, MailServer, Stage


@pytest.fixture(scope="session")
def _empty_records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("records") / "template.db"
    open_database(f"sqlite:///{file}").dispose()
    return file


@pytest.fixture
def stage(tmp_path: Path, _empty_records: Path) -> Iterator[Stage]:
    """Return activities and what they reach."""
    shutil.copyfile(_empty_records, tmp_path / "records.db")
    bundles = FolderBundles(tmp_path / "bundles")
    bundles.publish(BUNDLE)
    bundles.put_organization(ORGANIZATION)
    records = asyncio.run(RecordStore.open(f"sqlite:///{tmp_path / 'records.db'}"))
    yield Stage(
        folder=tmp_path,
        mail=MailServer(),
        bundles=bundles,
        records=records,
        tickets=SqliteTickets(tmp_path / "tickets.db"),
        files=FolderFiles(tmp_path / "files"),
        links=Links({"k1": b"x" * 32}, "http://desk.example", now=lambda: MONDAY),
        door=Door(),
        digest=BUNDLE.digest,
    )
    records.close()
