"""What `caseway up` publishes while somebody edits definitions."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from cli.running.publishing import Publisher
from language.bundle import Bundle


class KeptBundles:
    """A store that remembers content by name, as the real one tells versions apart."""

    def __init__(self) -> None:
        self.content: dict[str, str] = {}
        self.organizations: list[dict[str, Any]] = []

    def publish_development(self, bundle: Bundle) -> str | None:
        """Count a version for content that is new."""
        if self.content.get(bundle.name) == bundle.content_digest:
            return None
        self.content[bundle.name] = bundle.content_digest
        return f"{bundle.version}-dev.1"

    def put_organization(self, document: dict[str, Any]) -> None:
        """Remember every document."""
        self.organizations.append(document)


@pytest.fixture
def definitions(tmp_path: Path, repository: Path) -> Path:
    """Copy the shipped definitions, so that they can be broken."""
    return Path(shutil.copytree(repository / "definitions", tmp_path / "definitions"))


def test_clean_definitions_are_published_once(definitions: Path) -> None:
    """At the start everything is published and said; an unchanged folder gives no new version."""
    said: list[str] = []
    store = KeptBundles()
    publisher = Publisher(definitions, store, said.append)

    publisher.publish()
    first = list(said)
    publisher.publish(frozenset())

    assert "Published service-desk-case@1.0.0-dev.1." in first
    assert said == first
    assert "people" in store.organizations[0]


def test_broken_definition_keeps_its_last_good_version(definitions: Path) -> None:
    """The findings are printed with their place, nothing of it is stored, and the others go on."""
    said: list[str] = []
    store = KeptBundles()
    publisher = Publisher(definitions, store, said.append)
    publisher.publish()
    good = dict(store.content)
    file = definitions / "service-desk-case" / "process.yaml"
    file.write_text(file.read_text().replace("call: work-item", "call: work-itm", 1))
    said.clear()

    publisher.publish({file})

    assert store.content == good
    assert any(f"{file}:" in text and "CW201" in text for text in said)
    assert said[-1] == "service-desk-case was not published; its last good version stays."
