"""Consuming events by the standard's strategies, one after the other, with correlations.

What was gathered is data: it lives in a frame of a case, or in the state of a starter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from language.plan import EventFilter, EventStrategy
from workflows.routing.filters import Evaluate, Unevaluable, correlated, fits, seen

Taken = Literal["event", "until"]


class Gathering:
    """One strategy at work. `memory` is JSON that it reads and writes.

    `expected` in it holds the correlation values: those that were given, and those that the first
    event with such a value has fixed. All filters that use a name share its value.
    """

    def __init__(
        self,
        strategy: EventStrategy,
        memory: dict[str, Any],
        evaluate: Evaluate,
        failed: Callable[[str], None] | None = None,
    ) -> None:
        self._strategy = strategy
        self._memory = memory
        self._evaluate = evaluate
        self._failed = failed
        memory.setdefault("expected", {})
        if not self.over and strategy.mode == "all" and not strategy.filters:
            self.end()

    @property
    def over(self) -> bool:
        """Whether nothing more is consumed."""
        return bool(self._memory.get("over"))

    @property
    def expected(self) -> Mapping[str, Any]:
        """The correlation values that are known."""
        return dict(self._memory["expected"])

    def end(self) -> None:
        """Consume nothing more."""
        self._memory["over"] = True

    def offer(self, event: Mapping[str, Any]) -> Taken | None:
        """Consume an event that fits.

        Returns:
            `event` for one that counts, `until` for one that is consumed only to end it.
        """
        if self.over:
            return None
        shown = seen(event)
        strategy = self._strategy
        if strategy.until_filters and self._serves(
            "until", strategy.until_mode, strategy.until_filters, shown
        ):
            if self._complete("until", strategy.until_mode, strategy.until_filters):
                self.end()
            return "until"
        if strategy.mode == "any" and not strategy.filters:
            taken = True
        else:
            taken = self._serves("main", strategy.mode, strategy.filters, shown)
        if not taken:
            return None
        if not strategy.is_open and self._complete("main", strategy.mode, strategy.filters):
            self.end()
        return "event"

    def _serves(
        self, part: str, mode: str, filters: tuple[EventFilter, ...], event: Mapping[str, Any]
    ) -> bool:
        """Whether the event serves a filter; then its correlation values are fixed."""
        found = {}
        for index, each in enumerate(filters):
            values = self._values(each, event)
            if values is not None:
                found[index] = values
        if mode != "all":
            if not found:
                return False
            self._memory["expected"].update(found[next(iter(found))])
            return True
        served: list[list[int]] = self._memory.setdefault(part, [])
        # Each event counts for one filter. Which one may change: an event that fits two of them
        # makes room for a later one that fits only the first.
        choices = [*served, list(found)]
        assignment = _assigned(choices)
        if not found or assignment is None:
            return False
        served.append(list(found))
        self._memory["expected"].update(found[assignment[-1]])
        return True

    def _complete(self, part: str, mode: str, filters: tuple[EventFilter, ...]) -> bool:
        return mode != "all" or len(self._memory.get(part, [])) == len(filters)

    def _values(self, wanted: EventFilter, event: Mapping[str, Any]) -> dict[str, Any] | None:
        try:
            if not fits(wanted, event, self._evaluate):
                return None
            return correlated(wanted, event, self._memory["expected"], self._evaluate)
        except Unevaluable as error:
            if self._failed is not None:
                self._failed(str(error))
            return None


def _assigned(choices: list[list[int]]) -> list[int] | None:
    """A filter for each event out of those it fits, no filter twice; None where there is none."""
    owner: dict[int, int] = {}

    def place(event: int, tried: set[int]) -> bool:
        for each in choices[event]:
            if each in tried:
                continue
            tried.add(each)
            if each not in owner or place(owner[each], tried):
                owner[each] = event
                return True
        return False

    for event in range(len(choices)):
        if not place(event, set()):
            return None
    by_event = {event: each for each, event in owner.items()}
    return [by_event[event] for event in range(len(choices))]
