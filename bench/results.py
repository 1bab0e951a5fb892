"""Takes all figures and keeps them, with the machine and the commit: `docs/measurements.md`.

.venv/bin/python -m bench.results
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "docs" / "measurements.md"
PARTS = (
    ("Validation", "bench.validation"),
    ("Rehearsals", "bench.rehearsals"),
    ("Expressions beside libjq", "bench.expressions"),
    ("The interpreter alone", "bench.interpreter"),
    ("A chain of five calls on Temporal", "bench.chain"),
    ("A thousand open cases", "bench.open_cases"),
)


def taken(module: str) -> str:
    """The figures of one part as text; progress goes to the terminal."""
    command = [sys.executable, "-m", module]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.strip()


def machine() -> str:
    """What the figures were taken on."""
    processor = platform.processor() or platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                processor = line.partition(":")[2].strip()
                break
    except OSError:
        pass  # not Linux: the architecture has to do
    python = f"Python {platform.python_version()} ({platform.python_compiler()})"
    return f"{os.cpu_count()} cores of {processor}, {platform.system()}, {python}"


def commit() -> str:
    """The commit, and whether anything has changed since."""

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", ":!docs/measurements.md")
    return (git("rev-parse", "--short=10", "HEAD") or "unknown") + (
        " and changes" if changed else ""
    )


def page(parts: dict[str, str]) -> str:
    """The results file."""
    lines = [
        "# Measurements",
        "",
        "Written by `make bench`, which anybody can run again. Machines differ and are noisy: what counts",
        "are ratios within one run, medians, and the lowest and highest in brackets.",
        "",
        f"- taken: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        f"- commit: {commit()}",
        f"- machine: {machine()}",
    ]
    for title, text in parts.items():
        lines += ["", f"## {title}", "", "```", text, "```"]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Take all figures, or those of some parts, print them, and keep them."""
    parser = argparse.ArgumentParser(prog="bench.results", description=__doc__)
    parser.add_argument("modules", nargs="*", help="parts to take, for example bench.chain; all")
    arguments = parser.parse_args()
    parts: dict[str, str] = {}
    for title, module in PARTS:
        if arguments.modules and module not in arguments.modules:
            continue
        parts[title] = taken(module)
        click.echo(f"{parts[title]}\n")
    if not arguments.modules:
        FILE.write_text(page(parts), encoding="utf-8")
        click.echo(f"Kept in {FILE.relative_to(ROOT)}.", err=True)


if __name__ == "__main__":
    main()
