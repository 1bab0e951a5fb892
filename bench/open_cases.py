"""Many open cases with three clocks each on one worker: memory, the worklist, and closing them all.

.venv/bin/python -m bench.open_cases
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import httpx
from temporalio.client import Client

from api.tokens import Tokens
from bench.measure import cpu_seconds
from bench.server import dev_server, free_port
from bench.sides import DEFINITIONS, publish, say
from cli.problem import CannotRun
from cli.running import programs
from settings import Settings

ROOT = Path(__file__).resolve().parents[1]
DEFINITION = "bench-desk"
GROUP, PERSON = "service-desk", "chen"
WARM = 50
"""Cases that are started and closed before anything is measured."""
AT_A_TIME = 20
LONGEST_WAIT = 300.0
COMPLETED = f"WorkflowType = '{DEFINITION}' AND ExecutionStatus = 'Completed'"


class Desk:
    """The doors of the installation, as programs use them."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def start(self, key: str) -> str:
        """Start a case; its id."""
        body = {"definition": DEFINITION, "input": {"subject": f"Question {key}"}, "key": key}
        answer = await self._client.post("/cases", json=body)
        answer.raise_for_status()
        case: str = answer.json()["case"]
        return case

    async def worklist(self, limit: int, cursor: str | None = None) -> dict[str, Any]:
        """A page of the group's open work items."""
        query: dict[str, Any] = {"group": GROUP, "limit": limit}
        if cursor is not None:
            query["cursor"] = cursor
        answer = await self._client.get("/work-items", params=query)
        answer.raise_for_status()
        page: dict[str, Any] = answer.json()
        return page

    async def open_items(self) -> list[dict[str, Any]]:
        """All open work items of the group."""
        items: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            page = await self.worklist(200, cursor)
            items += page["items"]
            cursor = page["next"]
            if cursor is None:
                return items

    async def answer(self, item: dict[str, Any]) -> None:
        """Answer a work item."""
        answer = await self._client.post(
            f"/cases/{item['case']}/work-items/{item['id']}/answer",
            json={"outcome": "done", "by": PERSON},
        )
        answer.raise_for_status()

    async def phases(self, phase: str) -> int:
        """How many cases the records have in a phase."""
        count, cursor = 0, None
        while True:
            query: dict[str, Any] = {"definition": DEFINITION, "phase": phase, "limit": 200}
            answer = await self._client.get(
                "/cases", params=query | ({"cursor": cursor} if cursor else {})
            )
            answer.raise_for_status()
            page = answer.json()
            count += len(page["cases"])
            cursor = page["next"]
            if cursor is None:
                return count


async def bench(folder: Path, cases: int, looks: int) -> None:
    """Start everything, take the figures and print them."""
    definitions = folder / "definitions"
    shutil.copytree(DEFINITIONS / DEFINITION, definitions / DEFINITION)
    shutil.copytree(ROOT / "definitions" / "organization", definitions / "organization")
    settings = Settings(
        data=folder / "data",
        definitions=definitions,
        temporal_port=free_port(),
        temporal_ui_port=free_port(),
        api_port=free_port(),
        smtp_port=free_port(),
    )
    async with dev_server(settings, say) as (supervisor, client):
        await publish(settings)
        token = Tokens(settings.tokens_file).make(label="bench", scope="admin")
        await supervisor.start(
            programs.mailbox(settings), programs.listens(settings.smtp_host, settings.smtp_port)
        )
        await supervisor.start(programs.worker(settings), programs.polls(client))
        await supervisor.start(
            programs.api(settings), programs.listens(settings.api_host, settings.api_port)
        )
        worker, server = supervisor.pid(programs.WORKER), supervisor.pid(programs.TEMPORAL)
        named = (programs.API, programs.WORKER, programs.TEMPORAL, programs.MAILBOX)
        processes = {name: supervisor.pid(name) for name in named}
        async with httpx.AsyncClient(
            base_url=settings.api_url, headers={"Authorization": f"Bearer {token}"}, timeout=30
        ) as http:
            desk = Desk(http)
            await _many((desk.start(f"warm-{each}") for each in range(WARM)), AT_A_TIME)
            await _until(lambda: _counted(desk, WARM))
            await _many(map(desk.answer, await desk.open_items()), AT_A_TIME)
            await _until(lambda: _closed(desk, WARM))

            say(f"Opening {cases} cases ...")
            before, before_server = _memory(worker), _memory(server)
            used_before = _used(processes)
            opening = await _many((desk.start(str(each)) for each in range(cases)), AT_A_TIME)
            await _until(lambda: _counted(desk, cases))
            click.echo(
                f"{cases} cases opened over HTTP, {AT_A_TIME} at a time: "
                f"{cases / opening.seconds:.1f} a second, p95 {opening.p95 * 1000:.0f} ms"
            )
            click.echo(f"processor time per case: {_per_case(processes, used_before, cases)}")
            click.echo(
                f"memory per open case: worker {(_memory(worker) - before) / cases:.0f} kB, "
                f"server {(_memory(server) - before_server) / cases:.0f} kB "
                f"(worker with all of them {_memory(worker) / 1000:.0f} MB)"
            )
            resting = cpu_seconds(worker), time.perf_counter()
            seen = await _many((desk.worklist(50) for _ in range(looks)), 1)
            used = (cpu_seconds(worker) - resting[0]) / (time.perf_counter() - resting[1])
            click.echo(
                f"worklist of {cases} open items over HTTP, 50 a page: "
                f"p50 {seen.p50 * 1000:.1f} ms, p95 {seen.p95 * 1000:.1f} ms; "
                f"the worker rests meanwhile: {used:.1%} of a core"
            )

            say("Closing them ...")
            used_before = _used(processes)
            closing = await _many(map(desk.answer, await desk.open_items()), AT_A_TIME)
            await _until(lambda: _closed(desk, WARM + cases))
            await _until(lambda: _completed(client, WARM + cases))
            ended = await client.count_workflows(COMPLETED)
            click.echo(f"processor time per case: {_per_case(processes, used_before, cases)}")
            click.echo(
                f"closed by their answers: {cases / closing.seconds:.1f} a second, "
                f"p95 {closing.p95 * 1000:.0f} ms; "
                f"{ended.count - WARM} of {cases} completed, {len(await desk.open_items())} left open"
            )


class Taken:
    """How long many requests took."""

    def __init__(self, seconds: float, each: Sequence[float]) -> None:
        self.seconds = seconds
        self._sorted = sorted(each)

    @property
    def p50(self) -> float:
        """Half of them took no longer, in seconds."""
        return self._sorted[(len(self._sorted) - 1) // 2]

    @property
    def p95(self) -> float:
        """Nineteen of twenty took no longer, in seconds."""
        return self._sorted[max(0, -(-len(self._sorted) * 95 // 100) - 1)]


async def _many(asked: Iterable[Awaitable[Any]], at_a_time: int) -> Taken:
    slots = asyncio.Semaphore(at_a_time)
    taken: list[float] = []

    async def one(request: Awaitable[Any]) -> None:
        async with slots:
            begun = time.perf_counter()
            await request
            taken.append(time.perf_counter() - begun)

    started = time.perf_counter()
    await asyncio.gather(*map(one, asked))
    return Taken(time.perf_counter() - started, taken)


async def _until(holds: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.perf_counter() + LONGEST_WAIT
    while not await holds():
        if time.perf_counter() > deadline:
            raise CannotRun(f"it did not come to that within {LONGEST_WAIT:.0f} s.")
        await asyncio.sleep(0.5)


async def _counted(desk: Desk, cases: int) -> bool:
    return len(await desk.open_items()) >= cases


async def _completed(client: Client, cases: int) -> bool:
    # The list of closed workflows is late by moments.
    return (await client.count_workflows(COMPLETED)).count >= cases


async def _closed(desk: Desk, cases: int) -> bool:
    return await desk.phases("closed") >= cases


def _used(processes: Mapping[str, int]) -> dict[str, float]:
    return {name: cpu_seconds(pid) for name, pid in processes.items()}


def _per_case(processes: Mapping[str, int], before: Mapping[str, float], cases: int) -> str:
    spent = {name: used - before[name] for name, used in _used(processes).items()}
    return ", ".join(f"{name} {each / cases * 1000:.1f} ms" for name, each in spent.items())


def _memory(pid: int) -> float:
    """What a process holds in memory, in kB; nan where the system does not tell (no /proc)."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return float("nan")
    return float(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 2 where they could not be taken."""
    parser = argparse.ArgumentParser(prog="bench.open_cases", description=__doc__)
    parser.add_argument("--cases", type=int, default=1000, help="how many are open at once")
    parser.add_argument("--looks", type=int, default=200, help="how often the worklist is read")
    chosen = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="caseway-bench-"))
    try:
        asyncio.run(bench(folder, chosen.cases, chosen.looks))
    except CannotRun as error:
        sys.stderr.write(f"{error} The logs are kept in {folder}.\n")
        return 2
    shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
