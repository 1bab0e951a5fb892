"""`switch`: the first case whose condition holds says where the flow goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from language.plan import Switch
from workflows.interpreter.scope import Point

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun
    from workflows.interpreter.scope import Scope


def run(run: CaseRun, task: Switch, given: Any, scope: Scope) -> tuple[Any, str | None]:
    """Follow the first matching case; without one, the task's own `then`."""
    point = Point.inside(run, task, scope, given)
    for case in task.cases:
        if case.when is not None and point.holds(case.when, given):
            run.passed(f"{task.path}={case.name}")
            return given, case.then
    for case in task.cases:
        if case.when is None:
            run.passed(f"{task.path}={case.name}")
            return given, case.then
    return given, None
