"""When something is due: the three ways in which a definition says it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from service.durations import parse_duration
from service.errors import DurationInvalid
from service.instants import read_instant, write_instant
from workflows.effects import ActionFailed
from workflows.interpreter.errors import CaseError

if TYPE_CHECKING:
    from workflows.interpreter.case_run import CaseRun


async def due_at(
    run: CaseRun, value: Any, summary: str, group: str | None = None, instance: str = "/"
) -> datetime:
    """The instant that a due time means: a duration, `{at: time}` or `{clock: name}`.

    Business time counts in the duration's own calendar, else the group's, else the definition's.

    Raises:
        CaseError: the value cannot be understood, the calendar is unknown, or the clock has no
            deadline now.
    """
    if isinstance(value, dict) and set(value) == {"at"}:
        try:
            return read_instant(value["at"])
        except (TypeError, ValueError) as error:
            raise CaseError.of(
                "validation",
                f"{value['at']!r} is not a time such as 2026-03-02T09:00:00Z",
                instance,
            ) from error
    if isinstance(value, dict) and set(value) == {"clock"}:
        await run.clocks.settled()
        deadline = run.clocks.deadline(value["clock"])
        if deadline is None:
            raise CaseError.of(
                "validation", f"the clock {value['clock']} has no deadline now", instance
            )
        return deadline
    try:
        duration = parse_duration(value)
    except DurationInvalid as error:
        raise CaseError.of("validation", str(error), instance) from error
    if not duration.is_business:
        return run.now() + duration.elapsed
    try:
        result = await run.read(
            "calendar.deadline",
            {
                "calendar": duration.calendar or run.plan.rules.calendar,
                "from": write_instant(run.now()),
                "duration": value,
                **({} if group is None else {"group": group}),
            },
            summary,
        )
    except ActionFailed as error:
        raise CaseError.of("configuration", error.detail, instance) from error
    return read_instant(result["at"])


def elapsed(value: Any, instance: str) -> timedelta:
    """A plain duration of the standard as a span of time.

    Raises:
        CaseError: type `validation`; business time has no place where the standard's stands.
    """
    try:
        duration = parse_duration(value)
    except DurationInvalid as error:
        raise CaseError.of("validation", str(error), instance) from error
    if duration.is_business:
        raise CaseError.of(
            "validation", "business time is not possible here: no calendar applies", instance
        )
    return duration.elapsed
