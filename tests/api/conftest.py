"""What the tests of the HTTP door share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.doubles import Door


@pytest.fixture
def door(tmp_path: Path) -> Door:
    """Give an app over recording doubles."""
    return Door(tmp_path)
