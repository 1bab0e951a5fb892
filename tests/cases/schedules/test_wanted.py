"""Which schedules there are to be: those of the newest versions, as far as they can be."""

from __future__ import annotations

import asyncio
from pathlib import Path

from cases.bundles.folder import FolderBundles
from cases.schedules.wanted import concerned, names_ever, wanted
from language.bundle import Bundle
from language.files import compile_folder
from tests.cases.schedules.stage import Document, definition


def _published(folder: Path, *documents: Document) -> FolderBundles:
    import yaml

    store = FolderBundles(folder / "bundles")
    for document in documents:
        place = folder / document["document"]["name"]
        place.mkdir(exist_ok=True)
        (place / "process.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
        bundle = compile_folder(place, None, [place.name]).bundle
        assert isinstance(bundle, Bundle)
        store.publish(bundle)
    return store


def test_the_newest_version_counts(tmp_path: Path):
    """An older version's schedule is known by name only, so that it can be removed."""
    store = _published(
        tmp_path,
        definition("report", schedule={"every": {"hours": 1}}),
        definition("report", "1.1.0", schedules={"daily": {"every": {"days": 1}}}),
        definition("plain"),
    )

    found, unusable = asyncio.run(wanted(store, {}))

    assert [each.declared.name for each in found] == ["daily"]
    assert unusable == []
    assert set(asyncio.run(names_ever(store))) == {("report", "daily"), ("report", "every")}


def test_a_calendar_that_is_not_there_keeps_a_definition_as_it_is(tmp_path: Path):
    """Organization data may have lost a calendar; the sentence names it, and the others go on."""
    store = _published(
        tmp_path,
        definition("report", schedules={"daily": {"rule": "every-day", "calendar": "office"}}),
        definition("sweep", schedule={"every": {"hours": 1}}),
    )

    found, (problem,) = asyncio.run(wanted(store, {"calendars": {"offices": {}}}))

    assert [each.declared.definition for each in found] == ["sweep"]
    assert (problem.definition, problem.name) == ("report", "")
    assert 'no calendar "office"' in problem.why


def test_publishing_asks_for_a_pass_only_where_there_is_something_to_do(tmp_path: Path):
    """A definition that has, or just lost, a schedule; not one that never had any."""
    store = _published(
        tmp_path,
        definition("plain"),
        definition("lost", schedule={"every": {"hours": 1}}),
        definition("lost", "1.1.0"),
        definition("has", schedule={"after": {"hours": 1}}),
    )

    assert not asyncio.run(concerned(store, ["plain"]))
    assert asyncio.run(concerned(store, ["plain", "lost"]))
    assert asyncio.run(concerned(store, ["has"]))
