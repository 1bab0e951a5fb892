"""What the interpreter costs per task, without Temporal: long flows in the rehearsal world.

.venv/bin/python -m bench.interpreter
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import click

from bench.measure import Spread
from language.compile import compile_definition
from language.plan import Plan
from workflows.rehearsal.systems import Systems
from workflows.rehearsal.world import Published, World

TASKS = 200
START = datetime(2026, 3, 2, 9, tzinfo=UTC)

SHAPES: Mapping[str, Callable[[int], str]] = {
    "set, an object with two expressions": (
        lambda n: f"t{n}: {{ set: {{ n: '${{ (.n // 0) + 1 }}', of: '${{ $case.id }}' }} }}"
    ),
    "switch, two conditions": (
        lambda n: (
            f"t{n}: {{ switch: [ {{ a: {{ when: '${{ .n == 0 }}', then: continue }} }},"
            f" {{ b: {{ then: continue }} }} ] }}"
        )
    ),
    "call, a function that decides": (
        lambda n: f"t{n}: {{ call: case.update, with: {{ data: {{ at: {n} }} }} }}"
    ),
    "call, an action": (
        lambda n: (
            f"t{n}: {{ call: ticket.comment,"
            f" with: {{ ticket: T-1, text: 'Step {n}', visibility: internal }} }}"
        )
    ),
}


def plan_of(task: Callable[[int], str]) -> Plan:
    """A definition of so many equal tasks, compiled."""
    tasks = "\n".join(f"  - {task(number)}" for number in range(TASKS))
    text = (
        "document: { dsl: '1.0.3', namespace: bench, name: long, version: '1.0.0',"
        " metadata: { owner: lin } }\ndo:\n" + tasks + "\n"
    )
    plan, findings = compile_definition(text, "process.yaml")
    assert plan is not None, findings
    return plan


def seconds(plan: Plan) -> float:
    """How long one case of the plan takes from its start to its end."""
    world = World(START, {"long": Published(plan, "digest")}, {}, Systems({}))
    begun = time.perf_counter()
    world.open("long", "long:1", {})
    world.run()
    taken = time.perf_counter() - begun
    outcome: Mapping[str, Any] = world.outcome("long:1")
    assert outcome["as"] == "completed", outcome
    world.close()
    return taken


def main() -> None:
    """Take the figures and print them."""
    parser = argparse.ArgumentParser(prog="bench.interpreter", description=__doc__)
    parser.add_argument("--times", type=int, default=15)
    arguments = parser.parse_args()
    click.echo(f"A task in a flow of {TASKS} equal ones, without Temporal, medians [low .. high]:")
    for name, task in SHAPES.items():
        plan = plan_of(task)
        seconds(plan)  # what is compiled and cached is so for every case but the first
        taken = Spread.of([seconds(plan) / TASKS * 1e6 for _ in range(arguments.times)])
        click.echo(f"  {name:38} {taken.show(0, 'µs')}")


if __name__ == "__main__":
    main()
