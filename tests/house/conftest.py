"""A running installation for the tests that only use one; those that break it make their own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.temporal.chain import Program
from tests.house.installation import Installation


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the shipped definitions that a test may edit."""
    folder = tmp_path_factory.mktemp("shipped") / "definitions"
    shutil.copytree(Path(__file__).resolve().parents[2] / "definitions", folder)
    return folder


@pytest.fixture(scope="session")
def house(
    temporal_program: Program, shipped: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """An installation that is up for as long as tests run."""
    del temporal_program  # only whether there is one: `up` finds it by itself
    installation = Installation(tmp_path_factory.mktemp("house") / "data", shipped)
    installation.start()
    yield installation
    assert installation.stop() == 0
