"""The folder of files."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from integrations.errors import Conflict
from integrations.files.conformance import FileStoreConformance
from integrations.files.folder.store import FolderFiles


class TestFolder(FileStoreConformance):
    """The folder does what every store must."""

    @pytest.fixture(autouse=True)
    def _place(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    def store(self) -> FolderFiles:
        """A store in the test's folder."""
        return FolderFiles(self.folder)


def test_a_file_that_was_changed_is_not_handed_out(tmp_path: Path) -> None:
    """Its content no longer has the digest that it is asked for by."""
    store = FolderFiles(tmp_path)
    digest = asyncio.run(store.put(b"as it was"))
    [file] = [each for each in tmp_path.rglob("*") if each.is_file()]
    file.write_bytes(b"as somebody made it")

    with pytest.raises(Conflict):
        asyncio.run(store.get(digest))
