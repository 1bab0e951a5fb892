"""`set`: the task's output is the given value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from language.plan import Set
from workflows.interpreter.scope import Point

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun
    from workflows.interpreter.scope import Scope


def run(run: CaseRun, task: Set, given: Any, scope: Scope) -> tuple[Any, str | None]:
    """Evaluate the value; nothing of the input is kept."""
    return Point.inside(run, task, scope, given).evaluate(task.value, given), None
