"""What is too large for the server is an error that says so: nothing is tried for ever."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from service.sizes import json_size
from tests.conftest import Namespace
from tests.workflows.in_world import run_in_world
from tests.workflows.on_server import QUEUE, Activities, connect, run_on_server, worker_on
from tests.workflows.scenarios import Scenario, definition
from workflows.interpreter.sizes import LARGEST, LONGEST_TEXT, shortened, too_large

LARGE = """
do:
  - write: { set: { text: '${ "0123456789" * 40000 }' } }
  - gather: { set: { a: '${ .text }', b: '${ .text }', c: '${ .text }', d: '${ .text }', e: '${ .text }', f: '${ .text }' } }
"""


def caught(task: str) -> str:
    """A flow that hands the large value on inside a `try`, and gives the error."""
    return f"""{LARGE}
  - go:
      try: [ {task} ]
      catch: {{ as: wrong, do: [ {{ tell: {{ set: {{ is: '${{ $wrong | [.title, .status, .instance] }}' }} }} }} ] }}
"""


CAUGHT = (
    definition(
        "large-body",
        caught("{ send: { call: http, with: { method: post, endpoint: 'https://a.example/', body: '${ . }' } } }"),
        output={"is": ["TooLarge", 413, "/do/2/go/try/0/send"]},
    ),
    definition(
        "large-part",
        caught("{ part: { run: { workflow: { namespace: tests, name: x, version: '1.0.0', input: '${ . }' } } } }"),
        output={"is": ["TooLarge", 500, "/do/2/go/try/0/part"]},
    ),
)  # fmt: skip
FAULTS = (
    definition("large-output", LARGE, ends="failed", error={"title": "TooLarge", "instance": "/"}),
    definition(
        "large-error",
        """
        do:
          - write: { set: { text: '${ "я" * 450000 }' } }
          - fall: { raise: { error: { type: 'https://a.example/e', status: 400, title: t, detail: '${ .text }' } } }
        """,
        ends="failed",
        error={"title": "t", "detail": "я" * LONGEST_TEXT + " …", "instance": "/do/1/fall"},
    ),
)
ALL: tuple[Scenario, ...] = (*CAUGHT, *FAULTS)


def check(scenario: Scenario, outcome: Any) -> None:
    """Hold an outcome against what the scenario expects."""
    assert outcome.ends == scenario.ends
    assert outcome.output == scenario.output
    assert {name: outcome.error.get(name) for name in scenario.error} == scenario.error


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("scenario", ALL, ids=lambda each: each.name)
def test_too_large_in_the_rehearsal_world(scenario: Scenario, restart: bool) -> None:
    """A rehearsal shows what production would refuse."""
    check(scenario, run_in_world(scenario, restart=restart))


def test_too_large_on_a_server(namespace: Namespace) -> None:
    """The error object reaches whoever asks, and a `try` around the task catches it."""

    async def run() -> list[Any]:
        client = await connect(namespace)
        activities = Activities(ALL)
        async with worker_on(client, activities):
            return await asyncio.gather(
                *(asyncio.wait_for(run_on_server(client, activities, each), 30) for each in ALL)
            )

    for scenario, outcome in zip(ALL, asyncio.run(run()), strict=True):
        check(scenario, outcome)


def test_a_snapshot_that_is_too_large(
    namespace: Namespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The case goes on in the same run, says so once, and continues as new when it is smaller."""
    monkeypatch.setattr("workflows.case.HISTORY_EVENTS", 20)
    waits = "for: {{ in: '${{ [range({n})] }}' }}, do: [ {{ pause: {{ wait: {{ milliseconds: 10 }} }} }} ]"
    scenario = definition(
        "crowded",
        f"""{LARGE}
  - wait: {{ {waits.format(n=12)} }}
  - small: {{ set: {{ small: true }} }}
  - more: {{ {waits.format(n=12)} }}
""",
    )

    async def run() -> tuple[Any, list[str], int]:
        client = await connect(namespace)
        async with worker_on(client, Activities([scenario]), cached=0):
            handle = await client.start_workflow("crowded", {}, id="crowded:1", task_queue=QUEUE)
            output = await asyncio.wait_for(handle.result(), 60)
            state = await handle.query("state")
            runs = [each async for each in client.list_workflows('WorkflowId = "crowded:1"')]
        return output, [line["kind"] for line in state["timeline"]], len(runs)

    output, kinds, runs = asyncio.run(run())

    assert output == {"small": True}
    assert kinds.count("crowded") == 1
    assert runs >= 2


def test_a_task_so_deep_that_its_path_is_no_id(namespace: Namespace) -> None:
    """Two such tasks whose paths differ in their first step only run side by side."""
    inner = "{ call: http, with: { method: get, endpoint: 'https://a.example/' } }"
    for number in range(4):
        inner = f"{{ do: [ {{ {number}{'ж' * 130}: {inner} }} ] }}"
    scenario = definition(
        "deep", f"do: [ {{ both: {{ fork: {{ branches: [ {{ a: {inner} }}, {{ b: {inner} }} ] }} }} }} ]"
    )  # fmt: skip

    async def run() -> Any:
        client = await connect(namespace)
        async with worker_on(client, Activities([scenario])):
            handle = await client.start_workflow("deep", {}, id="deep:1", task_queue=QUEUE)
            return await asyncio.wait_for(handle.result(), 20)

    assert asyncio.run(run()) == [{"deliveries": []}, {"deliveries": []}]


def test_what_is_measured_and_what_is_cut() -> None:
    """Bytes are those of JSON in ASCII; only long texts of an error are cut."""
    assert json_size("я") == len('"\\u044f"')
    assert too_large("it", "x" * (LARGEST - 2)) is None
    assert "it has 2,000,001 bytes" in (too_large("it", "x" * (LARGEST - 1)) or "")
    assert shortened({"status": 400, "title": "t"}) == {"status": 400, "title": "t"}


def test_many_large_actions_side_by_side(namespace: Namespace) -> None:
    """Together they are more than a workflow task can carry: some begin when others have ended."""
    send = "{{ call: http, with: {{ method: post, endpoint: 'https://a.example/{n}', body: '${{ . }}' }} }}"
    branches = ", ".join(f"{{ b{n}: {send.format(n=n)} }}" for n in range(30))
    scenario = definition(
        "many-large",
        f"""
        do:
          - write: {{ set: {{ text: '${{ "0123456789" * 20000 }}' }} }}
          - all: {{ fork: {{ branches: [ {branches} ] }} }}
          - count: {{ set: {{ n: '${{ length }}' }} }}
        """,
    )

    async def run() -> Any:
        client = await connect(namespace)
        async with worker_on(client, Activities([scenario])):
            handle = await client.start_workflow(
                "many-large", {}, id="many-large:1", task_queue=QUEUE
            )
            return await asyncio.wait_for(handle.result(), 60)

    assert asyncio.run(run()) == {"n": 30}
