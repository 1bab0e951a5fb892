"""What a router is told of somebody who listens: plain JSON that needs no case to be judged.

A subscription is `{id, to, run, since, filters, names}`: to which workflow events go, of which
run of it, since when it can have wanted them, what they must be like, and the values of the
variables that the filters' expressions read. `filters` are `{type, filter, expected}`: the one
type of events or null, an `EventFilter` as a plan holds it, and the correlation values that are known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from language.expressions import parse
from language.plan import EventFilter, Expression, ListTemplate, Literal, MapTemplate, Template
from language.plan_codec import part_from_json, part_to_json
from service.digests import canonical
from service.instants import read_instant
from workflows.routing.filters import Unevaluable, correlated, evaluated, fits, type_of

Subscription = Mapping[str, Any]

LARGEST_NAMES = 8_000
"""Characters of variables that a router keeps for one subscription; a case judges the rest."""


def subscription(
    id: str,
    to: str,
    run: str | None,
    since: str,
    filters: Sequence[EventFilter],
    expected: Mapping[str, Any],
    value_of: Callable[[str], Any],
) -> dict[str, Any]:
    """What a router has to know.

    `value_of` gives a variable's value, or raises `KeyError` for one that may change while
    somebody listens: what reads it is left to the listener.
    """
    names: dict[str, Any] = {}

    def decidable(expression: Expression) -> bool:
        given = {}
        for name in parse(expression.source).variables:
            try:
                given[name] = value_of(name)
            except KeyError:
                return False
        if len(canonical({**names, **given})) > LARGEST_NAMES:
            return False
        names.update(given)
        return True

    told = []
    for each in filters:
        kept = _decidable(each, decidable)
        known = {name: expected[name] for name, _, _ in kept.correlate if name in expected}
        told.append({"type": type_of(kept), "filter": part_to_json(kept), "expected": known})
    return {"id": id, "to": to, "run": run, "since": since, "filters": told, "names": names}


def _decidable(wanted: EventFilter, decidable: Callable[[Expression], bool]) -> EventFilter:
    attributes = _pruned(wanted.attributes, decidable)
    return EventFilter(
        attributes if isinstance(attributes, MapTemplate | Literal) else Literal({}),
        tuple((name, source, None) for name, source, _ in wanted.correlate if decidable(source)),
    )


def _pruned(template: Template, decidable: Callable[[Expression], bool]) -> Template | None:
    """The template without what cannot be judged; None where nothing is left of it."""
    match template:
        case Literal():
            return template
        case Expression():
            return template if decidable(template) else None
        case ListTemplate(items):
            return template if all(_pruned(each, decidable) == each for each in items) else None
        case MapTemplate(entries):
            kept = [(name, _pruned(each, decidable)) for name, each in entries]
            return MapTemplate(tuple((name, each) for name, each in kept if each is not None))


def is_subscription(told: Any) -> bool:
    """Whether a value can be compared with events."""
    try:
        Listener(told)
        read_instant(told["since"])
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        return False
    return all(isinstance(told[name], str) for name in ("id", "to"))


class Listener:
    """A subscription that is ready to be compared with events."""

    def __init__(self, told: Subscription) -> None:
        self.told = told
        self.to: str = told["to"]
        self.run: str | None = told.get("run")
        self._names: Mapping[str, Any] = told.get("names") or {}
        self._filters = [
            (part_from_json(EventFilter, each["filter"]), each.get("expected") or {})
            for each in told["filters"]
        ]

    @property
    def subscriber(self) -> str:
        """Who gets each event once, through whichever of its subscriptions."""
        return f"{self.to} {self.run or ''}"

    def wants(self, shown: Mapping[str, Any]) -> bool | None:
        """Whether an event fits (`filters.seen` of it); None where a known correlation value says so."""
        found: bool | None = False
        for wanted, expected in self._filters:
            try:
                # Correlations first: with many listeners they tell most of them apart, and cheaply.
                values = correlated(wanted, shown, expected, self._evaluate)
                if values is None or not fits(wanted, shown, self._evaluate):
                    continue
            except Unevaluable:
                continue
            if any(name in expected for name in values):
                return None
            found = True
        return found

    def _evaluate(self, expression: Expression, value: Any) -> Any:
        return evaluated(expression, value, self._names)
