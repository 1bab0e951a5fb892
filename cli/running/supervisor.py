"""Keeps the processes of `caseway up` running, and ends them in order."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cli.problem import CannotRun
from cli.running import tied

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 15.0
STEADY_SECONDS = 30.0
"""A process that ran this long was well: its next restart comes at once again."""

Say = Callable[[str], None]
Ready = Callable[[int], Awaitable[bool]]
"""Whether the process with this id does its work now."""


@dataclass(frozen=True, slots=True)
class Program:
    """One process to keep running. Its output goes to `log`."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_seconds: float = 10.0


@dataclass(slots=True)
class _Kept:
    program: Program
    process: asyncio.subprocess.Process
    ready: Ready
    keeper: asyncio.Task[None] | None = None


class Supervisor:
    """Starts programs, starts them again when they die, and stops them, the last one first."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._kept: dict[str, _Kept] = {}
        self._stopping = False

    async def start(self, program: Program, ready: Ready, limit_seconds: float = 60.0) -> None:
        """Start a program and wait until it is ready; from then on it is started again when it dies.

        Raises:
            CannotRun: it died before, or was not ready in time; with the last line of its log.
        """
        process = await _spawn(program)
        kept = self._kept[program.name] = _Kept(program, process, ready)
        deadline = time.monotonic() + limit_seconds
        while not await ready(process.pid):
            if process.returncode is not None:
                del self._kept[program.name]
                raise CannotRun(
                    f"{program.name} {_ending(process.returncode)}{_last_words(program.log)}"
                )
            if time.monotonic() > deadline:
                raise CannotRun(
                    f"{program.name} was not ready within {limit_seconds:.0f} s{_last_words(program.log)}"
                )
            await asyncio.sleep(0.1)
        kept.keeper = asyncio.create_task(self._keep(kept), name=f"keep {program.name}")

    def pid(self, name: str) -> int:
        """Return the process id of a running program."""
        return self._kept[name].process.pid

    def kill(self, name: str) -> int:
        """End a program without warning, as a power cut would; returns the process id it had."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        return pid

    async def restarted(self, name: str, pid: int) -> int:
        """Wait until a program runs as another process than `pid` and is ready; returns its process id."""
        kept = self._kept[name]
        while kept.process.pid == pid or not await kept.ready(kept.process.pid):
            await asyncio.sleep(0.1)
        return kept.process.pid

    async def stop(self) -> None:
        """Ask each program to stop, the last one first; one that does not is killed."""
        self._stopping = True
        for kept in reversed(list(self._kept.values())):
            if kept.keeper is not None:
                kept.keeper.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await kept.keeper
            await _end(kept)
        self._kept.clear()

    async def _keep(self, kept: _Kept) -> None:
        pause = FIRST_PAUSE
        while True:
            started = time.monotonic()
            status = await kept.process.wait()
            if self._stopping:
                return
            if time.monotonic() - started > STEADY_SECONDS:
                pause = FIRST_PAUSE
            name = kept.program.name
            self._say(f"{name} {_ending(status)}; starting it again. Its log: {kept.program.log}")
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            kept.process = await _spawn(kept.program)


async def _spawn(program: Program) -> asyncio.subprocess.Process:
    program.log.parent.mkdir(parents=True, exist_ok=True)
    with program.log.open("ab") as log:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            str(Path(tied.__file__)),
            str(os.getpid()),
            *program.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, **program.environment},
            # Ctrl-C in a terminal reaches every process of a session; only we may stop the others, in order.
            start_new_session=True,
        )


async def _end(kept: _Kept) -> None:
    process = kept.process
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), kept.program.stop_seconds)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _ending(status: int) -> str:
    if status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    return f"ended with status {status}"


def _last_words(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    return f": {lines[-1][:300]} (all of it: {log})" if lines else f" (its log: {log})"
