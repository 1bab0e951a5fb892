"""How the dev server is started, and which databases it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.problem import CannotRun
from cli.temporal.chain import Program
from cli.temporal.dev_server import DevServer
from cli.temporal.version import CliVersion


def dev_server(folder: Path, version: str = "1.8.2") -> DevServer:
    """Describe a dev server of a version on a folder."""
    program = Program(Path("/opt/temporal"), CliVersion(version, (1, 31, 2)), "test")
    return DevServer(program, folder, 7233, 8233, {"CasewayKey": "Keyword"})


def test_command_has_what_the_cases_need(tmp_path: Path) -> None:
    """A file database that survives kills, eager activities, search attributes, and only this machine."""
    command = " ".join(dev_server(tmp_path).command())

    assert "--ip 127.0.0.1 --port 7233 --ui-port 8233" in command
    assert f"--db-filename {tmp_path / 'temporal.db'}" in command
    assert "--sqlite-pragma journal_mode=wal --sqlite-pragma synchronous=1" in command
    assert "--dynamic-config-value system.enableActivityEagerExecution=true" in command
    assert "--search-attribute CasewayKey=Keyword" in command


def test_database_of_the_same_version_is_kept(tmp_path: Path) -> None:
    """Starting again with the same version goes on with the same cases."""
    dev_server(tmp_path).prepare()
    (tmp_path / "temporal.db").write_bytes(b"cases")

    dev_server(tmp_path).prepare()

    assert (tmp_path / "temporal.db").read_bytes() == b"cases"


def test_database_of_another_version_is_refused(tmp_path: Path) -> None:
    """The server does not convert it: the message says how to keep the cases, and nothing is touched."""
    dev_server(tmp_path, "1.7.0").prepare()
    (tmp_path / "temporal.db").write_bytes(b"cases")

    with pytest.raises(CannotRun, match=r"put version 1\.7\.0 first on PATH"):
        dev_server(tmp_path, "1.8.2").prepare()

    assert (tmp_path / "version").read_text() == "1.7.0\n"


def test_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    """A path below a file cannot be made; the message names the setting."""
    (tmp_path / "file").touch()

    with pytest.raises(CannotRun, match="CASEWAY_DATA"):
        dev_server(tmp_path / "file" / "temporal").prepare()
