"""How long rehearsals take: all of them as one process, and each one of several days alone.

.venv/bin/python -m bench.rehearsals
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from bench.measure import Spread
from language.files import (
    compile_folder,
    definition_folders,
    find_organization,
    read_organization,
)
from language.rehearsals_file import check_rehearsal
from service.instants import read_instant
from workflows.rehearsal.runner import rehearse
from workflows.rehearsal.world import Published

ROOT = Path(__file__).resolve().parents[1]
PROCESS_TARGET_SECONDS = 2.0
LONE_TARGET_MILLISECONDS = 5.0
SEVERAL_DAYS = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """One rehearsal, ready to run again and again."""

    name: str
    lasts: timedelta
    run: Callable[[], Any]


def rehearsals(definitions: Path) -> Iterator[Rehearsal]:
    """Compile the definitions once and yield their rehearsals."""

    place = find_organization(definitions)
    organization = None if place is None else read_organization(place)[0]
    document: Mapping[str, Any] = {} if organization is None else organization.document
    published: dict[str, Published] = {}
    for folder in definition_folders(definitions):
        compiled = compile_folder(folder, organization)
        if compiled.plan is not None and compiled.bundle is not None:
            published[compiled.plan.name] = Published(compiled.plan, compiled.bundle.digest)
    for folder in definition_folders(definitions):
        for file in sorted((folder / "rehearsals").glob("*.yaml")):
            data, _ = check_rehearsal(file.read_text(encoding="utf-8"), str(file))

            def run(name: str = folder.name, data: Any = data) -> Any:
                return rehearse(name, data, published, document)

            ends = read_instant(run().outcome["at"])
            yield Rehearsal(str(file), ends - read_instant(str(data["at"])), run)


def as_process(definitions: Path, times: int) -> Spread:
    """Seconds that `caseway rehearse` takes for all of them, from start to exit."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        command = [sys.executable, "-m", "cli.main", "rehearse", str(definitions)]
        subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
        taken.append(time.perf_counter() - begun)
    return Spread.of(taken)


def alone(each: Rehearsal, times: int) -> float:
    """Milliseconds of the median run."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        each.run()
        taken.append(time.perf_counter() - begun)
    return Spread.of(taken).median * 1000


def _per_second(all_: Sequence[Rehearsal]) -> float:
    begun = time.perf_counter()
    for each in all_:
        each.run()
    return len(all_) / (time.perf_counter() - begun)


def main() -> None:
    """Take the figures and print them."""
    parser = argparse.ArgumentParser(prog="bench.rehearsals", description=__doc__)
    parser.add_argument("--times", type=int, default=7)
    parser.add_argument("definitions", nargs="?", type=Path, default=ROOT / "definitions")
    arguments = parser.parse_args()
    total = as_process(arguments.definitions, arguments.times)
    found = list(rehearsals(arguments.definitions))
    long = [each for each in found if each.lasts >= SEVERAL_DAYS]
    lone = Spread.of([alone(each, arguments.times) for each in long])
    rate = Spread.of([_per_second(found) for _ in range(arguments.times)])
    click.echo(
        f"{len(found)} rehearsals as one process: {total.show(2, 's')}"
        f" (target: under {PROCESS_TARGET_SECONDS:.0f} s)"
    )
    click.echo(
        f"{len(long)} of several days, each alone: median {lone.show(1, 'ms')}"
        f" (target: {LONE_TARGET_MILLISECONDS:.0f} ms)"
    )
    click.echo(f"All of them in one process, read and compiled before: {rate.show(0, 'a second')}")


if __name__ == "__main__":
    main()
