"""`raise`: an error object of the definition's own."""

from __future__ import annotations

import json
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
    error = Point.inside(run, task, scope, given).evaluate(task.error, given)
    if not isinstance(error, dict):
        raise CaseError.of("validation", "raise.error must give an object", task.path)
    if run.level >= 2:
        _check(error, task)
    raise CaseError({**error, "instance": error.get("instance") or task.path})


def _check(error: dict[str, Any], task: Raise) -> None:
    """An error that others catch by type and status must have both.

    Raises:
        CaseError: type `validation`.
    """
    problems = [
        f"{name} must be {kind}, not {json.dumps(error.get(name), ensure_ascii=False)[:80]}"
        for name, kind, right in (
            ("type", "an address", isinstance(error.get("type"), str)),
            (
                "status",
                "a whole number",
                isinstance(error.get("status"), int) and not isinstance(error["status"], bool),
            ),
            *(
                (name, "text", error.get(name) is None or isinstance(error[name], str))
                for name in ("title", "detail", "instance")
            ),
        )
        if not right
    ]
    if problems:
        raise CaseError.of("validation", "raise.error: " + "; ".join(problems), task.path)
