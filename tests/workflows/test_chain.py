"""The last action of a case that `schedule.after` has started, in the rehearsal world.

The same on a server, with real Schedules and killed workers: tests/cases/schedules/test_after.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from language.plan import CaseRules, Literal, Plan, ReopenRules, Trigger, Wait
from tests.workflows.in_world import MONDAY
from tests.workflows.scenarios import ORGANIZATION, STATUSES, Scenario
from workflows.interpreter import doors
from workflows.rehearsal.systems import Systems
from workflows.rehearsal.world import Published, World

CHAIN = {
    "name": "after", "kind": "after", "at": "2026-03-02T09:00:00Z", "why": "", "calendar": None,
    "digest": None,
}  # fmt: skip
NO_RULES = CaseRules()
REOPENS = CaseRules(
    statuses=STATUSES,
    reopen=ReopenRules(window={"hours": 1}, at="look", when=(Trigger(event="again"),)),
)


@dataclass(frozen=True)
class Swept:
    """A world with one case of a chain."""

    world: World

    @property
    def follows(self) -> list[dict[str, Any]]:
        """What was asked about the next case."""
        return [
            dict(each.arguments)
            for each in self.world.actions
            if each.function == "schedule.follow"
        ]

    @property
    def state(self) -> Any:
        """The case's state."""
        return self.world.cases["sweep:1"].run.state


def _plan(rules: CaseRules) -> Plan:
    look = Wait(name="look", path="/do/0", duration=Literal({"minutes": 10}))
    return replace(Scenario("sweep", (look,), rules=rules).plan, schedule={"after": {"hours": 2}})


def _swept(
    *,
    restart: bool,
    rules: CaseRules = NO_RULES,
    schedule: dict[str, Any] | None = CHAIN,
    stubs: dict[str, Any] | None = None,
) -> Swept:
    world = World(
        start=MONDAY,
        definitions={"sweep": Published(_plan(rules), "digest")},
        organization=ORGANIZATION,
        systems=Systems(stubs or {}),
        restart=restart,
    )
    world.open("sweep", "sweep:1", None, schedule=schedule)
    return Swept(world)


@pytest.mark.parametrize("restart", [False, True])
def test_its_end_sets_the_time_of_the_next_one(restart: bool) -> None:
    """Once, with the time for which it was started and the time at which it ended."""
    swept = _swept(restart=restart)
    swept.world.run()

    assert swept.follows == [
        {
            "definition": "sweep",
            "scheduled": "2026-03-02T09:00:00Z",
            "closed": "2026-03-02T09:10:00Z",
            "as": "completed",
        }
    ]
    lines = [each["text"] for each in swept.state.timeline if each["kind"] == "scheduled"]
    assert lines == [
        "after for 2026-03-02T09:00:00Z",
        "the next case starts at 2026-03-02T11:10:00Z",
    ]
    assert swept.state.ended["as"] == "completed"


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("schedule", [None, {**CHAIN, "kind": "every"}])
def test_other_cases_start_nothing(restart: bool, schedule: dict[str, Any] | None) -> None:
    """One that a person has started, or that starts every hour anyway."""
    swept = _swept(restart=restart, schedule=schedule)
    swept.world.run()

    assert swept.follows == []


@pytest.mark.parametrize("restart", [False, True])
def test_a_case_that_is_reopened_is_followed_once(restart: bool) -> None:
    """The next one starts when the flow has ended, not when it can no longer be reopened."""
    swept = _swept(restart=restart, rules=REOPENS)
    event = {"id": "e-1", "type": "again", "data": {}}
    late = (MONDAY + timedelta(minutes=30)).timestamp()
    swept.world.loop.call_at(late, swept.world.deliver, "sweep:1", event)
    swept.world.run()

    assert [each["closed"] for each in swept.follows] == ["2026-03-02T09:10:00Z"]
    assert swept.state.ended["as"] == "completed"


@pytest.mark.parametrize("restart", [False, True])
def test_a_cancelled_case_says_so(restart: bool) -> None:
    """Whoever keeps the chain decides what that means."""
    swept = _swept(restart=restart)
    swept.world.run(MONDAY + timedelta(minutes=5))
    doors.cancel(
        swept.world.cases["sweep:1"].run, {"id": "c-1", "reason": "not needed", "by": "lin"}
    )
    swept.world.run()

    assert [each["as"] for each in swept.follows] == ["cancelled"]
    assert swept.state.ended["as"] == "cancelled"
    assert swept.state.schedule["next"] == {"state": "paused", "at": None}


@pytest.mark.parametrize("restart", [False, True])
def test_a_case_ends_also_where_nothing_can_follow(restart: bool) -> None:
    """The failure is in its timeline, and what it did is done."""
    fails = {"schedule.follow": [{"fails": "Refused", "detail": "no such schedule"}]}
    swept = _swept(restart=restart, stubs=fails)
    swept.world.run()

    assert swept.state.ended["as"] == "completed"
    assert any(
        "could not be scheduled: no such schedule" in each["text"] for each in swept.state.timeline
    )
