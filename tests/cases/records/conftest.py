"""Fresh records, copied from ones that were made once: tests of their content need no migration."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from cases.records.database import open_database


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Return a function that gives the file of new, empty records."""
    folder = tmp_path_factory.mktemp("records")
    template = folder / "template.db"
    # Closing the last connection folds the write-ahead log into the file.
    open_database(f"sqlite:///{template}").dispose()

    def make() -> Path:
        file = Path(tempfile.mkdtemp(dir=folder)) / "records.db"
        shutil.copyfile(template, file)
        return file

    return make


@pytest.fixture
def file(fresh: Callable[[], Path]) -> Path:
    """Return the file of new, empty records."""
    return fresh()
