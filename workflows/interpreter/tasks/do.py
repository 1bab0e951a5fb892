"""`do`: a block of tasks in sequence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from language.plan import Do
from workflows.interpreter.sequence import run_tasks

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun
    from workflows.interpreter.frames import Frame
    from workflows.interpreter.scope import Scope


async def run(
    run: CaseRun, task: Do, frame: Frame, given: Any, scope: Scope
) -> tuple[Any, str | None]:
    """Run the block; `end` inside it ends the workflow."""
    output, then = await run_tasks(run, task.tasks, frame, given, scope)
    return output, "end" if then == "end" else None
