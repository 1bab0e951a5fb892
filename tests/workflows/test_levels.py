"""`engine_semantics`: a case keeps the behavior of the level that it started with."""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType

from language.plan import ENGINE_SEMANTICS
from tests.conftest import Namespace
from tests.workflows.event_scenarios import EVENT_SCENARIOS
from tests.workflows.in_world import run_in_world
from tests.workflows.language_scenarios import LANGUAGE
from tests.workflows.on_server import QUEUE, Activities, connect, worker_on
from tests.workflows.scenarios import SCENARIOS, definition
from tests.workflows.test_replay import FOLDER, replay
from workflows.interpreter.levels import LevelUnknown, level_of

OLD = {
    "level-1-each-attempt": "each-attempt-in-time",
    "level-1-retried-in-vain": "retried-in-vain-and-on",
    "level-3-listens": "listens-to-what-it-is-told",
}
"""Histories that were recorded at a level, and the scenarios that they are of."""

SAME_END = ("level-15-clocks",)
"""Histories whose case does the same today in another order."""


def level_in(name: str) -> int:
    """The level at which a history was recorded."""
    return int(name.split("-")[1])


def raised(history: str, level: int) -> str:
    """Give a recorded history in which the plan came with another level."""
    events = json.loads(history)["events"]
    for event in events:
        done = event.get("activityTaskCompletedEventAttributes", {})
        for payload in done.get("result", {}).get("payloads", []):
            value = json.loads(base64.b64decode(payload["data"]))
            if isinstance(value, dict) and "plan" in value:
                value["semantics"] = level
                payload["data"] = base64.b64encode(json.dumps(value).encode()).decode()
                return json.dumps({"events": events})
    raise AssertionError("the history has no plan")


@pytest.mark.parametrize("name", [*OLD, *SAME_END])
def test_an_old_case_keeps_the_old_behavior(name: str) -> None:
    """What ran before a level was made replays; said to be of the new level, it does not."""
    history = (FOLDER / f"{name}.json").read_text(encoding="utf-8")

    kept = asyncio.run(replay(history))
    changed = asyncio.run(replay(raised(history, level_in(name) + 1)))

    assert kept is None, kept
    assert changed is not None


@pytest.mark.parametrize(("recorded", "name"), OLD.items())
def test_a_new_case_has_the_new_behavior(recorded: str, name: str) -> None:
    """The level of the start decides, and nothing else."""
    scenario = next(each for each in (*LANGUAGE, *EVENT_SCENARIOS) if each.name == name)

    old, new = run_in_world(replace(scenario, level=level_in(recorded))), run_in_world(scenario)

    assert (old.ends, old.output) != (new.ends, new.output)
    assert new.output == scenario.output


def test_a_held_task_stays_held_in_a_new_run() -> None:
    """Before level 7, a new run tried it again by itself; what then went well was never decided."""
    scenario = next(each for each in SCENARIOS if each.name == "held")

    ends = [
        [
            line["kind"]
            for line in run_in_world(replace(scenario, level=level), restart=True).view["timeline"]
        ]
        for level in (6, 7)
    ]

    assert ["released" in each for each in ends] == [False, True]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("${ { n: . } }", "nests more than 400 levels"),
        ("${ { n: ((.n // []) + [range(300)]) } }", "or as much computing"),
        ("${ { n: ([range(4000)] | add) } }", "or as much computing"),
    ],
)
def test_a_circle_that_computes_ends_soon(value: str, said: str) -> None:
    """From level 10 on, what expressions compute counts, so that no worker is held for long."""
    text = f"do:\n  - a: {{ set: '{value}', then: a }}\n"
    outcome = run_in_world(definition("circle", text))

    assert outcome.ends == "failed"
    assert said in outcome.error["detail"]


def test_a_circle_of_a_case_that_began_before_is_counted_as_before() -> None:
    """Below level 10 only tasks count: a case that computes much and then ends is left to it."""
    text = """do:
  - a:
      set: { n: '${ (.n // 0) + 1 }', x: '${ [range(20000)] | length }' }
  - b: { switch: [ { more: { when: '${ .n < 150 }', then: a } }, { enough: { then: end } } ] }
"""
    scenario = definition("computes", text)

    ends = [run_in_world(replace(scenario, level=level)).ends for level in (9, 10)]

    assert ends == ["completed", "failed"]


def test_a_start_without_a_level_is_of_the_first() -> None:
    """Cases that started before there were levels go on as they began."""
    assert level_of(None) == 1
    assert level_of(ENGINE_SEMANTICS) == ENGINE_SEMANTICS


@pytest.mark.parametrize("given", [0, -1, True, "2", 1.5, []])
def test_what_is_no_level_is_refused(given: Any) -> None:
    """The second argument of a start may come from anybody."""
    with pytest.raises(ValueError, match="semantics is a number"):
        level_of(given)


def test_a_level_of_a_later_program_waits_for_it(namespace: Namespace) -> None:
    """A worker that does not know the level leaves the case alone: it neither fails nor guesses."""
    with pytest.raises(LevelUnknown, match="waits for a worker"):
        level_of(ENGINE_SEMANTICS + 1)
    scenario = replace(LANGUAGE[0], level=ENGINE_SEMANTICS + 1)

    async def run() -> tuple[bool, str]:
        client = await connect(namespace)
        async with worker_on(client, Activities([scenario])):
            handle = await client.start_workflow(
                scenario.name, scenario.input, id="later:1", task_queue=QUEUE
            )
            failed = False
            for _ in range(100):
                events = [each async for each in handle.fetch_history_events()]
                failed = any(
                    each.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED for each in events
                )
                if failed:
                    break
                await asyncio.sleep(0.1)
            status = (await handle.describe()).status
        return failed, status.name if status else ""

    assert asyncio.run(run()) == (True, "RUNNING")
