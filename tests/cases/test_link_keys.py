"""The file of link keys: made once, for its owner only, and shared by all processes."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cases.errors import CaseError
from cases.link_keys import KeyFile, LinkKeysDamaged
from cases.links import Links


def test_the_file_is_made_for_its_owner_only(tmp_path: Path) -> None:
    """One key of 256 bits, in a file that nobody else can read, and nothing beside it."""
    path = tmp_path / "keys" / "links.key"

    (key,) = KeyFile(path).values()

    assert len(key) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


def test_the_keys_stay(tmp_path: Path) -> None:
    """A link made before a restart opens after it."""
    first = KeyFile(tmp_path / "links.key")

    assert dict(KeyFile(tmp_path / "links.key")) == dict(first)


def test_of_many_who_make_the_file_at_once_one_wins(tmp_path: Path) -> None:
    """Worker and API start together and sign with the same key."""
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: dict(KeyFile(tmp_path / "links.key")), range(16)))

    assert all(each == found[0] for each in found)
    assert [each.name for each in tmp_path.iterdir()] == ["links.key"]


def test_a_new_key_counts_at_once_everywhere(tmp_path: Path) -> None:
    """A process that was there before signs with it and opens what others sign with it."""
    path = tmp_path / "links.key"
    worker, api = KeyFile(path), KeyFile(path)
    old = Links(worker, "http://desk").answer("c", "i", "p").rpartition("/")[2]

    name = worker.add()

    new = Links(worker, "http://desk").answer("c", "i", "p").rpartition("/")[2]
    assert new.startswith(f"{name}.")
    assert next(iter(api)) == name
    assert len(api) == 2
    for token in (old, new):
        assert Links(api, "http://desk").case_of(token) == "c"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_removed_file_ends_no_running_process(tmp_path: Path) -> None:
    """What was read goes on counting until the process ends."""
    path = tmp_path / "links.key"
    keys = KeyFile(path)
    known = dict(keys)
    path.unlink()

    assert dict(keys) == known


@pytest.mark.parametrize(
    "content",
    [
        "",
        "secret",
        "[]",
        '{"keys": []}',
        '{"keys": {}}',
        '{"keys": [{"id": "a"}]}',
        '{"keys": [{"id": "a", "key": "zz"}]}',
        '{"keys": [{"id": "a", "key": "00ff"}]}',
        json.dumps({"keys": [{"id": "a.b", "key": "00" * 32}]}),
        "\x00",
    ],
)
def test_a_damaged_file_is_never_replaced(tmp_path: Path, content: str) -> None:
    """A new key would silently void all links: a person has to decide that."""
    path = tmp_path / "links.key"
    path.write_text(content)

    with pytest.raises(LinkKeysDamaged, match="Restore it, or remove it") as refused:
        KeyFile(path)

    assert isinstance(refused.value, CaseError)
    assert str(path) in str(refused.value)
    assert path.read_text() == content
