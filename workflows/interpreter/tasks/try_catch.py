"""`try`: tasks whose errors are caught, retried and answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from language.plan import Retry, Try
from service.instants import read_instant, write_instant
from workflows.interpreter.bell import wait_until
from workflows.interpreter.deadline import within
from workflows.interpreter.due import elapsed
from workflows.interpreter.errors import CaseError, same_type
from workflows.interpreter.scope import Point, Scope
from workflows.interpreter.sequence import run_tasks

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun
    from workflows.interpreter.frames import Frame


async def run(
    run: CaseRun, task: Try, frame: Frame, given: Any, scope: Scope
) -> tuple[Any, str | None]:
    """Run the block, and what the catch says, from the frame's place.

    Raises:
        CaseError: not caught, or caught with retries that are used up and no tasks to answer it.
    """
    if "attempt" not in frame:
        frame["attempt"] = 1
        frame["since"] = write_instant(run.now())
        # A retry repeats occurrences instead of counting on: the keys of its actions stay.
        frame["counts"] = run.occurrences_under(task.path)

    def catches(error: dict[str, Any]) -> bool:
        return _catches(run, task, given, scope, error)

    while "caught" not in frame:
        if "retryAt" in frame:
            await wait_until(
                run.effects,
                run.bell,
                lambda: False,
                read_instant(frame["retryAt"]),
                f"retry of {task.name}",
            )
            frame.drop("retryAt")
            frame.drop("block")
            frame["attempt"] += 1
            run.lifecycle.task("retried", task, scope.n, scope, mark=f".{frame['attempt']}")
            run.reset_occurrences(task.path, frame["counts"])
        if "attemptSince" not in frame:
            frame["attemptSince"] = write_instant(run.now())
        try:
            output, then = await _attempt(run, task, frame, given, scope, catches)
        except CaseError as error:
            if error.final or error.uncatchable or not catches(error.error):
                raise
            frame.drop("block")
            frame.drop("attemptSince")
            frame.drop("attemptUntil")
            delay = _delay(run, task, frame, given, scope, error.error)
            if delay is not None:
                frame["retryAt"] = write_instant(run.now() + delay)
                run.note("retry", f"{task.name}: attempt {frame['attempt']} failed: {error}")
                continue
            if task.catch.retry is not None and not task.catch.tasks and not _goes_on(run, task):
                raise
            frame["caught"] = error.error
        else:
            return output, "end" if then == "end" else None
    inner = scope.named(**{task.catch.variable: frame["caught"]})
    output, then = await run_tasks(run, task.catch.tasks, frame.child("catch"), given, inner)
    if then == "end":
        return output, "end"
    return output, None if task.catch.then == "continue" else task.catch.then


def _goes_on(run: CaseRun, task: Try) -> bool:
    """Whether the error path leads somewhere though it has no tasks."""
    return run.level >= 2 and task.catch.then != "continue"


async def _attempt(
    run: CaseRun,
    task: Try,
    frame: Frame,
    given: Any,
    scope: Scope,
    catches: Callable[[dict[str, Any]], bool],
) -> tuple[Any, str]:
    """Run the block once, at most for as long as an attempt may take.

    Raises:
        CaseError: of a task of the block, or type `timeout`.
    """
    limit = task.catch.retry.attempt_duration if task.catch.retry else None
    if limit is not None and run.level >= 2 and "attemptUntil" not in frame:
        span = _span(Point.inside(run, task, scope, given), limit, given, task.path)
        frame["attemptUntil"] = write_instant(run.now() + span)
    inside = scope.caught_by(catches, frame["attempt"])
    block = run_tasks(run, task.tasks, frame.child("block"), given, inside)
    if "attemptUntil" not in frame:
        return await block
    late = CaseError.of("timeout", f"an attempt of {task.name} took longer than allowed", task.path)
    return await within(run, read_instant(frame["attemptUntil"]), block, task.name, late)


def _catches(run: CaseRun, task: Try, given: Any, scope: Scope, error: dict[str, Any]) -> bool:
    catch = task.catch
    point = _point(run, task, given, scope, error)
    if catch.errors_with is not None:
        wanted = point.evaluate(catch.errors_with, given)
        for name, value in wanted.items():
            # The schema names the field both ways in its versions.
            actual = error.get("detail" if name == "details" else name)
            equal = same_type(value, actual) if name == "type" else value == actual
            if not equal:
                return False
    if catch.when is not None and not point.holds(catch.when, given):
        return False
    return not (catch.except_when is not None and point.holds(catch.except_when, given))


def _point(run: CaseRun, task: Try, given: Any, scope: Scope, error: dict[str, Any]) -> Point:
    named = scope.named(**{task.catch.variable: error})
    return Point.inside(run, task, named, given)


def _delay(
    run: CaseRun, task: Try, frame: Frame, given: Any, scope: Scope, error: dict[str, Any]
) -> timedelta | None:
    """How long to wait before the next attempt, or None when there is none."""
    retry = task.catch.retry
    if retry is None:
        return None
    point = _point(run, task, given, scope, error)
    if retry.when is not None and not point.holds(retry.when, given):
        return None
    if retry.except_when is not None and point.holds(retry.except_when, given):
        return None
    attempt: int = frame["attempt"]
    if retry.attempts is not None and attempt > retry.attempts:
        return None
    delay = _backoff(retry, attempt, _span(point, retry.delay, given, task.path))
    delay += _jitter(run, task, point, retry, given, attempt)
    if retry.duration is not None:
        limit = read_instant(frame["since"]) + _span(point, retry.duration, given, task.path)
        if run.now() + delay > limit:
            return None
    return delay


def _span(point: Point, template: Any, given: Any, instance: str) -> timedelta:
    if template is None:
        return timedelta()
    return elapsed(point.evaluate(template, given), instance)


def _backoff(retry: Retry, attempt: int, delay: timedelta) -> timedelta:
    if retry.backoff == "linear":
        return delay * attempt
    if retry.backoff == "exponential":
        # 2 to the 30th of any delay is longer than a case lives, and must not overflow.
        return delay * int(2 ** min(attempt - 1, 30))
    return delay


def _jitter(
    run: CaseRun, task: Try, point: Point, retry: Retry, given: Any, attempt: int
) -> timedelta:
    if retry.jitter_to is None:
        return timedelta()
    low = _span(point, retry.jitter_from, given, task.path)
    high = _span(point, retry.jitter_to, given, task.path)
    return low + (high - low) * run.fraction(f"{task.path}#{attempt}")
