"""A chain of five HTTP calls in Caseway and in a hand-written Temporal workflow: as actions, and as safe reads.

.venv/bin/python -m bench.chain

Both sides take turns on one server, so that a slow minute of the machine hits both.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from temporalio.client import Client

from bench.measure import Round, Spread, run_round
from bench.sides import Side, both, say
from cli.problem import CannotRun


@dataclass(frozen=True, slots=True)
class Target:
    """A figure of both sides, or of ours alone, and where it should be."""

    what: str
    of: Callable[[Round, Round], float]
    """Ours, theirs."""
    wanted: str


def _rate(ours: Round, theirs: Round) -> float:
    return ours.cases_per_second / theirs.cases_per_second


def _lone(ours: Round, theirs: Round) -> float:
    return theirs.lone_p50 / ours.lone_p50


@dataclass(frozen=True, slots=True)
class Contest:
    """What is compared: a definition against the five activities of the hand-written workflow."""

    title: str
    definition: str
    targets: Sequence[Target]


ACTIONS = Contest(
    "Five HTTP actions",
    "bench-chain",
    (
        Target("cases/s, Caseway / by hand", _rate, "at least 0.95"),
        Target("alone, by hand / Caseway", _lone, "at least 0.95"),
    ),
)
READS = Contest(
    "Five safe HTTP reads",
    "bench-reads",
    (
        Target("cases/s, Caseway / by hand", _rate, "at least 1.4"),
        Target("alone, by hand / Caseway", _lone, "at least 5"),
        Target("p95 of Caseway in seconds", lambda ours, _: ours.p95, "under 1.5"),
    ),
)


async def bench(folder: Path, arguments: argparse.Namespace) -> None:
    """Start both sides, take the figures and print them."""
    async with both(folder, say) as sides:
        for contest in (ACTIONS, READS):
            ours, theirs = await sides.caseway(contest.definition), sides.by_hand()
            rounds = await _rounds(sides.client, contest, ours, theirs, arguments)
            size = {
                side.name: await _history(sides.client, side, contest) for side in (ours, theirs)
            }
            for line in report(contest, rounds, size, arguments.at_a_time):
                click.echo(line)


async def _rounds(
    client: Client, contest: Contest, ours: Side, theirs: Side, arguments: argparse.Namespace
) -> Mapping[str, list[Round]]:
    rounds: dict[str, list[Round]] = {ours.name: [], theirs.name: []}
    for number in range(-1, arguments.rounds):
        # The other side begins every second round: neither always profits from what the first one warmed.
        for side in (ours, theirs) if number % 2 else (theirs, ours):

            async def run_one(key: str, side: Side = side) -> None:
                handle = await side.start(client, key)
                await handle.result()

            taken = await run_round(
                run_one,
                f"{contest.definition}-{number}",
                cases=arguments.cases,
                at_a_time=arguments.at_a_time,
                lone=arguments.lone,
                watched=side.watched,
            )
            if number < 0:
                continue  # connections, caches and code are warm after one round
            rounds[side.name].append(taken)
            say(
                f"{contest.title}, round {number + 1}, {side.name}: "
                f"{taken.cases_per_second:.1f} cases/s, alone {taken.lone_p50 * 1000:.0f} ms"
            )
    return rounds


async def _history(client: Client, side: Side, contest: Contest) -> tuple[int, int]:
    handle = await side.start(client, f"history-{contest.definition}")
    await handle.result()
    events = (await handle.fetch_history()).events
    return len(events), sum(event.ByteSize() for event in events)


def report(
    contest: Contest,
    rounds: Mapping[str, list[Round]],
    size: Mapping[str, tuple[int, int]],
    at_a_time: int,
) -> list[str]:
    """Return the figures as lines of text: medians, the lowest and highest round in brackets."""
    (ours, theirs) = rounds.values()
    lines = [
        f"{contest.title}, {at_a_time} at a time, {len(ours)} rounds each, medians [low .. high]:"
    ]
    for name, taken in rounds.items():
        lines += _of_side(name, taken, *size[name])
    for target in contest.targets:
        found = Spread.of(
            [target.of(mine, other) for mine, other in zip(ours, theirs, strict=True)]
        )
        lines.append(
            f"  {target.what}, round by round: {found.show(2, '')} (target: {target.wanted})"
        )
    return lines


def _of_side(name: str, taken: Sequence[Round], events: int, size: int) -> list[str]:
    def spread(of: Callable[[Round], float], digits: int, unit: str) -> str:
        return Spread.of([of(each) for each in taken]).show(digits, unit)

    lines = [
        (
            f"  {name:8} {spread(lambda each: each.cases_per_second, 1, 'cases/s')}"
            f"   p50 {spread(lambda each: each.p50 * 1000, 0, 'ms')}"
            f"   p95 {spread(lambda each: each.p95 * 1000, 0, 'ms')}"
        ),
        (
            f"           alone p50 {spread(lambda each: each.lone_p50 * 1000, 0, 'ms')}"
            f"   history {events} events, {size} bytes"
        ),
    ]
    cost = [
        f"{process} {spread(lambda each, of=process: each.cpu_seconds[of] * 1000, 1, 'ms')}"  # type: ignore[misc]
        for process in taken[0].cpu_seconds
    ]
    if cost:
        lines.append(f"           processor time per case: {', '.join(cost)}")
    return lines


def main() -> None:
    """Read how much to run, and run it."""
    parser = argparse.ArgumentParser(prog="bench.chain", description=__doc__)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--cases", type=int, default=60, help="cases per round")
    parser.add_argument("--at-a-time", type=int, default=20)
    parser.add_argument("--lone", type=int, default=5, help="cases per round that run alone")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="caseway-bench-"))
    try:
        asyncio.run(bench(folder, arguments))
    except CannotRun as error:
        error.show()
        status = error.exit_code
    else:
        status = 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    # The SDK may crash while the interpreter shuts down (its issue 300); the status is settled by now.
    sys.stdout.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
