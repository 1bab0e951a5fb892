"""Secrets of this machine: the conformance suite, variables, files and folders."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from integrations.errors import NotAuthorized
from integrations.secrets.conformance import SecretsConformance
from integrations.secrets.interface import Secrets
from integrations.secrets.local.source import LocalSecrets, variable


def written(value: Any) -> str:
    """Spell a value as people put it into a variable or a file."""
    return value if isinstance(value, str) else json.dumps(value)


class TestVariables(SecretsConformance):
    """Secrets in the environment."""

    def holding(self, values: Mapping[str, Any]) -> Secrets:
        """Set a variable for each."""
        return LocalSecrets(
            {variable(name): written(value) for name, value in values.items()}, None
        )


class TestFiles(SecretsConformance):
    """Secrets in a folder."""

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "secrets"
        self.folder.mkdir()

    def holding(self, values: Mapping[str, Any]) -> Secrets:
        """Write a file for each."""
        for name, value in values.items():
            (self.folder / name).write_text(written(value) + "\n")
        return LocalSecrets({}, self.folder)


def read(source: LocalSecrets, name: str) -> Any:
    """Read one secret."""
    return asyncio.run(source.read(name))


def test_names_become_variables() -> None:
    """Whatever a shell cannot have in a name is an underscore."""
    assert variable("my-oauth2.secret") == "CASEWAY_SECRET_MY_OAUTH2_SECRET"


def test_a_variable_goes_before_a_file(tmp_path: Path) -> None:
    """What is given to this process only wins."""
    (tmp_path / "key").write_text("from the file")
    assert read(LocalSecrets({"CASEWAY_SECRET_KEY": "from here"}, tmp_path), "key") == "from here"


def test_a_folder_is_an_object_of_its_files(tmp_path: Path) -> None:
    """As Kubernetes mounts a secret with several fields; hidden entries are its own."""
    (tmp_path / "login").mkdir()
    (tmp_path / "login" / "username").write_text("u\n")
    (tmp_path / "login" / "password").write_text("p")
    (tmp_path / "login" / "..data").mkdir()
    assert read(LocalSecrets({}, tmp_path), "login") == {"username": "u", "password": "p"}


def test_a_text_stays_as_it_is() -> None:
    """A password may look like JSON, and keeps its spaces."""
    for text in ("{not json", " a b ", "[", "12", "true"):
        assert read(LocalSecrets({"CASEWAY_SECRET_KEY": text}, None), "key") == text


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    """A secret can be changed while cases run."""
    source = LocalSecrets({}, tmp_path)
    for text in ("old", "new"):
        (tmp_path / "key").write_text(text)
        assert read(source, "key") == text


def test_what_cannot_be_read_is_said_without_its_value(tmp_path: Path) -> None:
    """Bytes that are no text, and a file that is too large for a secret."""
    (tmp_path / "key").write_bytes(b"\xff\xfe")
    (tmp_path / "large").write_text("s3cret" * 50_000)
    for name in ("key", "large"):
        with pytest.raises(NotAuthorized, match=name) as error:
            read(LocalSecrets({}, tmp_path), name)
        assert "s3cret" not in str(error.value)
