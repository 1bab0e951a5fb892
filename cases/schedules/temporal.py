"""A declared schedule as a Schedule of Temporal, and what is read back from one.

The id of a case is `<definition>:<schedule>-<time>`: Temporal adds the time for which a start was
meant, so that it starts once, whatever is missed, repeated or done again by hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.client import (
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleCalendarSpec,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
)

from cases.opening import LONGEST_SUMMARY, TASK_QUEUE
from cases.schedules.wanted import Wanted
from language.cron import read_cron
from service.digests import digest_of
from service.schedules.declared import Declared
from service.schedules.timing import read_time, read_zone, skipped_days

PREFIX = "caseway:"
YEARS_AHEAD = 3
"""For so long the nights are known in which no clock shows a rule's time."""

NEVER = datetime(2099, 12, 31, tzinfo=UTC)
"""A Schedule without any time to come is removed by the server after a week."""

OVERLAPS: Mapping[str, ScheduleOverlapPolicy] = {
    "allow": ScheduleOverlapPolicy.ALLOW_ALL,
    "skip": ScheduleOverlapPolicy.SKIP,
    "buffer-one": ScheduleOverlapPolicy.BUFFER_ONE,
}


def schedule_id(definition: str, name: str) -> str:
    """Id of the Schedule."""
    return f"{PREFIX}{definition}:{name}"


def names_in(schedule: str) -> tuple[str, str] | None:
    """(definition, schedule) of a Schedule's id; None where it is not ours."""
    definition, colon, name = schedule.removeprefix(PREFIX).rpartition(":")
    return (definition, name) if schedule.startswith(PREFIX) and colon else None


def memo_of(wanted: Wanted, year: int) -> dict[str, Any]:
    """What each case is told of the schedule that started it; `digest` is of all that it says."""
    each = wanted.declared
    said = each.to_json() | {"decides": each.decides, "says": each.says}
    more = {
        "title": wanted.title,
        "input": each.input,
        "catchUp": each.catch_up.total_seconds(),
        "jitter": each.jitter.total_seconds(),
        "skipped": [at.isoformat() for at in _skipped(each, year)],
    }
    return said | {"digest": digest_of(said | more)}


def as_schedule(wanted: Wanted, now: datetime) -> Schedule:
    """The Schedule of a declared one."""
    each = wanted.declared
    return Schedule(
        action=ScheduleActionStartWorkflow(
            each.definition,
            each.input,
            id=f"{each.definition}:{each.name}",
            task_queue=TASK_QUEUE,
            memo={"by": f"schedule {each.name}", "schedule": memo_of(wanted, now.year)},
            # No search attributes: whether it is a case is decided when it begins.
            static_summary=f"{wanted.title} ({each.name})"[:LONGEST_SUMMARY],
        ),
        spec=_spec(each, now),
        policy=SchedulePolicy(
            overlap=_overlap(each),
            catchup_window=each.catch_up,
        ),
    )


def at_instants(instants: Sequence[datetime]) -> list[ScheduleCalendarSpec]:
    """Calendars of single seconds."""
    return [
        ScheduleCalendarSpec(
            year=[ScheduleRange(at.year)],
            month=[ScheduleRange(at.month)],
            day_of_month=[ScheduleRange(at.day)],
            hour=[ScheduleRange(at.hour)],
            minute=[ScheduleRange(at.minute)],
            second=[ScheduleRange(at.second)],
        )
        for at in instants
    ]


def _overlap(each: Declared) -> ScheduleOverlapPolicy:
    if each.decides and each.overlap == "buffer-one":
        # A start that turns out to be none must not take the place of one; see `waiting`.
        return ScheduleOverlapPolicy.BUFFER_ALL
    return OVERLAPS[each.overlap]


def _spec(each: Declared, now: datetime) -> ScheduleSpec:
    match each.kind:
        case "every":
            return ScheduleSpec(
                intervals=[ScheduleIntervalSpec(every=each.interval)], jitter=_jitter(each)
            )
        case "cron":
            return ScheduleSpec(
                cron_expressions=list(read_cron(each.text)),
                time_zone_name=each.zone,
                jitter=_jitter(each),
            )
        case "after":
            return ScheduleSpec(calendars=at_instants([NEVER]))
        case _:
            at = read_time(each.at)
            daily = ScheduleCalendarSpec(
                hour=[ScheduleRange(at.hour)], minute=[ScheduleRange(at.minute)]
            )
            return ScheduleSpec(
                # Temporal leaves out a time that no clock shows: a case that is due must not be.
                calendars=[daily, *at_instants(_skipped(each, now.year))],
                time_zone_name=each.zone,
                jitter=_jitter(each),
            )


def _jitter(each: Declared) -> timedelta | None:
    return each.jitter or None


def _skipped(each: Declared, year: int) -> tuple[datetime, ...]:
    if each.kind != "rule":
        return ()
    return skipped_days(read_time(each.at), read_zone(each.zone), year, YEARS_AHEAD)
