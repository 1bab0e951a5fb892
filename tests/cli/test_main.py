"""The command group: what it lists, what it loads, how it ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest

from cli.main import COMMANDS, group, run

SLOW = ("temporalio", "fastapi", "sqlalchemy", "rich", "httpx", "pydantic")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_listed_command_exists(name: str) -> None:
    """The help promises nothing that cannot be called, and each command says what it does."""
    command = group.get_command(click.Context(group), name)

    assert isinstance(command, click.Command)
    assert command.help


def test_no_command_is_forgotten(repository: Path) -> None:
    """A module of cli that exposes a command is listed in the help."""
    texts = {path.stem: path.read_text() for path in (repository / "cli").glob("*.py")}
    exposed = {
        name for name, text in texts.items() if "\ndef command(" in text or "\ncommand = " in text
    }

    assert exposed == set(COMMANDS)


def test_help_shows_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """`caseway --help` is the map: all commands with one line each."""
    assert run(["--help"]) == 0

    shown = capsys.readouterr().out
    assert all(f"  {name} " in shown for name in COMMANDS)


def test_unknown_command_suggests_one(capsys: pytest.CaptureFixture[str]) -> None:
    """A typing mistake ends with 2 and the command that was probably meant."""
    assert run(["validte"]) == 2

    assert 'Did you mean "validate"?' in capsys.readouterr().err


def test_exit_without_demo_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    """`up --exit` alone would start everything only to stop it."""
    assert run(["up", "--exit"]) == 2

    assert "--demo --exit" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--help"], ["validate", "--help"], ["eval", "--help"]])
def test_light_commands_load_nothing_heavy(arguments: list[str]) -> None:
    """Checking a definition starts fast because it loads neither Temporal nor a web framework nor a database."""
    code = (
        "import sys\n"
        "from cli.main import run\n"
        f"status = run({arguments!r})\n"
        f"print([name for name in {SLOW!r} if name in sys.modules], file=sys.stderr)\n"
        "sys.exit(status)\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr.strip()) == (0, "[]")


def test_caseway_is_installed() -> None:
    """The console script's module can be found from any folder."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "cli.main", "--version"],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )

    assert done.returncode == 0
    assert done.stdout.startswith("caseway, version ")
