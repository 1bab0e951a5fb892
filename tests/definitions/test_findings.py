"""The shipped definitions and the one of the first tutorial have no findings."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from language.files import check_paths, compile_folder, definition_folders, read_organization

ROOT = Path(__file__).parents[2]
DEFINITIONS = ROOT / "definitions"
_BLOCK = re.compile(
    r"`definitions/(?P<path>access-request/[^`]+)`[^\n]*\n+(?:[^`\n]+\n+)?"
    r"```(?:yaml|markdown)\n(?P<text>.*?)```\n",
    re.DOTALL,
)


def test_what_ships_has_no_findings() -> None:
    """Definitions, organization data and rehearsals pass what `caseway validate` checks."""
    checked = check_paths([DEFINITIONS])

    assert [f"{each.file}:{each.line}: {each.message}" for each in checked.findings] == []


@pytest.mark.parametrize("folder", definition_folders(DEFINITIONS), ids=lambda each: each.name)
def test_every_definition_can_be_published(folder: Path) -> None:
    """There is a plan and a bundle of everything that ships."""
    organization, _ = read_organization(DEFINITIONS / "organization")
    known = [each.name for each in definition_folders(DEFINITIONS)]

    compiled = compile_folder(folder, organization, known)

    assert compiled.bundle is not None
    assert compiled.bundle.name == folder.name


def test_first_process_of_the_documentation_has_no_findings(tmp_path: Path) -> None:
    """Who types what docs/first-process.md shows gets a definition without findings."""
    text = (ROOT / "docs" / "first-process.md").read_text(encoding="utf-8")
    blocks = {match["path"]: match["text"] for match in _BLOCK.finditer(text)}
    shutil.copytree(DEFINITIONS / "organization", tmp_path / "organization")
    for path, content in blocks.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")

    checked = check_paths([tmp_path / "access-request"])

    assert set(blocks) == set(re.findall(r"`definitions/(access-request/[^`]+\.\w+)`", text))
    assert [f"{each.file}:{each.line}: {each.message}" for each in checked.findings] == []
