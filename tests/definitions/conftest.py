"""Definitions for these tests: what ships, and what the first tutorial shows."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def tutorial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that docs/first-process.md leads to, beside the sample organization."""
    return shown_in("first-process.md", "access-request", tmp_path_factory.mktemp("definitions"))


@pytest.fixture(scope="session")
def work_items_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example of docs/work-items.md, beside the sample organization."""
    return shown_in("work-items.md", "laptop-repair", tmp_path_factory.mktemp("definitions"))


def shown_in(page: str, name: str, folder: Path) -> Path:
    """Write the files of a definition as a page shows them."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    block = re.compile(
        rf"`definitions/(?P<path>{name}/[^`]+)`[^\n]*\n+(?:[^`\n]+\n+)?"
        r"```(?:yaml|markdown)\n(?P<text>.*?)```\n",
        re.DOTALL,
    )
    blocks = {match["path"]: match["text"] for match in block.finditer(text)}
    # Every file that the text names is shown in full; otherwise the reader would miss one.
    assert set(blocks) == set(re.findall(rf"`definitions/({name}/[^`]+\.\w+)`", text))
    shutil.copytree(ROOT / "definitions" / "organization", folder / "organization")
    for path, content in blocks.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    return folder / name
