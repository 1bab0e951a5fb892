"""The standard's conformance test kit, every scenario, in both runtimes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from language.plan import Plan
from tests.conftest import Namespace
from tests.foreign.corpora import files, needed
from tests.foreign.ctk import Scenario, Step, claim_of, judge, scenarios
from tests.foreign.running import Happened, Run, rehearse, run_on_server
from tests.foreign.stub import Stub
from tests.foreign.verdicts import Verdict

FOUND = [each for file in files("ctk", "*.feature") for each in scenarios(file)]
SCENARIO = pytest.mark.parametrize("scenario", FOUND, ids=str)


def held(verdict: Verdict) -> None:
    """Right, and nothing else."""
    assert verdict.kind == "right", verdict


def test_there_are_scenarios() -> None:
    """Skips with a reason where the folder is absent."""
    needed("ctk", "*.feature")
    assert FOUND


@SCENARIO
def test_in_the_rehearsal_world(scenario: Scenario) -> None:
    """Everything that the scenario claims, on the virtual clock."""
    held(judge(scenario, lambda plan, _, given: rehearse(plan, given, Stub())))


@SCENARIO
def test_from_every_snapshot(scenario: Scenario) -> None:
    """The same where the case starts again from each legal snapshot."""
    held(judge(scenario, lambda plan, _, given: rehearse(plan, given, Stub(), restart=True)))


@SCENARIO
@pytest.mark.server
def test_on_a_temporal_server(scenario: Scenario, namespace: Namespace, tmp_path: Path) -> None:
    """The same, published and started through our doors on a worker as in production."""
    times = iter(range(100))

    def run(plan: Plan, source: str, given: Any) -> Run:
        folder = tmp_path / str(next(times))
        return run_on_server(namespace, folder, plan, source, given, Stub())

    held(judge(scenario, run))


# --- the steps themselves ---------------------------------------------------------------------------


def _run(ends: str = "completed", output: Any = None, error: Any = None) -> Run:
    history = [
        Happened("started", "first", "/do/0/first", None),
        Happened("completed", "first", "/do/0/first", {"a": 1}),
        Happened("started", "second", "/do/1/second", None),
        Happened("faulted", "second", "/do/1/second", {"type": "t", "status": 400}),
        Happened("started", "third", "/do/2/third", None),
        Happened("cancelled", "third", "/do/2/third", None),
    ]
    return Run(ends, output, error, history)


OUTPUT = {"a": {"b": [1, 2]}, "c": None}
ERROR = {"type": "t", "status": 400, "detail": "d"}


@pytest.mark.parametrize(
    ("text", "below", "run", "holds"),
    [
        ("the workflow should cancel", None, _run("cancelled"), True),
        ("the workflow should cancel", None, _run(), False),
        ("the workflow should complete", None, _run(), True),
        ("the workflow should complete", None, _run("faulted"), False),
        ("the workflow should complete with output:", "a: {b: [1, 2]}\nc: null", _run(output=OUTPUT), True),
        ("the workflow should complete with output:", "a: {b: [1]}\nc: null", _run(output=OUTPUT), False),
        ("the workflow should complete with output:", "true", _run(output=1), False),
        ("the workflow should fault", None, _run("faulted"), True),
        ("the workflow should fault", None, _run("cancelled"), False),
        ("the workflow should fault with error:", "status: 400\ntype: t", _run("faulted", None, ERROR), True),
        ("the workflow should fault with error:", "status: 401", _run("faulted", None, ERROR), False),
        ("the workflow output should have properties 'a', 'a.b', 'c'", None, _run(output=OUTPUT), True),
        ("the workflow output should have properties 'a', 'a.x'", None, _run(output=OUTPUT), False),
        ("the workflow output should have properties 'a'", None, _run("faulted", OUTPUT), False),
        ("the workflow output should have a 'a.b' property with value:", "[1, 2]", _run(output=OUTPUT), True),
        ("the workflow output should have a 'a.b' property with value:", "[2, 1]", _run(output=OUTPUT), False),
        ("the workflow output should have a 'a.b' property containing 2 items", None, _run(output=OUTPUT), True),
        ("the workflow output should have a 'a.b' property containing 1 items", None, _run(output=OUTPUT), False),
        ("first should run first", None, _run(), True),
        ("second should run first", None, _run(), False),
        ("third should run last", None, _run(), True),
        ("second should run last", None, _run(), False),
        ("first should run before third", None, _run(), True),
        ("third should run before first", None, _run(), False),
        ("third should run after second", None, _run(), True),
        ("second should run after nothing", None, _run(), False),
        ("third should cancel", None, _run(), True),
        ("first should cancel", None, _run(), False),
        ("first should complete", None, _run(), True),
        ("second should complete", None, _run(), False),
        ("first should complete with output:", "a: 1", _run(), True),
        ("first should complete with output:", "a: 2", _run(), False),
        ("second should fault", None, _run(), True),
        ("first should fault", None, _run(), False),
        ("second should fault with error:", "status: 400", _run(), True),
        ("second should fault with error:", "status: 500", _run(), False),
    ],
)  # fmt: skip
def test_a_step_says_when_it_does_not_hold(
    text: str, below: str | None, run: Run, holds: bool
) -> None:
    """Every step that the kit's README documents can hold and can fail."""
    said = claim_of(Step(text, below))(run)

    assert (said == "") == holds, said
