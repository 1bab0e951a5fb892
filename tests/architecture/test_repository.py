"""What must not stand in any file of the repository."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Put together from parts, or this file would hold what it forbids.
MACHINE_PATHS = re.compile(
    "|".join(
        f"/{part}/" for part in ("root", "work", "home/[a-z]+", "Users/[A-Za-z]+", "opt/wheels")
    )
)
REGISTRY_HOSTS = re.compile(
    "|".join(re.escape(".".join(parts)) for parts in (
        ("pypi", "org"), ("files", "pythonhosted", "org"), ("proxy", "golang", "org"), ("sum", "golang", "org"),
        ("registry", "npmjs", "org"), ("static", "crates", "io"), ("deb", "debian", "org"),
    ))
)  # fmt: skip


def committed_files() -> list[Path]:
    """Return the files that git keeps, or would keep."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for name in done.stdout.splitlines() if (path := ROOT / name).is_file()]


@pytest.mark.parametrize(
    ("what", "pattern"),
    [("a machine's path", MACHINE_PATHS), ("a registry's host", REGISTRY_HOSTS)],
)
def test_no_file_names(what: str, pattern: re.Pattern[str]) -> None:
    """The project builds on any machine, with any mirror: no file holds a path or a host of one."""
    wrong = []
    for path in committed_files():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        wrong += [
            f"{path.relative_to(ROOT)}:{number}: {what}: {line.strip()[:120]}"
            for number, line in enumerate(text.splitlines(), 1)
            if pattern.search(line)
        ]

    assert wrong == []
