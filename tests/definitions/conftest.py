"""Definitions for these tests: what ships, and what the first tutorial shows."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(
    r"`definitions/(?P<path>access-request/[^`]+)`[^\n]*\n+(?:[^`\n]+\n+)?"
    r"```(?:yaml|markdown)\n(?P<text>.*?)```\n",
    re.DOTALL,
)


@pytest.fixture(scope="session")
def tutorial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that docs/first-process.md leads to, beside the sample organization."""
    folder = tmp_path_factory.mktemp("definitions")
    text = (ROOT / "docs" / "first-process.md").read_text(encoding="utf-8")
    blocks = {match["path"]: match["text"] for match in _BLOCK.finditer(text)}
    # Every file that the text names is shown in full; otherwise the reader would miss one.
    assert set(blocks) == set(re.findall(r"`definitions/(access-request/[^`]+\.\w+)`", text))
    shutil.copytree(ROOT / "definitions" / "organization", folder / "organization")
    for path, content in blocks.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    return folder / "access-request"
