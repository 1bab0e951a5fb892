"""`wait`: a span of elapsed time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from language.plan import Wait
from service.instants import read_instant, write_instant
from workflows.interpreter.bell import wait_until
from workflows.interpreter.due import elapsed
from workflows.interpreter.scope import Point

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun
    from workflows.interpreter.frames import Frame
    from workflows.interpreter.scope import Scope


async def run(
    run: CaseRun, task: Wait, frame: Frame, given: Any, scope: Scope
) -> tuple[Any, str | None]:
    """Wait; the deadline is counted once, from the task's start."""
    if "until" not in frame:
        point = Point.inside(run, task, scope, given)
        span = elapsed(point.evaluate(task.duration, given), task.path)
        frame["until"] = write_instant(run.now() + span)
    run.waiting(task, f"waits until {frame['until']}", scope)
    await wait_until(run.effects, run.bell, lambda: False, read_instant(frame["until"]), task.name)
    return given, None
