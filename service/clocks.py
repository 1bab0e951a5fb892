"""Service-level clocks: append-only segments, targets, and what follows from them at an instant.

An act adds to the segments and never changes what has passed; one that does not apply (pause of a
clock that does not run) gives the same clock, because events arrive at any time. Elapsed time is
the time in running segments of the present round: working time where the target is one, else
plain time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from service.calendars import Calendar
from service.durations import Duration, parse_duration
from service.instants import read_instant, write_instant

LATE_AFTER = timedelta(minutes=1)
"""A threshold that fires later than this after its instant is marked late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockState:
    """A clock. Times are ISO 8601 texts in UTC; lists are only added to."""

    name: str
    segments: tuple[Mapping[str, Any], ...] = ()
    """{from, to or null, state: running | paused | stopped, round}"""
    targets: tuple[Mapping[str, Any], ...] = ()
    """{version, at, target: duration or null, calendar or null}; the last one counts."""
    fired: tuple[Mapping[str, Any], ...] = ()
    """{threshold, version, round, due, at, late}: each once per target and round."""
    rounds: tuple[Mapping[str, Any], ...] = ()
    """Rounds that are over: {round, state, breachedAt or null, until}"""
    round: int = 1
    breached_at: str | None = None
    """When the target of this round passed first; a longer target does not take it back."""
    cancelled: bool = False

    @property
    def state(self) -> str:
        """idle, running, paused, met, breached or cancelled; a breach outranks what it does."""
        if self.cancelled:
            return "cancelled"
        if self.breached_at is not None:
            return "breached"
        return {None: "idle", "stopped": "met"}.get(self.activity) or str(self.activity)

    @property
    def activity(self) -> str | None:
        """running, paused or stopped, breached or not; None before the start."""
        return self.segments[-1]["state"] if self.segments else None

    @property
    def is_running(self) -> bool:
        """Whether time counts now."""
        return self.activity == "running" and not self.cancelled

    @property
    def is_open(self) -> bool:
        """Whether it has started and neither stopped nor been cancelled."""
        return self.activity in ("running", "paused") and not self.cancelled

    @property
    def target(self) -> Any:
        """The present target, a JSON duration or None."""
        return self.targets[-1]["target"] if self.targets else None

    @property
    def version(self) -> int:
        """Number of the present target, 0 before the start."""
        return int(self.targets[-1]["version"]) if self.targets else 0

    @property
    def calendar(self) -> str | None:
        """Name of the calendar in which the target counts."""
        return self.targets[-1]["calendar"] if self.targets else None

    def to_json(self) -> dict[str, Any]:
        """The clock as JSON, with what follows for readers: state, target and calendar."""
        return {
            "name": self.name,
            "state": self.state,
            "activity": self.activity,
            "target": self.target,
            "calendar": self.calendar,
            "segments": [dict(each) for each in self.segments],
            "targets": [dict(each) for each in self.targets],
            "fired": [dict(each) for each in self.fired],
            "rounds": [dict(each) for each in self.rounds],
            "round": self.round,
            "breachedAt": self.breached_at,
            "cancelled": self.cancelled,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ClockState:
        """The clock that `to_json` wrote."""
        return cls(
            name=data["name"],
            segments=tuple(data["segments"]),
            targets=tuple(data["targets"]),
            fired=tuple(data["fired"]),
            rounds=tuple(data["rounds"]),
            round=data["round"],
            breached_at=data["breachedAt"],
            cancelled=data["cancelled"],
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """What a clock says at an instant.

    `deadline` is None while it does not run; a threshold is None where it is not reached and
    cannot be foreseen. `breached_at` is when the target passed, recorded or not.
    """

    deadline: datetime | None
    elapsed: timedelta
    remaining: timedelta | None
    breached_at: datetime | None = None
    thresholds: Mapping[str, datetime | None] = field(default_factory=dict)

    @property
    def breached(self) -> bool:
        """Whether the target has passed: in time is what comes before the deadline."""
        return self.breached_at is not None


def start(state: ClockState, at: str, target: Any, calendar: str | None) -> ClockState:
    """Begin to run; a clock that has begun already is left alone."""
    if state.segments or state.cancelled:
        return state
    return replace(
        _switch(state, at, "running"),
        targets=({"version": 1, "at": at, "target": target, "calendar": calendar},),
    )


def pause(state: ClockState, at: str) -> ClockState:
    """Stop counting for a while: the deadline moves by its length."""
    return _switch(state, at, "paused") if state.is_running else state


def resume(state: ClockState, at: str) -> ClockState:
    """Go on counting."""
    if state.activity != "paused" or state.cancelled:
        return state
    return _switch(state, at, "running")


def stop(state: ClockState, at: str) -> ClockState:
    """End: met, or breached where that was recorded."""
    return _switch(state, at, "stopped") if state.is_open else state


def cancel(state: ClockState, at: str) -> ClockState:
    """End without a verdict, out of the figures; a breach stays in its record."""
    if state.cancelled or state.activity == "stopped":
        return state
    return replace(_switch(state, at, "stopped") if state.segments else state, cancelled=True)


def retarget(state: ClockState, at: str, target: Any, calendar: str | None = None) -> ClockState:
    """Another target for the same count; a recorded breach stays recorded.

    Thresholds fire anew for the new target. The same target gives the same clock.
    """
    calendar = calendar or state.calendar
    if not state.is_open or (target == state.target and calendar == state.calendar):
        return state
    following = {"version": state.version + 1, "at": at, "target": target, "calendar": calendar}
    return replace(state, targets=(*state.targets, following))


def restart(state: ClockState, at: str) -> ClockState:
    """Count from zero in a new round: an update clock after an update.

    A paused clock stays paused, at zero. One that has stopped or never began is left alone.
    """
    if not state.is_open:
        return state
    return _next_round(state, at, "running" if state.is_running else "paused")


def reopen(state: ClockState, at: str, policy: str) -> ClockState:
    """Go on after the end, as `onReopen` says; the time between does not count.

    `resume` counts on, `restart` counts from zero and keeps a breach, `new` begins a round with a
    verdict of its own.
    """
    if state.activity != "stopped" or state.cancelled:
        return state
    if policy == "resume":
        return _switch(state, at, "running")
    following = _next_round(state, at, "running")
    return following if policy == "new" else replace(following, breached_at=state.breached_at)


def breach(state: ClockState, at: str) -> ClockState:
    """Record that the target has passed; the first time counts."""
    return state if state.breached_at is not None else replace(state, breached_at=at)


def has_fired(state: ClockState, threshold: str) -> bool:
    """Whether a threshold has fired for this target in this round."""
    return any(
        (each["threshold"], each["version"], each["round"])
        == (threshold, state.version, state.round)
        for each in state.fired
    )


def fire(state: ClockState, threshold: str, due: datetime, now: datetime) -> ClockState:
    """Record that a threshold fired: once per target and round, late or not."""
    if has_fired(state, threshold):
        return state
    line = {
        "threshold": threshold,
        "version": state.version,
        "round": state.round,
        "due": write_instant(due),
        "at": write_instant(now),
        "late": now - due > LATE_AFTER,
    }
    return replace(state, fired=(*state.fired, line))


def elapsed(state: ClockState, calendar: Calendar | None, now: datetime) -> timedelta:
    """Time counted in the current round, until now."""
    business = _target(state).is_business
    total = timedelta()
    for segment in _round(state):
        if segment["state"] != "running":
            continue
        begin = read_instant(segment["from"])
        end = read_instant(segment["to"]) if segment["to"] else now
        if business and calendar is not None:
            total += calendar.elapsed(begin, end)
        else:
            total += max(end - begin, timedelta())
    return total


def read(
    state: ClockState,
    calendar: Calendar | None,
    now: datetime,
    thresholds: Mapping[str, Mapping[str, Any]],
) -> Reading:
    """What the clock says now.

    `thresholds` maps a name to `{elapsedPercent}` or `{remaining: duration}`.
    """
    recorded = None if state.breached_at is None else read_instant(state.breached_at)
    if not state.segments or state.cancelled or state.target is None:
        return Reading(None, timedelta(), None, recorded, dict.fromkeys(thresholds))
    counted = elapsed(state, calendar, now)
    total = _total(state, calendar)
    points: dict[str, datetime | None] = {}
    for name, threshold in thresholds.items():
        wanted = _at(state, calendar, threshold, total)
        if state.is_running or (state.is_open and counted >= wanted):
            points[name] = _when(state, calendar, now, counted, wanted)
        else:
            points[name] = None
    if recorded is None and counted >= total:
        # The deadline of working days lies at the next time of work, after all has been counted.
        reached = _passed(state, calendar, total)
        recorded = reached if reached <= _counted_until(state, now) else None
    return Reading(
        deadline=_when(state, calendar, now, counted, total) if state.is_running else None,
        elapsed=counted,
        remaining=total - counted,
        breached_at=recorded,
        thresholds=points,
    )


def _at(
    state: ClockState, calendar: Calendar | None, threshold: Mapping[str, Any], total: timedelta
) -> timedelta:
    """Elapsed time at which a threshold lies."""
    if threshold.get("elapsedPercent") is not None:
        return total * float(threshold["elapsedPercent"]) / 100
    before = parse_duration(threshold["remaining"])
    span = before.business_time if before.is_business else before.elapsed
    if before.business_days and calendar is not None:
        end = calendar.add_time(_anchor(state), total)
        span = calendar.elapsed(calendar.subtract_days(end, before.business_days), end)
    return max(total - span, timedelta())


def _when(
    state: ClockState,
    calendar: Calendar | None,
    now: datetime,
    counted: timedelta,
    wanted: timedelta,
) -> datetime:
    """When so much will have been counted; the past where it has been already."""
    if counted < wanted:
        target = _target(state)
        if target.is_business and calendar is not None:
            at = calendar.add_time(now, wanted - counted)
            # Working days end at a time of work: 18:00, the end of a day, is 09:00 of the next.
            return calendar.next_working(at) if target.business_days else at
        return now + (wanted - counted)
    return _passed(state, calendar, wanted)


def _passed(state: ClockState, calendar: Calendar | None, wanted: timedelta) -> datetime:
    """When so much had been counted, which is in the past."""
    business = _target(state).is_business and calendar is not None
    left = wanted
    last = _anchor(state)
    for segment in _round(state):
        if segment["state"] != "running":
            continue
        begin = read_instant(segment["from"])
        if business:
            assert calendar is not None
            reached = calendar.add_time(begin, left)
        else:
            reached = begin + left
        if segment["to"] is None or reached <= read_instant(segment["to"]):
            days = calendar is not None and bool(_target(state).business_days)
            return calendar.next_working(reached) if calendar and days else reached
        end = read_instant(segment["to"])
        left -= calendar.elapsed(begin, end) if business and calendar is not None else end - begin
        last = end
    return last


def _counted_until(state: ClockState, now: datetime) -> datetime:
    """Until when the present round has counted."""
    ends = [each["to"] for each in _round(state) if each["state"] == "running"]
    return now if not ends or ends[-1] is None else read_instant(ends[-1])


def _total(state: ClockState, calendar: Calendar | None) -> timedelta:
    target = _target(state)
    if not target.is_business:
        return target.elapsed
    if calendar is None:
        return target.business_time
    if target.business_days:
        begin = _anchor(state)
        return calendar.elapsed(begin, calendar.add_days(begin, target.business_days))
    return target.business_time


def _target(state: ClockState) -> Duration:
    return parse_duration(state.target)


def _round(state: ClockState) -> tuple[Mapping[str, Any], ...]:
    """Segments of the present round."""
    return tuple(each for each in state.segments if each["round"] == state.round)


def _anchor(state: ClockState) -> datetime:
    """When the present round began: working days are counted from here."""
    return read_instant(_round(state)[0]["from"])


def _switch(state: ClockState, at: str, into: str) -> ClockState:
    """Close the open segment and open one of a kind. Time never runs backwards."""
    segments = list(state.segments)
    if segments and segments[-1]["to"] is None:
        last = dict(segments[-1])
        at = write_instant(max(read_instant(last["from"]), read_instant(at)))
        last["to"] = at
        segments[-1] = last
    segments.append({"from": at, "to": None, "state": into, "round": state.round})
    return replace(state, segments=tuple(segments))


def _next_round(state: ClockState, at: str, into: str) -> ClockState:
    over = {
        "round": state.round, "state": state.state, "breachedAt": state.breached_at, "until": at,
    }  # fmt: skip
    following = _switch(replace(state, round=state.round + 1), at, into)
    return replace(following, rounds=(*state.rounds, over), breached_at=None)
