"""What a definition names in other files and at addresses is pinned when it is published."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cases.bundles.folder import FolderBundles
from cases.errors import BundleConflict, DefinitionInvalid
from cases.publishing import Publication
from language.files import check_folder
from language.resources import Resource, ResourceMissing
from workflows.rehearsal.systems import Systems
from workflows.rehearsal.world import Published, World

ADDRESS = "https://example.org/double.yaml"
PROCESS = f"""
document: {{ dsl: '1.0.3', namespace: tests, name: counting, version: '1.0.0' }}
input: {{ schema: {{ resource: {{ endpoint: schemas/number.yaml }} }} }}
do:
  - double: {{ call: '{ADDRESS}', with: {{ n: '${{ .n }}' }} }}
  - add: {{ call: ../shared/add.yaml, with: {{ n: '${{ .n }}' }} }}
"""


class Network:
    """Addresses, and what they hold now."""

    def __init__(self, **documents: str) -> None:
        self.double = documents.get("double", "set: { n: '${ .n * 2 }' }")

    def fetch(self, address: str, login: Mapping[str, str]) -> Resource:
        """Give the document."""
        del login
        if address != ADDRESS or not self.double:
            raise ResourceMissing("it answers 404 Not Found")
        return Resource(address, self.double, hashlib.sha256(self.double.encode()).hexdigest())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A definition with a function beside its folder, one at an address, and a schema."""
    process = tmp_path / "definitions" / "counting"
    (process / "schemas").mkdir(parents=True)
    (process / "process.yaml").write_text(PROCESS)
    (process / "schemas" / "number.yaml").write_text("{ type: object, required: [n] }")
    (tmp_path / "definitions" / "shared").mkdir()
    (tmp_path / "definitions" / "shared" / "add.yaml").write_text("set: { n: '${ .n + 1 }' }")
    return process


@pytest.fixture
def store(tmp_path: Path) -> FolderBundles:
    """A store with nothing in it."""
    return FolderBundles(tmp_path / "bundles")


def publish(store: FolderBundles, folder: Path, network: Network) -> None:
    """Publish the definition."""
    asyncio.run(Publication([folder], network.fetch).store(store, store))


def test_everything_is_in_the_bundle(folder: Path, store: FolderBundles) -> None:
    """With the digest of each document; a case needs no address and no file any more."""
    publish(store, folder, Network())

    bundle = asyncio.run(store.newest("counting"))
    assert bundle is not None
    assert list(bundle.resources) == ["../shared/add.yaml", ADDRESS, "schemas/number.yaml"]
    for each in bundle.resources.values():
        assert each["digest"] == hashlib.sha256(each["text"].encode()).hexdigest()
    assert bundle.plan.functions[ADDRESS] == f"sha256:{bundle.resources[ADDRESS]['digest']}"
    world = World(
        start=datetime(2026, 3, 2, tzinfo=UTC),
        definitions={"counting": Published(bundle.plan, bundle.digest)},
        organization={},
        systems=Systems({}),
    )
    world.open("counting", "counting:1", {"n": 4})
    world.run()
    assert world.outcome("counting:1")["output"] == {"n": 9}


def test_a_document_that_changes_makes_another_version(folder: Path, store: FolderBundles) -> None:
    """What is published stays; the same version with another function is refused."""
    network = Network()
    publish(store, folder, network)
    publish(store, folder, network)
    network.double = "set: { n: '${ .n * 3 }' }"

    with pytest.raises(BundleConflict):
        publish(store, folder, network)

    (folder / "process.yaml").write_text(PROCESS.replace("'1.0.0'", "'1.1.0'"))
    publish(store, folder, network)
    versions = asyncio.run(store.versions("counting"))
    bundles = [asyncio.run(store.newest("counting", each)) for each in versions]
    assert versions == ["1.1.0", "1.0.0"]
    assert [each.resources[ADDRESS]["text"] for each in bundles if each] == [
        "set: { n: '${ .n * 3 }' }",
        "set: { n: '${ .n * 2 }' }",
    ]


def test_an_address_that_does_not_answer_keeps_it_from_being_published(
    folder: Path, store: FolderBundles
) -> None:
    """With the place of the call, and why."""
    publication = Publication([folder], Network(double="").fetch)

    with pytest.raises(DefinitionInvalid):
        asyncio.run(publication.store(store, store))

    assert [(each.code, each.line, each.message) for each in publication.findings] == [
        ("CW218", 5, f'the function "{ADDRESS}" cannot be read: it answers 404 Not Found')
    ]
    assert asyncio.run(store.names()) == []


def test_a_mistake_in_a_fetched_function_is_shown_with_its_line(folder: Path) -> None:
    """The text is quoted like that of a file."""
    publication = Publication([folder], Network(double="set: { n: 1 }\nthan: end\n").fetch)

    (finding,) = publication.findings
    assert (finding.code, finding.file, finding.line) == ("CW105", ADDRESS, 2)
    assert "than: end" in publication.texts[ADDRESS]


def test_validation_fetches_nothing(folder: Path) -> None:
    """It says what publishing will do, and quotes the files that it has read."""
    checked = check_folder(folder)

    assert [each.code for each in checked.findings] == ["CW219"]
    assert len(checked.texts) == 3


def test_no_file_outside_of_the_definitions_is_read(folder: Path, tmp_path: Path) -> None:
    """Whoever edits a definition must not read what else lies on the machine that publishes."""
    (tmp_path / "secret.yaml").write_text("set: { a: 1 }")
    (folder / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    for name in ("../../secret.yaml", "./link.yaml"):
        (folder / "process.yaml").write_text(PROCESS.replace("../shared/add.yaml", name))

        found = [each for each in check_folder(folder).findings if each.code == "CW218"]

        assert len(found) == 1
        assert "lies outside of the folder" in found[0].message
