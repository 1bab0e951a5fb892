"""The shipped definitions and the one of the first tutorial have no findings."""

from __future__ import annotations

from pathlib import Path

import pytest

from language.files import check_paths, compile_folder, definition_folders, read_organization

DEFINITIONS = Path(__file__).parents[2] / "definitions"


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


@pytest.mark.parametrize("page", ["tutorial", "work_items_page"])
def test_examples_of_the_documentation_have_no_findings(
    page: str, request: pytest.FixtureRequest
) -> None:
    """Who types what docs/first-process.md or docs/work-items.md shows gets no findings."""
    checked = check_paths([request.getfixturevalue(page)])

    assert checked.files > 1
    assert [f"{each.file}:{each.line}: {each.message}" for each in checked.findings] == []
