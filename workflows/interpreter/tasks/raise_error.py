"""`raise`: an error object of the definition's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from language.plan import Raise
from workflows.interpreter.errors import CaseError
from workflows.interpreter.scope import Point

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun
    from workflows.interpreter.scope import Scope


def run(run: CaseRun, task: Raise, given: Any, scope: Scope) -> tuple[Any, str | None]:
    """Always raises.

    Raises:
        CaseError: the evaluated error, `instance` being this task unless the error names one.
    """
    error = Point(run, scope, task.path, given, task=task, raw=given).evaluate(task.error, given)
    if not isinstance(error, dict):
        raise CaseError.of("validation", "raise.error must give an object", task.path)
    raise CaseError({**error, "instance": error.get("instance") or task.path})
