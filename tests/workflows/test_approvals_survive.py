"""Votes while workers are killed: each counts once, and the round is decided once."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowUpdateFailedError

from tests.conftest import Namespace
from tests.workflows.approval_scenarios import KILLED
from tests.workflows.on_server import QUEUE, connect

ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(240)
def test_kill_9_between_votes(namespace: Namespace, tmp_path: Path) -> None:
    """The worker is killed after every second vote, and each vote is sent again: four approvals
    of six decide, nobody is told twice, and the vote after the end is refused."""
    told = tmp_path / "told"
    command = [
        sys.executable, "-m", "tests.workflows.approval_worker",
        namespace.address, namespace.name, str(told),
    ]  # fmt: skip

    def begin() -> subprocess.Popen[str]:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        with process.stdout as said:
            assert said.readline() == "ready\n"
        return process

    async def run(process: subprocess.Popen[str]) -> tuple[Any, str]:
        client = await connect(namespace)
        handle = await client.start_workflow(
            KILLED.name, {}, id=f"{KILLED.name}:1", task_queue=QUEUE
        )
        late = ""
        try:
            for n, choice in enumerate(["approve", "reject", "approve", "approve", "approve"]):
                vote = {
                    "id": f"v{n}", "item": f"vote:p{n}", "by": f"p{n}", "outcome": choice,
                    "values": {"comment": "seen"},
                }  # fmt: skip
                await _vote(handle, vote)
                if n % 2 == 0:
                    process.kill()
                    process.wait()
                    process = await asyncio.to_thread(begin)
                if n < 4:
                    again = await _vote(handle, vote)
                    assert again["state"] == "duplicate"
            result = await asyncio.wait_for(handle.result(), timeout=60)
            view = await handle.query("show")
            late = next(each["state"] for each in view["items"] if each["id"] == "vote:p5")
        finally:
            process.kill()
            process.wait()
        return result, late

    result, late = asyncio.run(run(begin()))

    assert (result["decision"], late) == ("approved", "withdrawn")
    assert [(each["seat"], each["vote"]) for each in result["votes"]] == [
        ("p0", "approve"), ("p1", "reject"), ("p2", "approve"), ("p3", "approve"), ("p4", "approve"),
    ]  # fmt: skip
    assert told.read_text().splitlines() == [
        "/do/0/vote#1:announced p0,p1,p2,p3,p4,p5", "round:vote:withdrawn p5",
    ]  # fmt: skip


async def _vote(handle: Any, vote: dict[str, Any]) -> Any:
    """Vote as soon as the case asks for it."""
    for _ in range(100):
        try:
            return await handle.execute_update("answer", vote)
        except WorkflowUpdateFailedError as error:
            if "there is no work item" not in str(error.cause):
                raise
            await asyncio.sleep(0.1)
    raise AssertionError(f"{vote['item']} never opened")
