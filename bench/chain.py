"""`make bench`: a chain of five HTTP actions in Caseway and in a hand-written Temporal workflow.

Both sides use one dev server with the flags of `caseway up`, one worker process each with the same options, and
take turns, so that a slow minute of the machine hits both.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click
from temporalio.client import Client, WorkflowHandle
from temporalio.common import TypedSearchAttributes

from bench import hand_written
from bench.measure import Round, Spread, run_round
from cases.bundles.folder import FolderBundles
from cases.connect import connect
from cases.search_attributes import TYPE_NAMES, at_start
from cli.problem import CannotRun
from cli.running import programs
from cli.running.supervisor import Program, Supervisor
from cli.temporal.chain import Configured, Machine, find_server
from cli.temporal.dev_server import DevServer
from cli.temporal.namespace import prepare_namespace
from settings import Settings

DEFINITIONS = Path(__file__).parent / "definitions"
TARGET = 0.9


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two that are compared."""

    name: str
    workflow: str
    task_queue: str


@dataclass(frozen=True, slots=True)
class Start:
    """What a side is started with."""

    arguments: list[Any]
    attributes: Callable[[str], TypedSearchAttributes]
    """By the case's key."""


Starts = Mapping[Side, Start]
Watched = Mapping[Side, dict[str, int]]
"""Processes whose processor time is taken, by name: their ids."""

CASEWAY = Side("Caseway", "bench-chain", programs.TASK_QUEUE)
BY_HAND = Side("by hand", "hand-written-chain", hand_written.TASK_QUEUE)


def free_port() -> int:
    """Return a port that nothing uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        assert isinstance(port, int)
        return port


async def bench(folder: Path, arguments: argparse.Namespace) -> None:
    """Start both sides, take the figures and print them."""
    found = find_server(Machine(say=_say))
    if isinstance(found, Configured):
        raise CannotRun(
            "the benchmark runs its own dev server: unset TEMPORAL_ADDRESS and try again."
        )
    settings = Settings(
        data=folder,
        definitions=DEFINITIONS,
        temporal_port=free_port(),
        temporal_ui_port=free_port(),
        # The other system of the chain is a stub on this machine.
        outgoing_networks=("127.0.0.1/32",),
    )
    server = DevServer(
        found,
        settings.temporal_folder,
        settings.temporal_port,
        settings.temporal_ui_port,
        TYPE_NAMES,
    )
    server.prepare()
    supervisor = Supervisor(_say)
    try:
        await supervisor.start(
            programs.temporal(settings, server),
            programs.serves(settings.temporal_address),
        )
        client = await connect(settings.temporal_address)
        await prepare_namespace(client, TYPE_NAMES)
        url = await _start_sides(supervisor, settings, client)
        watched: Watched = {
            CASEWAY: {"worker": supervisor.pid(programs.WORKER)},
            BY_HAND: {"worker": supervisor.pid("by hand")},
        }
        for processes in watched.values():
            processes["server"] = supervisor.pid(programs.TEMPORAL)
        pinned = await FolderBundles(settings.bundles_folder).newest(CASEWAY.workflow)
        assert pinned is not None
        # A case of Caseway brings along what its own doors give it: its plan, and what lists show.
        starts: Starts = {
            BY_HAND: Start([{"url": url}], lambda _: TypedSearchAttributes.empty),
            CASEWAY: Start(
                [{"url": url}, {"plan": pinned.pinned}],
                partial(at_start, CASEWAY.workflow, pinned.plan.version),
            ),
        }
        await _compare(client, starts, watched, arguments)
    finally:
        await supervisor.stop()


async def _start_sides(supervisor: Supervisor, settings: Settings, client: Client) -> str:
    port = free_port()
    stub = Program(
        "stub", programs.python("bench.stub", str(port)), settings.logs_folder / "stub.log", _here()
    )
    await supervisor.start(stub, programs.listens("127.0.0.1", port))
    command = programs.python(
        "bench.hand_written", settings.temporal_address, str(settings.workflow_slots)
    )
    by_hand = Program("by hand", command, settings.logs_folder / "hand-written.log", _here())
    await supervisor.start(by_hand, programs.polls(client, hand_written.TASK_QUEUE))
    await _publish(settings)
    await supervisor.start(programs.worker(settings), programs.polls(client))
    return f"http://127.0.0.1:{port}/"


async def _publish(settings: Settings) -> None:
    # A process of its own, for the command is what operators use.
    process = await asyncio.create_subprocess_exec(
        *programs.python("cli.main", "publish", str(settings.definitions)),
        env={**os.environ, **programs.as_environment(settings)},
        stdout=sys.stderr,
    )
    if await process.wait() != 0:
        raise CannotRun(f"{settings.definitions} could not be published.")


async def _compare(
    client: Client, starts: Starts, watched: Watched, arguments: argparse.Namespace
) -> None:
    rounds: dict[Side, list[Round]] = {CASEWAY: [], BY_HAND: []}
    for number in range(-1, arguments.rounds):
        # The other side begins every second round: neither always profits from what the first one warmed.
        order = (CASEWAY, BY_HAND) if number % 2 else (BY_HAND, CASEWAY)
        for side in order:
            taken = await _round(client, side, starts[side], watched[side], number, arguments)
            if number < 0:
                continue  # connections, caches and code are warm after one round
            rounds[side].append(taken)
            _say(
                f"round {number + 1}, {side.name}: {taken.cases_per_second:.1f} cases/s, alone {taken.lone_p50 * 1000:.0f} ms"
            )
    size = {side: await _history(client, side, starts[side]) for side in rounds}
    for line in report(rounds, size, arguments.at_a_time):
        click.echo(line)


async def _round(
    client: Client,
    side: Side,
    start: Start,
    watched: Mapping[str, int],
    number: int,
    arguments: argparse.Namespace,
) -> Round:
    async def run_one(key: str) -> None:
        handle = await _start(client, side, start, key)
        await handle.result()

    name = f"round-{number}"
    return await run_round(
        run_one,
        name,
        cases=arguments.cases,
        at_a_time=arguments.at_a_time,
        lone=arguments.lone,
        watched=watched,
    )


async def _start(client: Client, side: Side, start: Start, key: str) -> WorkflowHandle[Any, Any]:
    return await client.start_workflow(
        side.workflow,
        args=start.arguments,
        id=f"{side.workflow}:{key}",
        task_queue=side.task_queue,
        search_attributes=start.attributes(key),
    )


async def _history(client: Client, side: Side, start: Start) -> tuple[int, int]:
    handle = await _start(client, side, start, "history")
    await handle.result()
    events = (await handle.fetch_history()).events
    return len(events), sum(event.ByteSize() for event in events)


def report(
    rounds: Mapping[Side, list[Round]], size: Mapping[Side, tuple[int, int]], at_a_time: int
) -> list[str]:
    """Return the figures as lines of text: medians, the lowest and highest round in brackets."""
    rate = {
        side: Spread.of([taken.cases_per_second for taken in all_]) for side, all_ in rounds.items()
    }
    alone = {
        side: Spread.of([taken.lone_p50 * 1000 for taken in all_]) for side, all_ in rounds.items()
    }
    ratio = Spread.of(
        [
            ours.cases_per_second / theirs.cases_per_second
            for ours, theirs in zip(rounds[CASEWAY], rounds[BY_HAND], strict=True)
        ]
    )
    lines = [
        f"Chain of five HTTP actions, {at_a_time} at a time, {len(rounds[CASEWAY])} rounds each, medians [low .. high]:"
    ]
    for side in (CASEWAY, BY_HAND):
        events, bytes_ = size[side]
        beside = [
            Spread.of([getattr(taken, name) * 1000 for taken in rounds[side]]).show(0, "ms")
            for name in ("p50", "p95")
        ]
        cost = ", ".join(
            f"{name} {Spread.of([taken.cpu_seconds[name] * 1000 for taken in rounds[side]]).show(1, 'ms')}"
            for name in rounds[side][0].cpu_seconds
        )
        lines += [
            f"  {side.name:8} {rate[side].show(1, 'cases/s')}   p50 {beside[0]}   p95 {beside[1]}",
            f"           alone p50 {alone[side].show(0, 'ms')}   history {events} events, {bytes_} bytes",
        ]
        if cost:
            lines.append(f"           processor time per case: {cost}")
    lines.append(
        f"  Caseway / by hand, round by round: {ratio.show(2, '')} (target: at least {TARGET})"
    )
    return lines


def _here() -> dict[str, str]:
    """Return where `bench` is found: it is not installed with Caseway."""
    return {"PYTHONPATH": str(Path(__file__).resolve().parents[1])}


def _say(text: str) -> None:
    click.echo(text, err=True)


def main() -> None:
    """Read how much to run, and run it."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
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
