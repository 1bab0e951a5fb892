"""Sets of events that start a case together (`schedule.on`): pure rules over JSON."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from language.expressions import truthy
from language.plan import EventFilter, EventStart, Expression, Literal, Template
from service.cloud_events import identity, read_as
from service.instants import read_instant, write_instant
from workflows.routing.filters import Unevaluable, evaluated
from workflows.routing.gathering import Gathering

MOST_SETS = 1_000
OLDEST_SET = timedelta(days=30)
"""A set that is not whole by then is let go: what is missing does not come any more."""

MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Start:
    """A case to be started: its input, and a key that only these events give."""

    input: list[Any]
    key: str

    def to_json(self) -> dict[str, Any]:
        """As an activity gets it."""
        return {"input": self.input, "key": self.key}


class Sets:
    """The sets of one definition that are not whole yet."""

    def __init__(self, start: EventStart, kept: Mapping[str, Any] | None = None) -> None:
        """No sets, or those that `to_json` wrote."""
        kept = kept or {}
        self._start = start
        self._open: list[dict[str, Any]] = [dict(each) for each in kept.get("open") or ()]
        """{memory, events, since}, oldest first."""
        self._known: dict[str, None] = dict.fromkeys(kept.get("known") or ())

    def to_json(self) -> dict[str, Any]:
        """All of them."""
        return {"open": self._open, "known": list(self._known)}

    @property
    def open(self) -> int:
        """How many wait for more events."""
        return len(self._open)

    def filters(self) -> tuple[EventFilter, ...]:
        """What has to be subscribed to."""
        strategy = self._start.strategy
        if strategy.mode == "any" and not strategy.filters:
            return (EventFilter(Literal({})), *strategy.until_filters)
        return (*strategy.filters, *strategy.until_filters)

    def expected(self) -> dict[str, Any]:
        """Correlation values that `expect` gives: constants, since no case is there yet."""
        found = {}
        for each in self.filters():
            for name, _, expect in each.correlate:
                if expect is not None:
                    value = _constant(expect)
                    if value is not None:
                        found[name] = value
        return found

    def take(self, event: Mapping[str, Any], now: datetime) -> list[Start]:
        """Put an event where it belongs: into the first set that lacks it, else into a new one.

        Events with other correlation values belong to other sets. The same event again is left out.
        """
        name = identity(event)
        if name in self._known:
            return []
        self._known[name] = None
        while len(self._known) > MOST_REMEMBERED:
            del self._known[next(iter(self._known))]
        self._expire(now)
        fresh = {
            "memory": {"expected": self.expected()}, "events": [], "since": write_instant(now),
        }  # fmt: skip
        for each in (*self._open, fresh):
            gathering = Gathering(self._start.strategy, each["memory"], _evaluate)
            taken = gathering.offer(event)
            if taken is None:
                continue
            if taken == "event":
                each["events"].append(dict(event))
                if self._enough(each["events"]):
                    gathering.end()
            elif each is fresh:
                # What ends a set begins none.
                return []
            if not gathering.over:
                if each is fresh:
                    self._open.append(each)
                    del self._open[:-MOST_SETS]
                return []
            if each is not fresh:
                self._open.remove(each)
            return [self._whole(each["events"])] if each["events"] else []
        return []

    def _enough(self, events: Sequence[Mapping[str, Any]]) -> bool:
        until = self._start.strategy.until
        if until is None:
            return False
        try:
            return truthy(evaluated(until, self._read(events), {}))
        except Unevaluable:
            return False

    def _read(self, events: Sequence[Mapping[str, Any]]) -> list[Any]:
        return [read_as(each, self._start.read) for each in events]

    def _whole(self, events: Sequence[Mapping[str, Any]]) -> Start:
        names = "\n".join(identity(each) for each in events)
        return Start(self._read(events), hashlib.sha256(names.encode()).hexdigest()[:24])

    def _expire(self, now: datetime) -> None:
        self._open = [each for each in self._open if read_instant(each["since"]) > now - OLDEST_SET]


def _constant(template: Template) -> Any:
    if isinstance(template, Literal):
        return template.value
    try:
        return _evaluate(template, None) if isinstance(template, Expression) else None
    except Unevaluable:
        return None


def _evaluate(expression: Expression, value: Any) -> Any:
    return evaluated(expression, value, {})
