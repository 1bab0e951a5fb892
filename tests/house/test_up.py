"""What `caseway up` says when it cannot run, and how it lives with broken definitions."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

import pytest

from cli.temporal.chain import Program
from tests.house.installation import Installation, until

pytestmark = pytest.mark.server


@pytest.mark.parametrize("door", ["API", "SMTP", "TEMPORAL", "TEMPORAL_UI"])
def test_a_taken_port_is_named_with_its_setting(
    temporal_program: Program, shipped: Path, tmp_path: Path, door: str
) -> None:
    """One sentence that says which port, and which setting moves it; exit 2."""
    installation = Installation(tmp_path / "data", shipped)
    with socket.socket() as other:
        other.bind(("127.0.0.1", installation.ports[door]))
        other.listen()
        status = installation.begin().wait(60)

    assert status == 2
    assert f"set CASEWAY_{door}_PORT to another port" in installation.output()
    assert "Traceback" not in installation.output()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(shipped: Path, tmp_path: Path) -> None:
    """It names the folder and the setting; exit 2."""
    place = tmp_path / "locked"
    place.mkdir(mode=0o500)
    installation = Installation(place / "data", shipped)

    assert installation.begin().wait(60) == 2
    assert "set CASEWAY_DATA" in installation.output()


def test_a_file_in_place_of_the_data_folder(shipped: Path, tmp_path: Path) -> None:
    """The same sentence where the path cannot be a folder at all."""
    (tmp_path / "data").write_text("a file")
    installation = Installation(tmp_path / "data", shipped)

    assert installation.begin().wait(60) == 2
    assert "set CASEWAY_DATA" in installation.output()
    assert "Traceback" not in installation.output()


def test_a_configured_server_that_does_not_answer(shipped: Path, tmp_path: Path) -> None:
    """It names the address; exit 2."""
    installation = Installation(tmp_path / "data", shipped)
    installation.environment["TEMPORAL_ADDRESS"] = "127.0.0.1:1"

    assert installation.begin().wait(60) == 2
    assert "127.0.0.1:1" in installation.output()
    assert "Traceback" not in installation.output()


def test_a_broken_definition_keeps_its_last_good_version(
    temporal_program: Program, tmp_path: Path, repository: Path
) -> None:
    """The findings are printed, cases start with the version before, and the mended file is published."""
    definitions = tmp_path / "definitions"
    shutil.copytree(repository / "definitions", definitions)
    process = definitions / "alert-to-incident" / "process.yaml"
    good = process.read_text()
    installation = Installation(tmp_path / "data", definitions)
    installation.start()
    try:
        process.write_text(good.replace("call: decide", "call: decied", 1))
        until("the finding", lambda: "decied" in installation.output())
        status, answer = installation.request(
            "POST",
            "/cases",
            {
                "definition": "alert-to-incident",
                "input": {
                    "alert": {
                        "fingerprint": "f",
                        "name": "Down",
                        "startsAt": "2026-03-02T09:00:00Z",
                    }
                },
            },
        )
        assert status in (201, 202), answer
        case = answer["case"]
        view = until("the case", lambda: installation.case(case))
        before = view["version"]
        process.write_text(good + "\n# mended\n")
        until("the new version", lambda: installation.output().count("alert-to-incident") > 2)
        assert before.endswith("-dev.1")
    finally:
        assert installation.stop() == 0
