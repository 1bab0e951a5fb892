"""A snapshot that is wanted while an action is about to begin: the next run begins it, and once.

Going on in a new run, like migration, first lets no action begin. What a task has written down by
then must be enough for the next run to do the rest: nothing twice, nothing left out.
"""

from __future__ import annotations

import inspect
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

import pytest

from tests.workflows.approval_scenarios import APPROVALS
from tests.workflows.in_world import MONDAY, Fixed, run_in_world
from tests.workflows.scenarios import ORGANIZATION, Scenario, definition
from tests.workflows.work_item_scenarios import WORK_ITEM_SCENARIOS
from workflows.interpreter import doors
from workflows.interpreter.case_run import CaseRun
from workflows.rehearsal.world import Published, World

SCENARIOS = (*WORK_ITEM_SCENARIOS, *APPROVALS)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Hold each action of a case at the gate once, and go on from the snapshot taken there."""
    begun: dict[str, int] = {}
    held: set[tuple[str, str, str]] = set()
    inside, settle = CaseRun._inside, World.settle

    async def at_the_gate(self: CaseRun, effect: Coroutine[Any, Any, Any]) -> Any:
        kind = effect.__qualname__
        action = inspect.getcoroutinelocals(effect).get("action")
        about = str(begun.get(kind, 0)) if action is None else action.key
        place = (self.state.id, kind, about)
        if self.state.flow.get("begun") and not self.stopping:
            if place not in held:
                held.add(place)
                self.stopping = True
            else:
                begun[kind] = begun.get(kind, 0) + 1
        return await inside(self, effect)

    def from_there(self: World) -> None:
        settle(self)
        while waiting := [
            case
            for case in self.cases.values()
            if case.run.stopping and not case.run.in_flight and not case.task.done()
        ]:
            for case in waiting:
                self._restart(case)
            settle(self)

    monkeypatch.setattr(CaseRun, "_inside", at_the_gate)
    monkeypatch.setattr(World, "settle", from_there)
    return begun


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name)
def test_each_action_may_be_left_to_the_next_run(scenario: Scenario, gate: dict[str, int]) -> None:
    """The same actions with the same keys, the same end, and nothing said twice."""
    outcome = run_in_world(scenario)

    assert sum(gate.values()) >= len(scenario.actions)
    assert outcome.ends == scenario.ends
    assert sorted(outcome.actions) == sorted(scenario.actions)
    said = [(line["kind"], line["text"]) for line in outcome.view["timeline"]]
    once = [each for each in said if each[0] in ("reassigned", "overdue", "extended", "decided")]
    assert len(once) == len(set(once))


STEPS = definition(
    "in-steps",
    """
    do:
      - look:
          call: work-item
          with:
            title: Please look
            assign: { person: chen }
            due: { hours: 1 }
            onDue:
              - { after: { minutes: 1 }, reassign: { person: lin } }
              - { after: { businessHours: 1 }, answer: late }
            outcomes: { done: {}, late: {} }
    """,
    "{ owner: leads, calendar: office, statuses: { open: { phase: open } } }",
)


def test_the_next_step_of_an_overdue_item_is_counted_by_the_next_run(gate: dict[str, int]) -> None:
    """Its calendar was about to be read: the step still comes."""
    assert run_in_world(STEPS).output["outcome"] == "late"
    assert gate


CLAIMED = definition(
    "claimed-and-late",
    """
    do:
      - look:
          call: work-item
          with:
            title: Please look
            assign: { group: desk }
            due: { hours: 1 }
            onDue: { reassign: { person: lin } }
            outcomes: { done: {} }
    """,
    "{ owner: leads, statuses: { open: { phase: open } } }",
)


def test_whoever_had_claimed_a_late_item_hears_that_others_have_it() -> None:
    """Both sides are told: whom time gave it to, and whom it was taken from."""
    systems = Fixed(CLAIMED)
    world = World(
        start=MONDAY,
        definitions={CLAIMED.name: Published(CLAIMED.plan, "digest")},
        organization=ORGANIZATION,
        systems=systems,
    )
    world.open(CLAIMED.name, "claimed:1", None)

    def claims() -> None:
        run = world.cases["claimed:1"].run
        doors.claim(run, {"id": "c", "item": "look", "by": "chen"})

    world.loop.call_at((MONDAY + timedelta(minutes=5)).timestamp(), claims)
    world.run(MONDAY + timedelta(hours=2))

    told = [
        (done.arguments["kind"], done.arguments.get("who"), done.arguments["to"]["people"])
        for done in world.actions
    ]
    assert told[1:] == [
        ("reassigned", None, ["lin"]),
        ("withdrawn", {"person": "chen"}, ["lin"]),
    ]
