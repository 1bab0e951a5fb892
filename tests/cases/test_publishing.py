"""Publishing a folder of definitions: all of it or nothing, and never twice."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from cases.bundles.folder import FolderBundles
from cases.errors import BundleConflict, DefinitionInvalid
from cases.publishing import Publication, Published
from tests.cases.stage import DEFINITIONS

NAMES = ["at-once", "by-turns", "leave", "needs-system", "only-one", "promise"]


@pytest.fixture
def definitions(tmp_path: Path) -> Path:
    """Definitions that a test may edit."""
    return Path(shutil.copytree(DEFINITIONS, tmp_path / "definitions"))


@pytest.fixture
def store(tmp_path: Path) -> FolderBundles:
    """A store with nothing in it."""
    return FolderBundles(tmp_path / "bundles")


def publish(store: FolderBundles, *paths: Path) -> list[Published]:
    """Publish what lies at some paths."""
    return asyncio.run(Publication(paths).store(store, store))


def edit(definitions: Path, name: str, old: str, new: str) -> None:
    """Change a definition's text."""
    file = definitions / name / "process.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_a_folder_is_published_with_its_organization(
    definitions: Path, store: FolderBundles
) -> None:
    """Every definition of the folder and the people they name; a second time nothing is new."""
    first = publish(store, definitions)

    assert [(each.name, each.version, each.new) for each in first] == [
        (name, "1.0.0", True) for name in NAMES
    ]
    assert [each.new for each in publish(store, definitions)] == [False] * len(NAMES)
    assert asyncio.run(store.names()) == NAMES
    assert set(asyncio.run(store.current())["people"]) == {"lin", "wu", "chen"}


@pytest.mark.parametrize("path", ["leave", "leave/process.yaml"])
def test_one_definition_is_published_alone(
    definitions: Path, store: FolderBundles, path: str
) -> None:
    """A definition's folder and its file mean the same; the organization comes along."""
    assert [each.name for each in publish(store, definitions / path)] == ["leave"]
    assert "groups" in asyncio.run(store.current())


def test_an_error_keeps_everything_back(definitions: Path, store: FolderBundles) -> None:
    """One broken definition of a folder: none is published, and its findings say why."""
    edit(definitions, "leave", "group: office", "group: offica")

    with pytest.raises(DefinitionInvalid, match='"leave" was not published') as raised:
        publish(store, definitions)

    assert any("offica" in each.message for each in raised.value.findings)
    assert asyncio.run(store.names()) == []
    assert asyncio.run(store.current()) == {}


def test_broken_organization_data_keep_everything_back(
    definitions: Path, store: FolderBundles
) -> None:
    """Definitions rest on the organization: where that has errors none of them is published."""
    (definitions / "organization" / "groups.yaml").write_text("groups: { office: 3 }\n")

    with pytest.raises(DefinitionInvalid):
        publish(store, definitions)

    assert asyncio.run(store.names()) == []


def test_a_taken_version_keeps_everything_back(definitions: Path, store: FolderBundles) -> None:
    """Other content under a published version is refused before anything else is stored."""
    publish(store, definitions / "leave")
    edit(definitions, "leave", "title: Leave", "title: Days off")
    (definitions / "organization" / "roles.yaml").write_text(
        "roles:\n  head: { title: { en: Head }, people: [wu] }\n"
    )

    with pytest.raises(BundleConflict, match=r"Raise document\.version"):
        publish(store, definitions)

    assert asyncio.run(store.names()) == ["leave"]
    assert asyncio.run(store.current())["roles"]["head"]["people"] == ["lin"]

    edit(definitions, "leave", "version: '1.0.0'", "version: '1.0.1'")
    assert all(each.new for each in publish(store, definitions))
    newest = asyncio.run(store.newest("leave"))
    assert newest is not None
    assert (newest.version, newest.plan.title) == ("1.0.1", "Days off")


def test_a_path_to_nothing_is_no_publication(tmp_path: Path) -> None:
    """A misspelled path is an error of the caller, not an empty success."""
    with pytest.raises(FileNotFoundError, match="nowhere"):
        Publication([tmp_path / "nowhere"])
