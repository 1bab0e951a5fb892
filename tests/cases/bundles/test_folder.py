"""The folder store: published once, never changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cases.bundles.folder import FolderBundles
from cases.errors import BundleConflict, BundleDamaged
from language.bundle import Bundle
from language.plan import Literal, Plan, Set


def bundle(value: int, version: str = "1.0.0") -> Bundle:
    """Give a bundle of one task."""
    tasks = (Set(name="one", path="/do/0/one", value=Literal(value)),)
    plan = Plan("tests", "sample", version, tasks)
    return Bundle("sample", "tests", version, plan, f"source {value}")


def test_a_version_never_changes(tmp_path: Path) -> None:
    """The same bundle again is fine, another one under its version is refused."""
    store = FolderBundles(tmp_path)
    store.publish(bundle(1))
    store.publish(bundle(1))

    with pytest.raises(BundleConflict):
        store.publish(bundle(2))
    newest = store.newest("sample")
    assert newest is not None
    assert newest.digest == bundle(1).digest


def test_the_newest_by_precedence(tmp_path: Path) -> None:
    """1.10.0 is newer than 1.9.0; a range leaves out what lies beyond it."""
    store = FolderBundles(tmp_path)
    for version in ("1.9.0", "1.10.0", "2.0.0"):
        store.publish(bundle(1, version))

    assert [
        str(each.version)
        for each in (store.newest("sample"), store.newest("sample", "^1.0.0"))
        if each
    ] == ["2.0.0", "1.10.0"]
    assert store.newest("another") is None
    assert store.newest("../sample") is None


def test_development_versions(tmp_path: Path) -> None:
    """Unchanged content needs no new version; after a release the next patch is the base."""
    store = FolderBundles(tmp_path)

    said = [store.publish_development(bundle(value)) for value in (1, 1, 2)]
    store.publish(bundle(3))
    said.append(store.publish_development(bundle(4)))

    assert said == ["1.0.0-dev.1", None, "1.0.0-dev.2", "1.0.1-dev.1"]


def test_organization_documents(tmp_path: Path) -> None:
    """The last one is in force, earlier ones are found by digest."""
    store = FolderBundles(tmp_path)
    assert store.organization() is None

    first = store.put_organization({"people": {}})
    store.put_organization({"people": {"lin": {}}})

    assert store.organization() == {"people": {"lin": {}}}
    assert store.organization(first) == {"people": {}}


def test_a_damaged_file_is_not_used(tmp_path: Path) -> None:
    """Content that does not have its digest is refused instead of run."""
    store = FolderBundles(tmp_path)
    store.publish(bundle(1))
    place = next(tmp_path.glob("sample/*.json"))
    place.write_text(
        place.read_text(encoding="utf-8").replace("source 1", "source 2"), encoding="utf-8"
    )

    with pytest.raises(BundleDamaged):
        store.newest("sample")


def test_bundles_of_the_test_differ() -> None:
    """The tests above mean something: other content has another digest."""
    assert bundle(1).digest != bundle(2).digest
    assert bundle(1).digest != replace(bundle(1), source="other").digest
