"""Events that fit the filters of a foreign definition, so that what listens comes to its end."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import jq

from tests.foreign.reading import float_or_int, guess, paths, put, source_of, walk

Json = Any
ROUNDS = 4
MOST_TRIES = 400


def strategies(document: Json) -> Iterator[Mapping[str, Json]]:
    """Every place where a definition names events that it waits for: `one`, `all` or `any`."""
    for place, value in walk(document):
        awaited = place[-1:] == ("to",) and place[-2:-1] == ("listen",)
        if isinstance(value, dict) and (awaited or place == ("schedule", "on")):
            yield value


def filters(strategy: Mapping[str, Json]) -> list[Mapping[str, Json]]:
    """The filters of a strategy; one that takes anything where it has none."""
    for mode in ("one", "all", "any"):
        if mode in strategy:
            named = strategy[mode]
            return [each for each in (named if isinstance(named, list) else [named]) if each] or [
                {}
            ]
    return [{}]


def starting(document: Json, given: Json) -> list[Json] | None:
    """The events that start a definition with `schedule.on`, which are its input; else None."""
    strategy = (document.get("schedule") or {}).get("on")
    if not isinstance(strategy, dict):
        return None
    wanted = filters(strategy)
    if "all" not in strategy:
        wanted = wanted[:1]
    return [event(each, number, given) for number, each in enumerate(wanted, 1)]


def events(document: Json, given: Json) -> list[Json]:
    """Events for all that listens: each filter a few times, then what ends the listening; twice."""
    wanted: list[Mapping[str, Json]] = []
    for strategy in strategies(
        {name: part for name, part in document.items() if name != "schedule"}
    ):
        wanted += filters(strategy) * ROUNDS
        until = strategy.get("until")
        if isinstance(until, dict):
            wanted += filters(until)
    return [event(each, number, given) for number, each in enumerate(wanted * 2, 1)]


def decoys(document: Json, given: Json) -> list[Json]:
    """Events that fit no filter: of another type, and of the right type with data for which no condition holds."""
    made: list[Json] = []
    for strategy in strategies(
        {name: part for name, part in document.items() if name != "schedule"}
    ):
        for wanted in filters(strategy):
            made.append(event(wanted, 0, given) | {"type": "org.example.of-another-type"})
            condition = source_of((wanted.get("with") or {}).get("data"))
            if condition is not None:
                made += _unfitting(condition, event(wanted, 0, given), given)
    return [each | {"id": f"decoy-{number}"} for number, each in enumerate(made, 1)]


def _unfitting(condition: str, fitting: dict[str, Json], given: Json) -> Iterator[Json]:
    variables = _variables(given)
    for leaf in (1, 70, "text", True, 1000, -1000):
        data = _each_leaf(fitting["data"], leaf)
        if _first(condition, data, variables) in (None, False):
            yield fitting | {"data": data}


def _each_leaf(value: Json, leaf: Json) -> Json:
    if isinstance(value, dict):
        return {name: _each_leaf(each, leaf) for name, each in value.items()}
    return leaf


def _variables(given: Json) -> dict[str, Json]:
    return {"input": given, "context": given, "workflow": {"input": given}}


def event(wanted: Mapping[str, Json], number: int, given: Json) -> dict[str, Json]:
    """One event that fits a filter."""
    made: dict[str, Json] = {
        "specversion": "1.0",
        "id": f"foreign-{number}",
        "source": "https://example.org/foreign",
        "type": "org.example.foreign",
        "time": "2026-03-02T09:00:00Z",
        "datacontenttype": "application/json",
        "data": {},
    }
    variables = _variables(given)
    for name, value in (wanted.get("with") or {}).items():
        source = source_of(value)
        made[name] = value if source is None else _fitting(source, variables, made.get(name, {}))
    for each in (wanted.get("correlate") or {}).values():
        _correlate(made, each, variables)
    return made


def _correlate(
    made: dict[str, Json], key: Mapping[str, Json], variables: Mapping[str, Json]
) -> None:
    expected: Json = "room-1"
    if key.get("expect") is not None:
        source = source_of(key["expect"], "expect") or "null"
        expected = _first(source, variables["input"], variables)
        expected = key["expect"] if expected is None and not source.startswith(".") else expected
    for path, _ in paths(source_of(key.get("from"), "from") or ""):
        put(made, path, expected)
        if path[0] != "data" and isinstance(made["data"], dict):
            put(made["data"], path, expected)


def _fitting(source: str, variables: Mapping[str, Json], base: Json) -> Json:
    """A value for which a condition holds, found by trying."""
    read = paths(source)
    fields = [(path, end) for path, end in read if not _of_variable(source, path, end)]
    if not fields:
        return base or "text"
    options = [list(_options(source, path, end, variables)) for path, end in fields]
    for tried in itertools.islice(itertools.product(*options), MOST_TRIES):
        value: dict[str, Json] = dict(base) if isinstance(base, dict) else {}
        for (path, _), leaf in zip(fields, tried, strict=True):
            put(value, path, leaf)
        if _first(source, value, variables) not in (None, False):
            return value
    return value


def _of_variable(source: str, path: list[str], end: int) -> bool:
    return source[: end - len(".".join(path)) - 1].endswith(("$input", "$workflow.input"))


def _options(
    source: str, path: list[str], end: int, variables: Mapping[str, Json]
) -> Iterator[Json]:
    first = guess(source, path, end)
    yield first
    if isinstance(first, int | float) and not isinstance(first, bool):
        yield from (first + 1, first - 1)
    yield from (1, "text", True, 1000, -1000, ["text"])
    yield from (float_or_int(part) for part in source.split() if part.isdigit())


def _first(source: str, value: Json, variables: Mapping[str, Json]) -> Json:
    try:
        return jq.compile(source, args=dict(variables)).input_value(value).first()
    except (ValueError, StopIteration):
        return None
