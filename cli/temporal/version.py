"""Versions of the Temporal CLI: the one that Caseway is built for, and the one that a program says it is."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

MODULE_FOLDER = Path(__file__).resolve().parents[2] / "tools" / "temporal"
"""The Go module that pins the server and builds it."""

OLDEST_SERVER = (1, 31, 0)
"""Update-with-start, priorities and the search attributes in use work from here on."""


@dataclass(frozen=True, slots=True)
class CliVersion:
    """What `temporal --version` says: its own version and that of the server inside."""

    cli: str
    server: tuple[int, int, int]

    def __str__(self) -> str:
        """Return it as people read it."""
        return f"{self.cli} (server {'.'.join(map(str, self.server))})"


def parse_version(text: str) -> CliVersion | None:
    """Read the output of `temporal --version`; None when it is something else.

    >>> str(parse_version("temporal version 1.8.2 (Server 1.31.2, UI 2.50.1)"))
    '1.8.2 (server 1.31.2)'
    """
    found = re.search(r"temporal version (\S+) \(Server v?(\d+)\.(\d+)\.(\d+)", text)
    if found is None:
        return None
    return CliVersion(found[1], (int(found[2]), int(found[3]), int(found[4])))


def ask_version(program: Path) -> CliVersion | None:
    """Run `temporal --version`; None when the program does not start or is something else."""
    try:
        done = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return parse_version(done.stdout)


def pinned_version(module_folder: Path = MODULE_FOLDER) -> str:
    """Read the CLI version that go.mod pins, without the leading v."""
    return _read(module_folder, r"^\s*(?:require\s+)?github\.com/temporalio/cli v(\S+)")


def needed_go(module_folder: Path = MODULE_FOLDER) -> tuple[int, ...]:
    """Read the oldest Go that can build the module."""
    return tuple(int(part) for part in _read(module_folder, r"^go (\d+(?:\.\d+)*)").split("."))


def _read(module_folder: Path, pattern: str) -> str:
    found = re.search(pattern, (module_folder / "go.mod").read_text(), re.MULTILINE)
    if found is None:
        raise ValueError(f"{module_folder / 'go.mod'} has no line like {pattern}")
    return found[1]
