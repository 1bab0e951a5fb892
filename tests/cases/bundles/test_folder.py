"""The folder store: published once, never changed, by several processes at once."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from cases.bundles.folder import FolderBundles
from cases.errors import BundleConflict, BundleDamaged
from language.bundle import Bundle
from language.plan import CaseRules, Literal, Plan, Set, Status
from service.digests import digest_of


def bundle(value: int, version: str = "1.0.0") -> Bundle:
    """Give a bundle of one task."""
    tasks = (Set(name="one", path="/do/0/one", value=Literal(value)),)
    plan = Plan("tests", "sample", version, tasks)
    return Bundle("sample", "tests", version, plan, f"source {value}")


def newest(store: FolderBundles, name: str = "sample", version: str | None = None) -> Bundle | None:
    """Ask as a server does."""
    return asyncio.run(store.newest(name, version))


def test_a_version_never_changes(tmp_path: Path) -> None:
    """The same bundle again is fine, another one under its version is refused."""
    store = FolderBundles(tmp_path)
    assert store.publish(bundle(1)) is True
    assert store.publish(bundle(1)) is False

    with pytest.raises(BundleConflict, match=r"Raise document\.version"):
        store.publish(bundle(2))
    found = newest(FolderBundles(tmp_path))
    assert found is not None
    assert found == bundle(1)
    assert found.digest == bundle(1).digest


def test_of_many_who_publish_at_once_one_wins(tmp_path: Path) -> None:
    """Twelve contents race for one version: exactly one is there, and all others are told."""

    def publish(value: int) -> int | None:
        try:
            return value if FolderBundles(tmp_path).publish(bundle(value)) else None
        except BundleConflict:
            return None

    with ThreadPoolExecutor(12) as pool:
        won = [each for each in pool.map(publish, range(12)) if each is not None]

    assert len(won) == 1
    found = newest(FolderBundles(tmp_path))
    assert found is not None
    assert found.source == f"source {won[0]}"


def test_processes_publish_development_versions_at_once(tmp_path: Path, repository: Path) -> None:
    """Every content gets a number of its own, also where two processes want the same one."""
    program = (
        "import sys; from pathlib import Path; from cases.bundles.folder import FolderBundles\n"
        "from tests.cases.bundles.test_folder import bundle\n"
        "for value in map(int, sys.argv[2:]):\n"
        "    print(FolderBundles(Path(sys.argv[1])).publish_development(bundle(value)))"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path), *values],
            cwd=repository,
            stdout=subprocess.PIPE,
            text=True,
        )
        for values in (["1", "2", "3", "4"], ["5", "6", "7", "8"])
    ]
    said = [line for each in processes for line in each.communicate()[0].split()]

    assert sorted(said) == [f"1.0.0-dev.{number}" for number in range(1, 9)]
    assert len(asyncio.run(FolderBundles(tmp_path).versions("sample"))) == 8


def test_the_newest_by_precedence(tmp_path: Path) -> None:
    """1.10.0 is newer than 1.9.0; a range leaves out what lies beyond it."""
    store = FolderBundles(tmp_path)
    for version in ("1.9.0", "1.10.0", "2.0.0"):
        store.publish(bundle(1, version))

    found = [newest(store), newest(store, version="^1.0.0"), newest(store, version="1.9.0")]
    assert [each.version for each in found if each] == ["2.0.0", "1.10.0", "1.9.0"]
    assert newest(store, version="3") is None
    assert newest(store, version="whatever you have") is None
    assert asyncio.run(store.names()) == ["sample"]


@pytest.mark.parametrize("name", ["another", "../definitions/sample", "..", "", "sam/ple", "a\0b"])
def test_a_name_from_outside_finds_nothing_else(tmp_path: Path, name: str) -> None:
    """Any text can be the type of a workflow; none of them leads out of the folder."""
    store = FolderBundles(tmp_path)
    store.publish(bundle(1))
    assert newest(store, name) is None


def test_development_versions(tmp_path: Path) -> None:
    """Unchanged content needs no new version; after a release the next patch is the base."""
    store = FolderBundles(tmp_path)

    said = [store.publish_development(bundle(value)) for value in (1, 1, 2)]
    store.publish(bundle(3))
    said.append(store.publish_development(bundle(3)))
    said.append(store.publish_development(bundle(4)))

    assert said == ["1.0.0-dev.1", None, "1.0.0-dev.2", None, "1.0.1-dev.1"]
    found = newest(store)
    assert found is not None
    assert (found.version, found.plan.version) == ("1.0.1-dev.1", "1.0.1-dev.1")


def test_a_bundle_is_found_by_its_digest(tmp_path: Path) -> None:
    """A running case finds its messages by digest, whatever was published since."""
    store = FolderBundles(tmp_path)
    store.publish(bundle(1))
    store.publish(bundle(2, "2.0.0"))

    assert asyncio.run(store.by_digest(bundle(1).digest)) == bundle(1)
    assert asyncio.run(store.by_digest("0" * 64)) is None
    assert asyncio.run(store.by_digest("../organization/current")) is None


@pytest.mark.parametrize("damage", ["changed", "cut off"])
def test_a_damaged_file_is_not_used(tmp_path: Path, damage: str) -> None:
    """Content that does not have its digest is refused instead of run."""
    FolderBundles(tmp_path).publish(bundle(1))
    place = next((tmp_path / "content").glob("*.json"))
    text = place.read_text(encoding="utf-8")
    changed = text.replace("source 1", "source 2") if damage == "changed" else text[:40]
    place.write_text(changed, encoding="utf-8")

    with pytest.raises(BundleDamaged, match="damaged"):
        newest(FolderBundles(tmp_path))


def test_the_last_organization_document_is_in_force(tmp_path: Path) -> None:
    """Also for a store that has read an earlier one."""
    store = FolderBundles(tmp_path)
    assert asyncio.run(store.current()) == {}

    store.put_organization({"people": {}})
    assert asyncio.run(store.current()) == {"people": {}}
    FolderBundles(tmp_path).put_organization({"people": {"lin": {}}})
    assert asyncio.run(store.current()) == {"people": {"lin": {}}}


def test_a_calendar_outlives_its_document(tmp_path: Path) -> None:
    """A running clock keeps its calendar, found by the digest that its readings carry."""
    store = FolderBundles(tmp_path)
    calendar = {"timezone": "Asia/Taipei", "week": {"mon-fri": ["09:00-18:00"]}}
    store.put_organization({"calendars": {"office": calendar}})
    store.put_organization({"calendars": {}})

    assert asyncio.run(store.calendar(digest_of(calendar))) == calendar
    assert asyncio.run(store.calendar("../documents/x")) is None


def test_what_is_stored_keeps_its_order(tmp_path: Path) -> None:
    """A case begins in the first status, and people are asked in the order of the document."""
    statuses = {"received": Status("open"), "closed": Status("closed")}
    ordered = replace(bundle(1).plan, rules=CaseRules(statuses=statuses))
    store = FolderBundles(tmp_path)
    store.publish(replace(bundle(1), plan=ordered))
    store.put_organization({"people": {"lin": {}, "chen": {}}})

    again = FolderBundles(tmp_path)
    found = newest(again)

    assert found is not None
    assert list(found.plan.rules.statuses) == ["received", "closed"]
    assert list(asyncio.run(again.current())["people"]) == ["lin", "chen"]
