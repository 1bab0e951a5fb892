"""Who watches the tasks of a case hears what becomes of each."""

from __future__ import annotations

from typing import Any

import pytest

from language.plan import Catch, Expression, Fork, Literal, Plan, Raise, Set, Task, Try, Wait
from tests.workflows.in_world import MONDAY
from tests.workflows.scenarios import template
from workflows.rehearsal.systems import Systems
from workflows.rehearsal.world import Published, World


def _set(name: str, at: str, value: Any, **more: Any) -> Set:
    return Set(name=name, path=f"{at}/{name}", value=template(value), **more)


TASKS: tuple[Task, ...] = (
    _set("never", "/do/0", 1, condition=Expression("false")),
    Try(
        name="attempt",
        path="/do/1/attempt",
        tasks=(
            Raise(
                name="fail",
                path="/do/1/attempt/try/0/fail",
                error=Literal({"type": "https://example.org/broken", "status": 400}),
            ),
        ),
        catch=Catch(),
    ),
    Fork(
        name="race",
        path="/do/2/race",
        compete=True,
        branches=(
            Wait(
                name="slow",
                path="/do/2/race/fork/branches/0/slow",
                duration=Literal({"hours": 1}),
            ),
            _set("fast", "/do/2/race/fork/branches/1", "won"),
        ),
    ),
)


@pytest.mark.parametrize("restart", [False, True])
def test_every_task_is_started_once_and_comes_to_one_end(restart: bool) -> None:
    """Skipped, completed, faulted, cancelled: also where the case goes on from snapshots."""
    plan = Plan("tests", "watched", "1.0.0", TASKS)
    world = World(
        start=MONDAY,
        definitions={plan.name: Published(plan, "digest")},
        organization={},
        systems=Systems({}),
        restart=restart,
    )
    heard: list[tuple[str, str, Any]] = []
    world.witnesses.append(lambda case, phase, task, value: heard.append((phase, task.name, value)))
    world.open(plan.name, "watched:1", None)
    world.run()

    assert [(phase, name) for phase, name, _ in heard] == [
        ("skipped", "never"),
        ("started", "attempt"),
        ("started", "fail"),
        ("faulted", "fail"),
        ("completed", "attempt"),
        ("started", "race"),
        ("started", "slow"),
        ("started", "fast"),
        ("completed", "fast"),
        ("cancelled", "slow"),
        ("completed", "race"),
    ]
    assert heard[-1][2] == "won"
    assert heard[3][2]["instance"] == "/do/1/attempt/try/0/fail"
