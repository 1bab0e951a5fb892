"""The improvement register in every runtime: the same acts, noted once."""

from __future__ import annotations

import asyncio
import textwrap
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Namespace
from tests.workflows.in_world import Outcome, run_in_world
from tests.workflows.on_server import Activities, connect, run_on_server, worker_on
from tests.workflows.register_scenarios import CYCLE, IMPROVING
from tests.workflows.scenarios import Scenario, definition
from tests.workflows.test_rehearsal_runtime import check
from workflows.rehearsal.runner import Result, rehearse
from workflows.rehearsal.world import Published


@pytest.mark.parametrize("scenario", IMPROVING, ids=lambda each: each.name)
def test_scenario_ends_as_it_must(scenario: Scenario) -> None:
    """Each acts with its keys, in its order, and ends with its output."""
    check(scenario, run_in_world(scenario))


@pytest.mark.parametrize("scenario", IMPROVING, ids=lambda each: each.name)
def test_snapshot_and_resume_change_nothing(scenario: Scenario) -> None:
    """From a snapshot at each legal point it does and tells the same."""
    straight = run_in_world(scenario)
    resumed = run_in_world(scenario, restart=True)

    assert resumed.snapshots
    assert (straight.actions, straight.arguments, straight.ends, straight.output) == (
        resumed.actions, resumed.arguments, resumed.ends, resumed.output,
    )  # fmt: skip
    assert noted(straight) == noted(resumed)


def test_scenarios_do_the_same_on_the_server(namespace: Namespace) -> None:
    """Actions, keys, arguments and ends do not depend on the runtime."""

    async def run() -> None:
        client = await connect(namespace)
        activities = Activities(IMPROVING)
        async with worker_on(client, activities, sandbox=True):
            for scenario in IMPROVING:
                outcome = await run_on_server(client, activities, scenario)
                check(scenario, outcome)
                assert run_in_world(scenario).arguments == outcome.arguments, scenario.name

    asyncio.run(run())


def noted(outcome: Outcome) -> list[tuple[str, Any]]:
    """What the audit says of improvements."""
    lines = {line["n"]: line for write in outcome.writes for line in write["audit"]}
    return [
        (each["text"], each.get("reason"))
        for each in lines.values()
        if each["kind"] == "improvement"
    ]


def test_the_audit_says_what_was_entered_and_shown() -> None:
    """With the reason, and with the id of the entry."""
    assert noted(run_in_world(CYCLE)) == [
        ("Less: proposed", None),
        ("improvement-1: done, better, target reached", "measured"),
    ]


WHOLE = definition(
    "cycle",
    """
    do:
      - before: { call: report.kpi, with: { kpi: backlog, period: '2026-02' } }
      - enter:
          call: register.add
          with: { title: Less, kpi: backlog, target: 4, period: { days: 30 }, baseline: '${ $case.results.before }' }
      - measuring: { call: wait-for, with: { after: { days: 30 } } }
      - after: { call: report.kpi, with: { kpi: backlog, period: '2026-03' } }
      - check:
          call: register.update
          with: { entry: '${ $case.results.enter.id }', result: '${ $case.results.after }', status: done }
    output: { as: '${ $case.results.check | [.status, .comparable, .change, .improved, .reached] }' }
    """,
    "{ owner: lin }",
)


def figure(value: float, digest: str = "d1") -> dict[str, Any]:
    """Give a stub of a figure."""
    return {
        "returns": {
            "kpi": "backlog", "value": value, "n": 1, "unit": "cases", "better": "lower",
            "digest": digest, "period": {"from": "2026-02-01T00:00:00Z", "until": "2026-03-01T00:00:00Z"},
            "closed": True, "comparable": None, "reached": None,
        }
    }  # fmt: skip


def rehearsed(*figures: dict[str, Any], plan: Scenario = WHOLE, **more: Any) -> Result:
    """Rehearse a whole improvement."""
    setting = {"at": "2026-03-02T09:00:00Z", "input": {}, "stubs": {"report.kpi": list(figures)}}
    published = {"cycle": Published(plan.plan, "digest")}
    return rehearse("cycle", {**setting, **more}, published, {"people": {"lin": {"name": "Lin"}}})


@pytest.mark.parametrize(
    ("now", "judged"),
    [
        (figure(3), ["done", True, -6, True, True]),
        (figure(5), ["done", True, -4, True, False]),
        (figure(3, "d2"), ["done", False, None, None, None]),
    ],
)
def test_a_rehearsal_keeps_a_register(now: dict[str, Any], judged: list[Any]) -> None:
    """What is not stubbed is compared as live: only where both figures count the same."""
    result = rehearsed(figure(9), now)

    assert result.problems == []
    assert result.outcome["output"] == judged


def test_a_drill_enters_nothing() -> None:
    """Its result is of the same form, and says nothing of a measurement."""
    assert rehearsed(figure(9), figure(3), drill=True).outcome["output"] == [
        "done", None, None, None, None,
    ]  # fmt: skip


PAGE = (Path(__file__).parents[2] / "docs" / "figures.md").read_text(encoding="utf-8")
EXAMPLE = "- before:" + PAGE.split("```yaml\n- before:", 1)[1].split("```", 1)[0]


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (figure(28000), [True, -8000, True, "done"]),
        (figure(36000), [True, 0, False, "dropped"]),
        (figure(28000, "d2"), [False, None, None, "dropped"]),
    ],
)
def test_the_example_of_the_guide_runs(now: dict[str, Any], said: list[Any]) -> None:
    """It measures, waits for thirty days, measures again, and judges."""
    output = (
        "output: { as: '${ $case.results | [.check.comparable, .check.change, .check.reached,"
        " (.standardize // .drop).status] }' }"
    )
    text = "do:\n" + textwrap.indent(EXAMPLE, "  ") + output
    improvement = definition("cycle", text, "{ owner: support-manager }")

    result = rehearsed(figure(36000), now, plan=improvement)

    assert result.problems == []
    assert result.outcome["output"] == said
