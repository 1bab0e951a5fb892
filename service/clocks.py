"""Service-level clocks: append-only segments, a target, and what follows from them at an instant.

A transition adds to the segments and never changes what has passed. Elapsed time is the time in
running segments: working time where the target is one, else plain time.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from service.calendars import Calendar
from service.durations import Duration, parse_duration
from service.instants import read_instant, write_instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockState:
    """A clock. Times are ISO 8601 texts in UTC."""

    name: str
    state: str = "idle"
    """idle, running, paused, met, breached or cancelled."""
    segments: tuple[Mapping[str, Any], ...] = ()
    """{from, to or null, state: running | paused | stopped}"""
    target: Any = None
    anchor: str | None = None
    """When the target began to count: working days are counted from here."""
    calendar: str | None = None
    calendar_digest: str | None = None
    breached_at: str | None = None
    fired: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Threshold -> when it fired. Each fires once per target."""
    rounds: int = 0
    """How often the clock was started anew."""

    def to_json(self) -> dict[str, Any]:
        """The clock as JSON."""
        return {
            "name": self.name,
            "state": self.state,
            "segments": [dict(each) for each in self.segments],
            "target": self.target,
            "anchor": self.anchor,
            "calendar": self.calendar,
            "calendarDigest": self.calendar_digest,
            "breachedAt": self.breached_at,
            "fired": dict(self.fired),
            "rounds": self.rounds,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ClockState:
        """The clock that `to_json` wrote."""
        return cls(
            name=data["name"],
            state=data["state"],
            segments=tuple(data["segments"]),
            target=data["target"],
            anchor=data["anchor"],
            calendar=data["calendar"],
            calendar_digest=data["calendarDigest"],
            breached_at=data["breachedAt"],
            fired=dict(data["fired"]),
            rounds=data["rounds"],
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """What a clock says at an instant. `thresholds` are instants; None while it does not run."""

    deadline: datetime | None
    elapsed: timedelta
    remaining: timedelta | None
    breached: bool
    thresholds: Mapping[str, datetime | None]


def start(state: ClockState, at: str, target: Any, calendar: str | None) -> ClockState:
    """Begin to run; a clock that has begun already is left alone."""
    if state.state != "idle":
        return state
    return replace(
        _open(state, at, "running"),
        state="running",
        target=target,
        anchor=at,
        calendar=calendar,
        rounds=state.rounds + 1,
    )


def pause(state: ClockState, at: str) -> ClockState:
    """Stop counting for a while."""
    if state.state != "running":
        return state
    return replace(_open(state, at, "paused"), state="paused")


def resume(state: ClockState, at: str) -> ClockState:
    """Go on counting."""
    if state.state != "paused":
        return state
    return replace(_open(state, at, "running"), state="running")


def stop(state: ClockState, at: str) -> ClockState:
    """End: met, or breached where the target had passed."""
    if state.state not in ("running", "paused"):
        return state
    return replace(_open(state, at, "stopped"), state="breached" if state.breached_at else "met")


def cancel(state: ClockState, at: str) -> ClockState:
    """End without a verdict: out of the figures."""
    if state.state not in ("running", "paused", "idle"):
        return state
    return replace(_open(state, at, "stopped") if state.segments else state, state="cancelled")


def retarget(state: ClockState, target: Any, calendar: str | None = None) -> ClockState:
    """Another target for the same segments; a recorded breach stays recorded.

    Thresholds count anew for the new target.
    """
    if target == state.target:
        return state
    return replace(state, target=target, calendar=calendar or state.calendar, fired={})


def restart(state: ClockState, at: str) -> ClockState:
    """Count from zero again: an update clock after an update."""
    if state.state not in ("running", "paused"):
        return state
    closed = _open(state, at, "stopped")
    return replace(
        _open(closed, at, "running"),
        state="running",
        anchor=at,
        breached_at=None,
        fired={},
        rounds=state.rounds + 1,
    )


def reopen(state: ClockState, at: str, policy: str) -> ClockState:
    """Go on after the end: `resume` counts on, `restart` and `new` count from zero."""
    if state.state not in ("met", "breached"):
        return state
    if policy == "resume":
        return replace(_open(state, at, "running"), state="running")
    return restart(replace(state, state="running"), at)


def breach(state: ClockState, at: str) -> ClockState:
    """Record that the target has passed; the first time counts."""
    return state if state.breached_at else replace(state, breached_at=at)


def fire(state: ClockState, threshold: str, at: str) -> ClockState:
    """Record that a threshold fired."""
    return replace(state, fired={**state.fired, threshold: at})


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
    if state.state in ("idle", "cancelled") or state.target is None:
        empty = dict.fromkeys(thresholds)
        return Reading(None, timedelta(), None, bool(state.breached_at), empty)
    counted = elapsed(state, calendar, now)
    total = _total(state, calendar)
    running = state.state == "running"
    left = total - counted
    points: dict[str, datetime | None] = {}
    for name, threshold in thresholds.items():
        points[name] = (
            _when(state, calendar, now, counted, _at(threshold, total)) if running else None
        )
    deadline = _when(state, calendar, now, counted, total) if running else None
    return Reading(
        deadline=deadline,
        elapsed=counted,
        remaining=left,
        breached=bool(state.breached_at) or left <= timedelta(),
        thresholds=points,
    )


def _at(threshold: Mapping[str, Any], total: timedelta) -> timedelta:
    """Elapsed time at which a threshold lies."""
    if threshold.get("elapsedPercent") is not None:
        return total * float(threshold["elapsedPercent"]) / 100
    before = parse_duration(threshold["remaining"])
    return max(
        total - (before.business_time if before.is_business else before.elapsed), timedelta()
    )


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
    last = read_instant(state.anchor or state.segments[0]["from"])
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
            return reached
        end = read_instant(segment["to"])
        left -= calendar.elapsed(begin, end) if business and calendar is not None else end - begin
        last = end
    return last


def _total(state: ClockState, calendar: Calendar | None) -> timedelta:
    target = _target(state)
    if not target.is_business:
        return target.elapsed
    if calendar is None:
        return target.business_time
    if target.business_days:
        begin = read_instant(state.anchor or state.segments[0]["from"])
        return calendar.elapsed(begin, calendar.add_days(begin, target.business_days))
    return target.business_time


def _target(state: ClockState) -> Duration:
    return parse_duration(state.target)


def _round(state: ClockState) -> tuple[Mapping[str, Any], ...]:
    """Segments of the current round: those from the anchor on."""
    anchor = read_instant(state.anchor) if state.anchor else None
    if anchor is None:
        return state.segments
    return tuple(each for each in state.segments if read_instant(each["from"]) >= anchor)


def _open(state: ClockState, at: str, kind: str) -> ClockState:
    """Close the open segment and open one of a kind. Time never runs backwards."""
    segments = list(state.segments)
    if segments and segments[-1]["to"] is None:
        last = dict(segments[-1])
        begin = read_instant(last["from"])
        last["to"] = write_instant(max(begin, read_instant(at)))
        segments[-1] = last
    segments.append({"from": at, "to": None, "state": kind})
    return replace(state, segments=tuple(segments))
