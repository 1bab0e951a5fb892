"""Recorded histories replay: what runs today goes on with tomorrow's interpreter."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from tests.workflows.on_server import sandboxed
from workflows.case import CaseWorkflow
from workflows.routing.router import RouterWorkflow
from workflows.routing.starter import StarterWorkflow

FOLDER = Path(__file__).resolve().parents[1] / "fixtures" / "histories"
HISTORIES = sorted(FOLDER.glob("*.json"))


async def replay(text: str) -> BaseException | None:
    """Replay one history; the failure, or None."""
    replayer = Replayer(
        workflows=[CaseWorkflow, RouterWorkflow, StarterWorkflow], workflow_runner=sandboxed()
    )
    # Under its own id: the ids of parts are made of it.
    started = json.loads(text)["events"][0]["workflowExecutionStartedEventAttributes"]
    history = WorkflowHistory.from_json(started["workflowId"], text)
    result = await asyncio.wait_for(
        replayer.replay_workflow(history, raise_on_replay_failure=False), 30
    )
    return result.replay_failure


def test_there_are_histories() -> None:
    """The corpus is not empty."""
    assert HISTORIES


def test_histories_name_no_machine() -> None:
    """What is recorded says nothing about where it was recorded."""
    texts = [file.read_text(encoding="utf-8") for file in HISTORIES]

    assert not [text for text in texts if "stackTrace" in text or ".py" in text]


@pytest.mark.parametrize("file", HISTORIES, ids=lambda each: each.stem)
def test_history_replays(file: Path) -> None:
    """The interpreter gives the same commands for a history of before."""
    failure = asyncio.run(replay(file.read_text(encoding="utf-8")))

    assert failure is None, failure


def test_a_changed_history_does_not_replay() -> None:
    """The test above means something: another action than the recorded one is found."""
    text = (FOLDER / "rounds.json").read_text(encoding="utf-8")
    changed = json.loads(text.replace('"ticket.comment"', '"ticket.close"'))

    failure: Any = asyncio.run(replay(json.dumps(changed)))

    assert failure is not None
