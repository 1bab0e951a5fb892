"""What every task goes through, in the standard's order; the bodies are in `tasks/`."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from language.plan import Call, Listen, RunWorkflow, Task, Transform
from service.forms import check
from service.instants import read_instant, write_instant
from workflows.interpreter.deadline import within
from workflows.interpreter.due import elapsed
from workflows.interpreter.errors import CaseError
from workflows.interpreter.extensions import run_extended
from workflows.interpreter.hold import hold
from workflows.interpreter.scope import Point, Scope
from workflows.interpreter.undoable import is_undoable

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun
    from workflows.interpreter.frames import Frame


async def run_task(
    run: CaseRun, task: Task, frame: Frame, raw: Any, scope: Scope
) -> tuple[Any, str]:
    """Run one task from its frame's place.

    Returns:
        The transformed output, and the flow directive to follow.

    Raises:
        CaseError: the task failed, and nothing holds the case here.
    """
    lifecycle = run.lifecycle
    try:
        output, then = await _until_done(run, task, frame, raw, scope)
    except CaseError as error:
        run.witness("faulted", task, error.error)
        lifecycle.task("faulted", task, _number(run, task, frame), scope, error=error.error)
        raise
    except asyncio.CancelledError:
        if not run.dropped:
            run.witness("cancelled", task)
            if "n" in frame:
                lifecycle.task("cancelled", task, frame["n"], scope)
        raise
    run.witness("completed" if "n" in frame else "skipped", task, output)
    if "n" in frame:
        if isinstance(task, Listen):
            lifecycle.case("correlation-completed", **_correlated(frame))
        lifecycle.task("completed", task, frame["n"], scope)
    return output, then


def _correlated(frame: Frame) -> dict[str, Any]:
    """The correlation values that a listening task was given, or took from its events."""
    gathered = frame.child("body").get("gathered") or {}
    keys = gathered.get("expected")
    return {"correlationKeys": dict(keys)} if keys else {}


def _number(run: CaseRun, task: Task, frame: Frame) -> int:
    """The occurrence of a task, of one that has not begun the next."""
    n: int = frame.get("n") or run.state.occurrences.get(task.path, 0) + 1
    return n


async def _until_done(
    run: CaseRun, task: Task, frame: Frame, raw: Any, scope: Scope
) -> tuple[Any, str]:
    error: CaseError | None = None
    place = scope.place_of(task)
    if run.level >= 7 and place in run.state.held:
        # It was held before a snapshot, and is until somebody decides.
        error = CaseError(run.state.held[place]["error"])
    while True:
        try:
            if error is not None:
                raise error
            try:
                return await _attempt(run, task, frame, raw, scope)
            finally:
                run.rested(task)
        except CaseError as raised:
            if _goes_up(run, raised, scope):
                raise
            error = None
            decision = await _held(run, task, frame, raised, scope)
            if decision["act"] == "skip":
                value = decision.get("value")
                run.finished(task, value)
                if value is not None and "n" in frame:
                    # Somebody has done it by hand, and this is what came of it.
                    run.undoing.finished(task, frame["n"], value, scope)
                return value, task.then
            if not keeps_result(task):
                # A function's memory says what is done already; a block starts its parts anew.
                frame.drop("body")
            if run.level >= 2:
                frame.drop("deadline")


async def _held(
    run: CaseRun, task: Task, frame: Frame, error: CaseError, scope: Scope
) -> dict[str, Any]:
    """Hold the case here, which the standard calls suspended, until somebody resumes it.

    Raises:
        CaseError: as `hold`.
    """
    n = _number(run, task, frame)
    if scope.place_of(task) not in run.state.held:
        frame["holds"] = frame.get("holds", 0) + 1
        mark = _again(frame["holds"])
        run.lifecycle.task("suspended", task, n, scope, mark=mark)
        if not scope.beside:
            run.lifecycle.case("suspended")
    decision = await hold(run, task, frame, error, scope)
    run.lifecycle.task("resumed", task, n, scope, mark=_again(frame["holds"]))
    if not scope.beside:
        run.lifecycle.case("resumed")
    return decision


def _again(count: int) -> str:
    return "" if count == 1 else f".{count}"


def _goes_up(run: CaseRun, error: CaseError, scope: Scope) -> bool:
    """Whether an error leaves its task: a `try` catches it, or nothing holds the case here."""
    caught = not error.uncatchable and scope.catches(error.error)
    return error.final or caught or not run.holds(scope)


async def _attempt(
    run: CaseRun, task: Task, frame: Frame, raw: Any, scope: Scope
) -> tuple[Any, str]:
    if "n" not in frame:
        if run.suspension.delays(scope):
            await run.suspension.over(scope)
        point = Point(run, scope, task.path, task=task, raw=raw)
        if task.condition is not None and not point.holds(task.condition, raw):
            run.skipped(task)
            run.passed(f"{task.path}?skipped")
            return raw, "continue"
        if run.state.announces and "created" not in frame:
            frame["created"] = True
            run.lifecycle.task("created", task, _number(run, task, frame), scope)
        validate(task.input, raw, task.path, "input")
        given = point.evaluate(task.input.value, raw)
        _limit(run, task, frame, given, scope.of_task(raw, write_instant(run.now())))
        frame["raw"] = raw
        frame["input"] = given
        frame["since"] = write_instant(run.now())
        frame["n"] = run.occurrence(task.path)
        run.undoing.began(task, frame["n"])
        run.passed(task.path)
        run.witness("started", task, given)
        run.lifecycle.task("started", task, frame["n"], scope)
        if isinstance(task, Listen):
            run.lifecycle.case("correlation-started")
    given = frame["input"]
    inner = scope.of_task(frame["raw"], frame["since"], frame["n"])
    if "deadline" not in frame:
        _limit(run, task, frame, given, inner)
    if task.extensions:
        body = run_extended(run, task, frame, given, inner)
    else:
        body = run.body(task, frame.child("body"), frame["n"], given, inner)
    if "deadline" in frame:
        error = CaseError.of("timeout", f"{task.name} took longer than allowed", task.path)
        output, then = await within(run, read_instant(frame["deadline"]), body, task.name, error)
    else:
        output, then = await body
    run.finished(task, output)
    if "finished" not in frame and is_undoable(task):
        frame["finished"] = True
        run.undoing.finished(task, frame["n"], output, scope)
    ended = Point(
        run,
        scope,
        task.path,
        given,
        task=task,
        raw=frame["raw"],
        raw_output=output,
        since=frame["since"],
    )
    if task.output.value is not None:
        point = ended if run.level >= 2 else replace(ended, output=output)
        output = point.evaluate(task.output.value, output)
    validate(task.output, output, task.path, "output")
    if task.export.value is not None:
        point = replace(ended, output=output)
        if run.level < 2:
            point = replace(point, raw_output=output)
        context = point.evaluate(task.export.value, output)
        validate(task.export, context, task.path, "export")
        run.state.context = context
    return output, task.then if then is None else then


def _limit(run: CaseRun, task: Task, frame: Frame, given: Any, scope: Scope) -> None:
    """Count the task's time limit from now."""
    if task.timeout is not None:
        point = (
            Point.inside(run, task, scope, given)
            if run.level >= 2
            else Point(run, scope, task.path, task=task, raw=scope.raw)
        )
        span = elapsed(point.evaluate(task.timeout, given), task.path)
        frame["deadline"] = write_instant(run.now() + span)


def validate(transform: Transform, value: Any, instance: str, what: str) -> None:
    """Hold a value against the schema of an `input`, `output` or `export`.

    Raises:
        CaseError: type `validation`, with every problem.
    """
    if transform.schema is None:
        return
    problems = check(transform.schema, value)
    if problems:
        detail = "; ".join(f"{each.pointer or '/'}: {each.message}" for each in problems)
        raise CaseError.of("validation", f"{what} does not fit its schema: {detail}", instance)


def keeps_result(task: Task) -> bool:
    """Whether `$case.results` and `$case.runs` know this task."""
    return isinstance(task, Call | RunWorkflow)
