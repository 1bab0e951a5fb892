"""Processes that are kept running, and that never outlive the one that keeps them."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cli.problem import CannotRun
from cli.running.supervisor import Program, Supervisor

SLEEPER = (sys.executable, "-c", "import time; time.sleep(300)")


async def at_once(_: int) -> bool:
    """Take a program for ready as soon as it runs."""
    return True


def is_alive(pid: int) -> bool:
    """Tell whether a process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until_gone(pid: int) -> None:
    """Wait for the end of a process, at most 20 seconds."""
    for _ in range(200):
        if not is_alive(pid):
            return
        time.sleep(0.1)
    raise AssertionError(f"process {pid} still runs")


def test_killed_program_is_started_again(tmp_path: Path) -> None:
    """A worker that dies comes back by itself, and a person reads that it did."""
    said: list[str] = []

    async def story() -> tuple[int, int]:
        supervisor = Supervisor(said.append)
        await supervisor.start(Program("sleeper", SLEEPER, tmp_path / "log"), at_once)
        first = supervisor.kill("sleeper")
        second = await asyncio.wait_for(supervisor.restarted("sleeper", first), 30)
        await supervisor.stop()
        return first, second

    first, second = asyncio.run(story())

    assert first != second
    assert not is_alive(second)
    assert said == [f"sleeper was ended by SIGKILL; starting it again. Its log: {tmp_path / 'log'}"]


def test_program_that_cannot_start_is_a_sentence(tmp_path: Path) -> None:
    """A program that ends before it is ready stops the start, with the last line that it wrote."""

    async def never(_: int) -> bool:
        return False

    async def story() -> None:
        command = (sys.executable, "-c", "import sys; sys.exit('no room left')")
        await Supervisor(print).start(Program("loser", command, tmp_path / "log"), never)

    with pytest.raises(CannotRun, match="loser ended with status 1: no room left"):
        asyncio.run(story())


def test_program_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    """Stopping takes a bounded time, whatever a program does."""
    stubborn = (
        sys.executable,
        "-c",
        (
            "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
            f"open({str(tmp_path / 'ready')!r}, 'w').close(); time.sleep(300)"
        ),
    )

    async def ready(_: int) -> bool:
        return (tmp_path / "ready").exists()

    async def story() -> int:
        supervisor = Supervisor(print)
        await supervisor.start(
            Program("stubborn", stubborn, tmp_path / "log", stop_seconds=0.2), ready
        )
        pid = supervisor.pid("stubborn")
        await supervisor.stop()
        return pid

    assert not is_alive(asyncio.run(story()))


def test_last_started_is_first_stopped(tmp_path: Path) -> None:
    """The server that the others need is stopped after them."""

    def writer(name: str) -> Program:
        code = (
            "import pathlib, signal, sys, time\n"
            "def end(*_):\n"
            f"    with open({str(tmp_path / 'ends')!r}, 'a') as f: f.write({name!r} + ' ')\n"
            "    sys.exit(0)\n"
            "signal.signal(signal.SIGTERM, end)\n"
            f"pathlib.Path({str(tmp_path / name)!r}).touch()\n"
            "time.sleep(300)\n"
        )
        return Program(name, (sys.executable, "-c", code), tmp_path / "log")

    async def story() -> None:
        supervisor = Supervisor(print)
        for name in ("server", "worker", "api"):

            async def ready(_: int, name: str = name) -> bool:
                return (tmp_path / name).exists()

            await supervisor.start(writer(name), ready)
        await supervisor.stop()

    asyncio.run(story())

    assert (tmp_path / "ends").read_text() == "api worker server "


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_nothing_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    """`kill -9` of `caseway up` leaves no process behind, though nobody had time to stop them."""
    code = (
        "import asyncio, pathlib, sys\n"
        "from cli.running.supervisor import Program, Supervisor\n"
        "async def at_once(_): return True\n"
        "async def main():\n"
        "    supervisor = Supervisor(print)\n"
        f"    await supervisor.start(Program('s', {SLEEPER!r}, pathlib.Path({str(tmp_path / 'log')!r})), at_once)\n"
        "    print(supervisor.pid('s'), flush=True)\n"
        "    await asyncio.sleep(300)\n"
        "asyncio.run(main())\n"
    )
    root = Path(__file__).resolve().parents[3]
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=root
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert is_alive(child)
        os.kill(parent.pid, signal.SIGKILL)

    wait_until_gone(child)
