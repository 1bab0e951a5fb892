"""What stops `caseway up` before anything is started."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from cli.problem import CannotRun
from cli.running.folder import owned
from cli.running.ports import Door, answers, require_free


def test_second_up_on_one_folder_is_refused(tmp_path: Path) -> None:
    """Two of them would write the same database."""
    with (
        owned(tmp_path / "data"),
        pytest.raises(CannotRun, match="another `caseway up`"),
        owned(tmp_path / "data"),
    ):
        pass


def test_folder_is_free_again_after_the_end(tmp_path: Path) -> None:
    """The next `up` goes on where the last one ended."""
    with owned(tmp_path / "data"):
        pass
    with owned(tmp_path / "data"):
        assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


def test_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    """The sentence names the setting that moves the folder."""
    (tmp_path / "file").touch()

    with pytest.raises(CannotRun, match="set CASEWAY_DATA"), owned(tmp_path / "file" / "data"):
        pass


def test_taken_port_names_its_setting() -> None:
    """A taken port is one sentence with what to do, before anything was started."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        door = Door("the API", "127.0.0.1", port, "CASEWAY_API_PORT")

        with pytest.raises(CannotRun, match=f"port {port} for the API .* set CASEWAY_API_PORT"):
            require_free([door])
        assert answers("127.0.0.1", port)

    require_free([door])
    assert not answers("127.0.0.1", port)
