"""Several processes on one database, and processes that die in the middle of a write."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from cases.records.store import RecordStore
from tests.cases.records.samples import dump, using

CASES = 4
WRITES = 60

WRITER = """
import asyncio, sys
from cases.records.store import RecordStore
from tests.cases.records.samples import item, line, told

async def main(file, first, last, step):
    store = await RecordStore.open(f"sqlite:///{file}")
    for n in range(first, last, step):
        case = f"desk:{n % 4}"
        number = str(n)
        items = [item("look", title=number, people=[f"p{n}"]), item("fix", title=number)]
        await store.write(told(case, n, items=items, audit=[line(n), line(n + 100_000)], subject=number))
        print(n, flush=True)

asyncio.run(main(sys.argv[1], *map(int, sys.argv[2:])))
"""


def writer(file: Path, first: int, last: int, step: int) -> subprocess.Popen[str]:
    """Start a process that writes n = first, first + step ... and says each number once it is kept."""
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(file), str(first), str(last), str(step)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def assert_whole(file: Path) -> None:
    """Every case has the rows of one write each, and the file is sound."""
    kept = dump(file, written=True)
    for case in kept["cases"]:
        mine = [each for each in kept["items"] if each["case_id"] == case["case_id"]]
        assert [each["item"] for each in mine] == ["fix", "look"]
        assert {each["title"] for each in mine} == {case["subject"]} == {str(case["n"])}
        who = {each["who"] for each in kept["candidates"] if each["case_id"] == case["case_id"]}
        assert who == {"g.desk", "u.amy", "u.ben", f"u.p{case['n']}"}
        facts = {each["n"] for each in kept["audit"] if each["case_id"] == case["case_id"]}
        assert {case["n"], case["n"] + 100_000} <= facts
        assert {n + 100_000 for n in facts if n < 100_000} == {n for n in facts if n >= 100_000}
    with closing(sqlite3.connect(file)) as store:
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_two_processes_may_write_the_same_cases(file: Path) -> None:
    """Nothing is lost, nothing fails, and each case ends with its newest write."""
    writers = [writer(file, first, WRITES, 2) for first in (1, 2)]
    said = [each.communicate(timeout=100) for each in writers]

    assert [each.returncode for each in writers] == [0, 0], said
    assert_whole(file)
    kept = dump(file, written=True)
    assert [each["n"] for each in kept["cases"]] == [56, 57, 58, 59]
    assert len(kept["audit"]) == 2 * (WRITES - 1)


def test_a_killed_writer_leaves_whole_writes_only(file: Path) -> None:
    """Killed at random moments, a process loses no write that it has been told of, and half of none."""
    chance = random.Random(20_261_124)
    first, kept = 1, 0
    for _ in range(5):
        process = writer(file, first, 100_000, 1)
        assert process.stdout is not None
        heard = process.stdout.readline()
        time.sleep(chance.random() / 5)
        os.kill(process.pid, signal.SIGKILL)
        rest, problems = process.communicate(timeout=30)
        assert heard, problems
        kept = int([heard, *rest.splitlines()][-1])

        assert_whole(file)
        written = [each["n"] for each in dump(file, written=True)["cases"]]
        assert max(written) in (kept, kept + 1)
        first = max(written) + 1

    async def act(store: RecordStore) -> int:
        return len((await store.list_cases({})).items)

    assert kept > CASES
    assert using(file, act) == CASES
